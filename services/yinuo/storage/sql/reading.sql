-- What reading commands ask. A filter that is not given is null, or an empty list, and falls away in the plan. A region
-- is that of the row, or else that of its article: each is asked for by itself, and so each has its index.

-- name: names_with
-- Names are looked up first and asked for as they are: the planner then knows how many there are and how often they stand.
SELECT n.name FROM yinuo.names_in($1::text::regclass, $2::text::name) AS n (name)
WHERE strpos(lower(n.name), lower($3)) > 0;

-- name: articles_with
SELECT count(*) FROM yinuo.articles_with(ARRAY[$1::text], $2);

-- name: names_under
SELECT n.name FROM yinuo.names_in($1::text::regclass, $2::text::name) AS n (name) WHERE starts_with(n.name, $3);

-- name: find_pledges
-- Which articles may have rows with a text is looked up first, as a list: the planner then goes from them to their rows.
SELECT p.*
FROM yinuo.current_pledges AS p
JOIN yinuo.articles AS held USING (article_id)
WHERE
    ($1::text[] IS NULL OR promiser = ANY ($1))
    AND ($2::text[] IS NULL OR speaker = ANY ($2))
    AND ($3::date IS NULL OR due >= $3)
    AND ($4::date IS NULL OR due <= $4)
    AND (cardinality($5::integer[]) = 0 OR array_position(ARRAY['guarantee', 'commitment', 'aim', 'effort', 'rhetoric'], firmness) = ANY ($5))
    AND ($6::text IS NULL OR kind = $6)
    AND ($7::text[] IS NULL OR p.source = ANY ($7))
    AND ($8::text[] IS NULL OR CASE WHEN $13::boolean THEN region_name = ANY ($8) ELSE (region_name = ANY ($8)) IS NOT TRUE END)
    AND ($9::text[] IS NULL OR CASE WHEN $13::boolean THEN region_code = ANY ($9) ELSE (region_code = ANY ($9)) IS NOT TRUE END)
    AND ($14::text[] IS NULL OR $13::boolean OR held.region = ANY ($14))
    AND (
        $10::text IS NULL
        OR strpos(quote COLLATE "C", $10 COLLATE "C") > 0
        OR (quote || $10) COLLATE "C" ~ '[[:space:]\u3000\uFF01-\uFF5EA-Z]'
        AND strpos(yinuo.search_form(quote), yinuo.search_form($10)) > 0
    )
    -- rare: left out where many articles hold the text, which is found sooner by walking along the order.
    AND ($10::text IS NULL OR article_id = ANY (ARRAY(SELECT yinuo.articles_with(ARRAY[$10]))))
    -- end of rare
    AND ($11::text IS NULL OR article_id = $11)
ORDER BY
    CASE WHEN $12::boolean THEN due END,
    p.published_on DESC NULLS LAST, article_id, span_start, pledge_id
LIMIT $15;

