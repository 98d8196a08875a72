-- Who promises most, how firmly, and what is due when are counted from the index alone, the table is not read.
DROP INDEX yinuo.pledges_promiser;
CREATE INDEX pledges_promiser ON yinuo.pledges (promiser, due, kind, firmness);

-- A name that was put together from several places of a text stands nowhere in it as it is: whoever looks for such a
-- name's words finds the article by these.
ALTER TABLE yinuo.articles ADD COLUMN name_tokens text[] COLLATE "C" NOT NULL DEFAULT '{}';
COMMENT ON COLUMN yinuo.articles.name_tokens IS
    'Tokens, as in search_tokens, of the promisers and indicators that its rows name and that stand neither in its '
    'title nor in its text as they are.';
UPDATE yinuo.articles AS a SET name_tokens = n.tokens
FROM (
    SELECT t.article_id, array_agg(DISTINCT k.token COLLATE "C" ORDER BY k.token COLLATE "C") AS tokens
    FROM (
        SELECT article_id, yinuo.search_form(text) AS form, yinuo.search_form(coalesce(title, '')) AS title_form
        FROM yinuo.articles
        OFFSET 0
    ) AS t
    JOIN (
        SELECT article_id, indicator AS name FROM yinuo.metrics WHERE indicator IS NOT NULL
        UNION
        SELECT article_id, promiser FROM yinuo.pledges WHERE promiser IS NOT NULL
    ) AS r USING (article_id)
    CROSS JOIN LATERAL unnest(yinuo.search_tokens(r.name)) AS k (token)
    WHERE strpos(t.form, yinuo.search_form(r.name)) = 0 AND strpos(t.title_form, yinuo.search_form(r.name)) = 0
    GROUP BY t.article_id
) AS n
WHERE n.article_id = a.article_id;
CREATE INDEX articles_names ON yinuo.articles USING gin (name_tokens);
