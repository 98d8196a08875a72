-- The schema itself and the list of what was applied to it. Every file runs inside the transaction of `yinuo migrate`.
DO $$
BEGIN
    -- IF NOT EXISTS would ask for the right to make a schema even where an administrator has made this one.
    IF to_regnamespace('yinuo') IS NULL THEN
        CREATE SCHEMA yinuo;
    END IF;
END
$$;
COMMENT ON SCHEMA yinuo IS
    'Pledges and metrics read out of Chinese public-affairs articles. Days are date, moments timestamptz; offsets '
    'are Unicode code points into the article''s text, [start, end).';

CREATE TABLE yinuo.schema_version (
    file text PRIMARY KEY,
    number integer UNIQUE,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE yinuo.schema_version IS
    'SQL files that made this schema. Services refuse to run when it is not exactly theirs.';
COMMENT ON COLUMN yinuo.schema_version.file IS 'Name of the SQL file.';
COMMENT ON COLUMN yinuo.schema_version.number IS
    'Number of a migration, which runs once; null for views and grants, which are made anew when they change.';
COMMENT ON COLUMN yinuo.schema_version.checksum IS 'sha256 (hex) of the file as it was applied.';
COMMENT ON COLUMN yinuo.schema_version.applied_at IS 'When it was applied last.';
