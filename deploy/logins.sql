-- What the pages log in as: reads everything but the bytes of dead letters, and may look at those, send them again and
-- set them aside (roles yinuo_reader and yinuo_operator). It writes no row. Run it again at will, after `yinuo migrate`.
\getenv password YINUO_PAGES_PASSWORD
SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'yinuo_pages') AS missing \gset
\if :missing
CREATE ROLE yinuo_pages LOGIN;
\endif
ALTER ROLE yinuo_pages LOGIN PASSWORD :'password';
GRANT yinuo_reader, yinuo_operator TO yinuo_pages;