-- name: find_due
-- Either what is still to come and what is undated, the nearest first, or what has gone by, the latest first. Lights
-- as in due_pledges, but asked of the table itself, so that the index on due gives the order and the limit ends it.
SELECT p.*, l.light, CASE WHEN isfinite(p.due) THEN p.due - yinuo.today() END AS days_left
FROM yinuo.current_pledges AS p
JOIN yinuo.articles AS held USING (article_id)
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN p.due IS NULL THEN 'undated'
        WHEN p.due < yinuo.today() THEN 'past'
        WHEN p.due <= yinuo.today() + 30 THEN 'due_30'
        WHEN p.due <= yinuo.today() + 90 THEN 'due_90'
        ELSE 'later'
    END AS light
) AS l
WHERE
    ($1::text[] IS NULL OR promiser = ANY ($1))
    AND ($2::text[] IS NULL OR speaker = ANY ($2))
    AND ($3::date IS NULL OR due >= $3)
    AND ($4::date IS NULL OR due <= $4)
    AND (cardinality($5::integer[]) = 0 OR array_position(ARRAY['guarantee', 'commitment', 'aim', 'effort', 'rhetoric'], firmness) = ANY ($5))
    AND ($6::text IS NULL OR kind = $6)
    AND ($7::text[] IS NULL OR p.source = ANY ($7))
    AND ($8::text[] IS NULL OR CASE WHEN $14::boolean THEN region_name = ANY ($8) ELSE (region_name = ANY ($8)) IS NOT TRUE END)
    AND ($9::text[] IS NULL OR CASE WHEN $14::boolean THEN region_code = ANY ($9) ELSE (region_code = ANY ($9)) IS NOT TRUE END)
    AND ($15::text[] IS NULL OR $14::boolean OR held.region = ANY ($15))
    AND (
        $10::text IS NULL
        OR strpos(quote COLLATE "C", $10 COLLATE "C") > 0
        OR (quote || $10) COLLATE "C" ~ '[[:space:]\u3000\uFF01-\uFF5EA-Z]'
        AND strpos(yinuo.search_form(quote), yinuo.search_form($10)) > 0
    )
    -- rare: left out where many articles hold the text, which is found sooner by walking along the order.
    AND ($10::text IS NULL OR article_id = ANY (ARRAY(SELECT yinuo.articles_with(ARRAY[$10]))))
    -- end of rare
    AND ($11::text IS NULL OR article_id = $11)
    AND l.light = ANY ($12::text[])
    AND (NOT $13::boolean OR p.due < yinuo.today())
    AND (
        $13::boolean
        OR 'undated' = ANY ($12::text[])
        OR p.due >= yinuo.today() + CASE
            WHEN 'due_30' = ANY ($12::text[]) THEN 0
            WHEN 'due_90' = ANY ($12::text[]) THEN 31
            ELSE 91
        END
    )
    AND ($13::boolean OR 'undated' <> ANY ($12::text[]) OR p.due IS NULL)
    AND ($13::boolean OR l.light <> 'past')
ORDER BY
    CASE WHEN $13::boolean THEN due END DESC,
    CASE WHEN $13::boolean OR $12::text[] = ARRAY['undated'] THEN NULL ELSE due END,
    p.published_on DESC NULLS LAST, article_id, span_start, pledge_id
LIMIT $16;

-- name: promiser_names
SELECT name FROM yinuo.promiser_names() AS n (name);

-- name: speaker_names
SELECT name FROM yinuo.speaker_names() AS n (name);

-- name: source_names
SELECT name FROM yinuo.source_names() AS n (name);

-- name: search
SELECT * FROM yinuo.search($1, $2);

-- name: holdings
SELECT
    EXISTS (SELECT FROM yinuo.articles) AS articles,
    EXISTS (SELECT FROM yinuo.pledges) AS pledges,
    EXISTS (SELECT FROM yinuo.metrics) AS metrics;

-- name: article
SELECT * FROM yinuo.articles WHERE article_id = $1;

-- name: articles_beginning
SELECT article_id FROM yinuo.articles WHERE starts_with(article_id, $1) ORDER BY article_id LIMIT 4;

-- name: passages_of
SELECT * FROM yinuo.passages WHERE article_id = $1 ORDER BY ordinal;

-- name: pledges_of
SELECT * FROM yinuo.pledges WHERE article_id = $1 ORDER BY span_start, span_end, pledge_id;

-- name: metrics_of
SELECT * FROM yinuo.metrics WHERE article_id = $1 ORDER BY span_start, span_end, metric_id;

-- name: views
SELECT c.relname::text AS view
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = 'yinuo'::regnamespace AND c.relkind = 'v'
ORDER BY c.relname;

-- name: whole_view
-- The statement that reads a view, written by the server out of its catalogue; none for a name that is no view of ours.
SELECT format('SELECT * FROM yinuo.%I', c.relname) AS statement
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = 'yinuo'::regnamespace AND c.relkind = 'v' AND c.relname = $1;

