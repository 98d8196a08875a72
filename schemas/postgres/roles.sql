-- The three roles, for the whole server. NOLOGIN: give one to the login of a service or a person with
-- `GRANT yinuo_writer TO someone`. Needs CREATEROLE; a role that is there already is left as it is.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['yinuo_writer', 'yinuo_reader', 'yinuo_operator'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION
                -- Another database of this server was faster.
                WHEN duplicate_object OR unique_violation THEN NULL;
            END;
        END IF;
    END LOOP;
END
$$;
