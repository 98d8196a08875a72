-- What the migrations ask and note. The schema itself is made by the files of schemas/postgres.

-- name: server
SELECT
    current_setting('server_version_num')::integer AS version_number,
    current_setting('server_version') AS version,
    current_setting('server_encoding') AS encoding;

-- name: lock
-- Held to the end of the transaction; the number means nothing but "the schema of yinuo".
SELECT pg_advisory_xact_lock(7926335344172073);

-- name: has_versions
SELECT to_regclass('yinuo.schema_version') IS NOT NULL;

-- name: versions
SELECT file, number, checksum FROM yinuo.schema_version;

-- name: record
INSERT INTO yinuo.schema_version (file, number, checksum) VALUES ($1, $2, $3)
ON CONFLICT (file) DO UPDATE SET checksum = excluded.checksum, applied_at = now();

-- name: role_state
SELECT
    count(*) FILTER (WHERE rolname IN ('yinuo_writer', 'yinuo_reader', 'yinuo_operator')) = 3 AS present,
    bool_or(rolname = current_user AND (rolsuper OR rolcreaterole)) AS may_create
FROM pg_roles;

-- name: may_create_schema
-- The schema may be there already, made by an administrator for this user.
SELECT
    coalesce(
        (SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'yinuo'),
        has_database_privilege(current_database(), 'CREATE')
    ) AS may_create,
    quote_ident(current_user) AS username,
    current_database() AS database;

-- name: timezone_statement
-- The statement that notes the zone, if it is another than before. The moment in that zone is asked for so that a
-- name this server does not know is refused here and not in a view.
SELECT format(
    'CREATE OR REPLACE FUNCTION yinuo.timezone() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE RETURN %L', $1::text
)
WHERE yinuo.timezone() <> $1 AND now() AT TIME ZONE $1 IS NOT NULL;

-- name: answers
-- Whether somebody is there at all.
SELECT 1;