-- name: find_metrics
-- A number is somebody's as its subject or by its pledge: what either may answer is asked for once by each way ($13),
-- so that each has its index. So is its day: that of its pledge, or else the end of its period ($12; null: no day asked).
SELECT m.*
FROM yinuo.current_metrics AS m
JOIN yinuo.articles AS held USING (article_id)
WHERE
    ($1::text[] IS NULL OR CASE WHEN $13::boolean THEN subject = ANY ($1) ELSE (subject = ANY ($1)) IS NOT TRUE END)
    AND ($15::text[] IS NULL OR $13 OR pledge_promiser = ANY ($15))
    AND ($2::text[] IS NULL OR pledge_speaker = ANY ($2))
    AND CASE
        WHEN $12::boolean THEN
            pledge_due IS NOT NULL AND ($3::date IS NULL OR pledge_due >= $3) AND ($4::date IS NULL OR pledge_due <= $4)
        WHEN NOT $12::boolean THEN
            pledge_due IS NULL AND ($3::date IS NULL OR period_end >= $3) AND ($4::date IS NULL OR period_end <= $4)
        ELSE true
    END
    AND (cardinality($5::text[]) = 0 OR pledge_firmness = ANY ($5))
    AND (cardinality($6::text[]) = 0 OR status = ANY ($6))
    AND ($7::text[] IS NULL OR m.source = ANY ($7))
    AND ($8::text[] IS NULL OR CASE WHEN $14::boolean THEN region_name = ANY ($8) ELSE (region_name = ANY ($8)) IS NOT TRUE END)
    AND ($9::text[] IS NULL OR CASE WHEN $14::boolean THEN region_code = ANY ($9) ELSE (region_code = ANY ($9)) IS NOT TRUE END)
    AND ($16::text[] IS NULL OR $14::boolean OR held.region = ANY ($16))
    -- rare: left out where many articles hold the text, which is found sooner by walking along the order.
    AND ($10::text IS NULL OR article_id = ANY (ARRAY(SELECT yinuo.articles_with(ARRAY[$10]))))
    -- end of rare
    -- The form that search compares is dear: it is made only of what blanks, full width or capitals could hide.
    AND (
        $10::text IS NULL
        OR strpos(quote COLLATE "C", $10 COLLATE "C") > 0
        OR (quote || $10) COLLATE "C" ~ '[[:space:]\u3000\uFF01-\uFF5EA-Z]'
        AND strpos(yinuo.search_form(quote), yinuo.search_form($10)) > 0
        OR strpos(indicator COLLATE "C", $10 COLLATE "C") > 0
        OR (indicator || $10) COLLATE "C" ~ '[[:space:]\u3000\uFF01-\uFF5EA-Z]'
        AND strpos(yinuo.search_form(indicator), yinuo.search_form($10)) > 0
    )
    AND ($11::text IS NULL OR article_id = $11)
ORDER BY
    CASE WHEN $12::boolean THEN pledge_due WHEN NOT $12::boolean THEN period_end END,
    m.published_on DESC NULLS LAST, article_id, span_start, metric_id
LIMIT $17;

-- name: outcome_states
-- What is held of articles that were sent, for who missed the announcement.
SELECT
    s.place, a.revision, a.content_hash, a.source_cluster, a.source_topic, a.source_partition, a.source_offset,
    a.source_timestamp, a.extractor_version, a.rules_digest,
    EXISTS (SELECT FROM yinuo.article_history AS h WHERE h.article_id = s.article_id) AS replaced_another,
    EXISTS (SELECT FROM yinuo.dead_letters AS d WHERE d.identity = s.identity) AS dead,
    EXISTS (SELECT FROM yinuo.forgotten AS f WHERE f.kind = 'article' AND f.id = s.article_id) AS forgotten
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS s (article_id, identity, place)
LEFT JOIN yinuo.articles AS a USING (article_id);
