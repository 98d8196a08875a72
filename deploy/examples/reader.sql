-- A login that can read everything and change nothing, and whose statements end after half a minute.
--   psql -v name=analyst -v password="$(openssl rand -hex 16)" -f reader.sql postgresql://admin@db.example/yinuo
-- Limits belong to the login: Postgres does not hand a role's settings on to its members.
CREATE ROLE :"name" LOGIN PASSWORD :'password' CONNECTION LIMIT 10 IN ROLE yinuo_reader;
ALTER ROLE :"name" SET default_transaction_read_only = on;
ALTER ROLE :"name" SET statement_timeout = '30s';
ALTER ROLE :"name" SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE :"name" SET search_path = yinuo;
