-- What downstream questions need: which day today is, words to search for, and an index for each thing asked by.
-- STABLE, though constant: the planner then notes that a plan depends on it and forgets the plan when it is replaced.
CREATE FUNCTION yinuo.timezone() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN 'Asia/Shanghai';
COMMENT ON FUNCTION yinuo.timezone() IS
    'The zone whose calendar says which day today is: YINUO_TIMEZONE, as `yinuo migrate` or `yinuo up` noted it last.';

-- One expression without a table: views that compare days with it take it in, and the planner sees through it.
CREATE FUNCTION yinuo.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(
    nullif(current_setting('yinuo.today', true), '')::date,
    (now() AT TIME ZONE coalesce(
        nullif(current_setting('yinuo.timezone', true), ''), yinuo.timezone()
    ))::date
);
COMMENT ON FUNCTION yinuo.today() IS
    'Today in yinuo.timezone(). For one session: SET yinuo.timezone = ''Asia/Urumqi'' for '
    'another zone, SET yinuo.today = ''2023-06-30'' to look at things as of another day.';

-- The Python twin of these three is yinuo/storage/searching.py; tests/storage/search_vectors.json holds both to one
-- definition.
CREATE FUNCTION yinuo.search_form(content text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(translate(
    normalize(content, NFKC),
    U&'\0009\000A\000B\000C\000D\0020\0085\00AD\061C\1680\180E\200B\200C\200D\200E\200F\2028\2029'
    '\202A\202B\202C\202D\202E\2060\2061\2062\2063\2064\2066\2067\2068\2069\FEFF',
    ''
) COLLATE "C");
COMMENT ON FUNCTION yinuo.search_form(text) IS
    'The text as search compares it: NFKC (full width is half width), no blanks, line breaks or invisible '
    'characters, ASCII letters small.';

CREATE FUNCTION yinuo.search_tokens(content text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT coalesce(array_agg(DISTINCT t.token ORDER BY t.token), '{}')
    FROM (
        SELECT c.one COLLATE "C" AS one, (c.one || lead(c.one) OVER (ORDER BY c.place)) COLLATE "C" AS two
        FROM string_to_table(yinuo.search_form(content), NULL) WITH ORDINALITY AS c (one, place)
    ) AS pair
    CROSS JOIN LATERAL (VALUES (pair.one), (pair.two)) AS t (token)
    WHERE t.token IS NOT NULL
);
COMMENT ON FUNCTION yinuo.search_tokens(text) IS
    'Every character and every two neighbouring characters of search_form, once each, in code point order.';

CREATE FUNCTION yinuo.search_words(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT coalesce(array_agg(DISTINCT f.form ORDER BY f.form), '{}')
    FROM string_to_table(
        translate(
            normalize(words, NFKC),
            U&'\0009\000A\000B\000C\000D\0085\1680\2028\2029',
            '         '
        ),
        ' '
    ) AS w (word)
    CROSS JOIN LATERAL (SELECT yinuo.search_form(w.word) COLLATE "C" AS form) AS f
    WHERE f.form <> ''
);
COMMENT ON FUNCTION yinuo.search_words(text) IS 'The words of a question, parted at blanks, each in search_form.';

-- Lists, not tsvector: a tsvector holds a megabyte at most, and a long article's tokens may be more.
ALTER TABLE yinuo.articles ALTER COLUMN search_tokens TYPE text[] COLLATE "C" USING NULL;
COMMENT ON COLUMN yinuo.articles.search_tokens IS
    'Characters and pairs of neighbours in title and text, as yinuo.search_tokens makes them, for yinuo.search.';
UPDATE yinuo.articles AS a SET search_tokens = (
    SELECT coalesce(array_agg(DISTINCT t.token COLLATE "C" ORDER BY t.token COLLATE "C"), '{}')
    FROM unnest(yinuo.search_tokens(coalesce(a.title, '')) || yinuo.search_tokens(a.text)) AS t (token)
);
ALTER TABLE yinuo.articles ALTER COLUMN search_tokens SET NOT NULL;
-- More of the commonest tokens are counted, so that the planner knows which words half of all articles hold.
ALTER TABLE yinuo.articles ALTER COLUMN search_tokens SET STATISTICS 300;
CREATE INDEX articles_search ON yinuo.articles USING gin (search_tokens);
CREATE INDEX articles_source ON yinuo.articles (source);

-- NULLs included: what is undated is asked for too, and a list by day needs no sorting.
DROP INDEX yinuo.pledges_due;
CREATE INDEX pledges_due ON yinuo.pledges (due);
CREATE INDEX pledges_promiser ON yinuo.pledges (promiser, due);
CREATE INDEX pledges_speaker ON yinuo.pledges (speaker) WHERE speaker IS NOT NULL;
CREATE INDEX pledges_region ON yinuo.pledges (region_name) WHERE region_name IS NOT NULL;
CREATE INDEX metrics_indicator ON yinuo.metrics (indicator);
CREATE INDEX metrics_subject ON yinuo.metrics (subject) WHERE subject IS NOT NULL;
CREATE INDEX metrics_region ON yinuo.metrics (region_name) WHERE region_name IS NOT NULL;
