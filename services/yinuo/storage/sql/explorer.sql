-- What the explorer's pages ask. A question is put together from the parts below, never from anybody's words: {}
-- stands for a bound value, {key}, {id} and {view} for names out of this file.

-- name: pledges_rows
yinuo.current_pledges

-- name: metrics_rows
yinuo.current_metrics

-- name: targets_rows
yinuo.pledge_targets

-- name: due_rows
-- As in due_pledges, but out of one table, so that the index on due gives the order and the limit ends it.
(
    SELECT p.*, l.light, CASE WHEN isfinite(p.due) THEN p.due - yinuo.today() END AS days_left
    FROM yinuo.current_pledges AS p
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN p.due IS NULL THEN 'undated'
            WHEN p.due < yinuo.today() THEN 'past'
            WHEN p.due <= yinuo.today() + 30 THEN 'due_30'
            WHEN p.due <= yinuo.today() + 90 THEN 'due_90'
            ELSE 'later'
        END AS light
    ) AS l
) AS due_rows

-- name: silent_rows
-- As in silent_pledges, likewise.
(
    SELECT
        p.*, CASE WHEN p.due < yinuo.today() THEN 'past' ELSE 'due_30' END AS light,
        CASE WHEN isfinite(p.due) THEN p.due - yinuo.today() END AS days_left,
        coalesce(p.object, p.quote) AS looked_for
    FROM yinuo.current_pledges AS p
    WHERE p.due <= yinuo.today() + 30
        AND p.kind = 'pledge'
        AND p.published_on IS NOT NULL
        AND NOT yinuo.mentioned_later(coalesce(p.object, p.quote), p.promiser, p.published_on)
) AS silent_rows

-- name: page
SELECT * FROM {view}

-- name: facets
-- Counted over a bounded number of rows, so that the answer takes no longer the more there are.
WITH hits AS MATERIALIZED (SELECT * FROM {view} {where} LIMIT {})
SELECT f.facet, f.choice, count(*) AS often
FROM hits
CROSS JOIN LATERAL (VALUES {columns}) AS f (facet, choice)
GROUP BY f.facet, f.choice
ORDER BY f.facet, often DESC, f.choice

-- name: at_most_milliseconds
SELECT set_config('statement_timeout', {}, true)

-- name: pledge_facets
('', ''), ('promiser', promiser), ('speaker', speaker), ('executor', executor), ('firmness', firmness), ('testability', testability),
('topic', topic), ('region', region_name), ('source', source), ('kind', kind),
('due', CASE
    WHEN due IS NULL THEN 'undated' WHEN due < {} THEN 'past' WHEN due <= {} THEN 'due_30'
    WHEN due <= {} THEN 'due_90' ELSE 'later'
END)

-- name: view_facets
('', ''), ('promiser', promiser), ('speaker', speaker), ('executor', executor), ('firmness', firmness), ('testability', testability),
('topic', topic), ('region', region_name), ('source', source), ('kind', kind)

-- name: target_facets
('', ''), ('promiser', promiser), ('indicator', indicator), ('speaker', speaker), ('firmness', firmness),
('testability', testability), ('status', status), ('unit', unit), ('source', source)

-- name: metric_facets
('', ''), ('indicator', indicator), ('subject', subject), ('status', status), ('measure', measure), ('unit', unit),
('region', region_name), ('source', source), ('period', period), ('pledge_promiser', pledge_promiser),
('pledge_firmness', pledge_firmness)

-- name: order
-- Two parts, rows that have the key and then those that have none: an index gives either in its order, forward or back.
ORDER BY {key} {direction}, article_id {ties}, span_start {ties}, {id} {ties}

-- name: order_without
ORDER BY article_id {ties}, span_start {ties}, {id} {ties}

-- name: with_key
{key} IS NOT NULL

-- name: without_key
{key} IS NULL

-- name: after_value
({key} {beyond}= {} AND ({key} {beyond} {} OR (article_id, span_start, {id}) {behind} ({}, {}, {})))

-- name: after_null
(article_id, span_start, {id}) {behind} ({}, {}, {})

-- name: sort_due
due

-- name: sort_published
published_on

-- name: sort_promiser
promiser

-- name: sort_firmness
array_position(ARRAY['guarantee', 'commitment', 'aim', 'effort', 'rhetoric'], firmness)

-- name: sort_specificity
specificity

-- name: sort_indicator
indicator

-- name: sort_value
value

-- name: sort_period
period_end

-- name: sort_status
status

-- name: articles_with
SELECT count(*) FROM yinuo.articles_with({}::text[], {});

-- name: in_articles
-- For rare words: as a list, so that the planner goes from it to the rows. What many articles hold is found sooner by
-- walking along the order.
article_id = ANY (ARRAY(SELECT yinuo.articles_with({}::text[])))

-- name: row_word
-- The form that search compares is dear: it is made only of what blanks, full width or capitals could hide a word in.
(
    strpos(lower(quote COLLATE "C"), {}::text COLLATE "C") > 0
    OR quote COLLATE "C" ~ '[[:space:]\u3000\uFF01-\uFF5EA-Z]' AND strpos(yinuo.search_form(quote), {}) > 0
    OR strpos(lower({named} COLLATE "C"), {}::text COLLATE "C") > 0
    OR {named} COLLATE "C" ~ '[[:space:]\u3000\uFF01-\uFF5EA-Z]' AND strpos(yinuo.search_form({named}), {}) > 0
    OR strpos(lower(title COLLATE "C"), {}::text COLLATE "C") > 0
    OR title COLLATE "C" ~ '[[:space:]\u3000\uFF01-\uFF5EA-Z]' AND strpos(yinuo.search_form(title), {}) > 0
)

-- name: promiser
promiser = ANY ({}::text[])

-- name: speaker
speaker = ANY ({}::text[])

-- name: executor
executor = ANY ({}::text[])

-- name: firmness
array_position(ARRAY['guarantee', 'commitment', 'aim', 'effort', 'rhetoric'], firmness) = ANY ({}::integer[])

-- name: testability
testability = ANY ({}::text[])

-- name: topic
topic = ANY ({}::text[])

-- name: kind
kind = ANY ({}::text[])

-- name: region
region_name = ANY ({}::text[])

-- name: source
source = ANY ({}::text[])

-- name: article
article_id = ANY ({}::text[])

-- name: indicator
indicator = ANY ({}::text[])

-- name: pledge_promiser
pledge_promiser = ANY ({}::text[])

-- name: pledge_firmness
pledge_firmness = ANY ({}::text[])

-- name: subject
subject = ANY ({}::text[])

-- name: status
status = ANY ({}::text[])

-- name: measure
measure = ANY ({}::text[])

-- name: unit
unit = ANY ({}::text[])

-- name: period
period = ANY ({}::text[])

-- name: due_from
due >= {}::date

-- name: due_by
due <= {}::date

-- name: undated
due IS NULL

-- name: counts
SELECT
    (SELECT count(*) FROM yinuo.articles) AS articles,
    (SELECT count(*) FROM yinuo.metrics) AS metrics,
    (SELECT count(*) FROM yinuo.dead_letters WHERE state = 'new') AS dead_letters;

-- name: due_counts
-- By firmness and by month of one reading, so that both are of one moment.
WITH days AS MATERIALIZED (
    SELECT kind, firmness, due, count(*) AS often FROM yinuo.pledges GROUP BY kind, firmness, due
)
SELECT kind, firmness, NULL AS month, sum(often)::bigint AS often FROM days GROUP BY kind, firmness
UNION ALL
SELECT NULL, NULL, coalesce(to_char(due, 'YYYY-MM'), 'undated') AS month, sum(often)::bigint
FROM days
WHERE kind = 'pledge' AND (due IS NULL OR due BETWEEN '1900-01-01' AND '2999-12-31')
GROUP BY 3;

-- name: top_promisers
SELECT
    promiser, count(*) AS pledges,
    count(*) FILTER (WHERE firmness IN ('guarantee', 'commitment')) AS firm,
    min(due) FILTER (WHERE due >= {}) AS next_due
FROM yinuo.pledges
WHERE kind = 'pledge' AND promiser IS NOT NULL
GROUP BY promiser
ORDER BY pledges DESC, promiser
LIMIT {};

-- name: last_articles
SELECT
    a.article_id, a.title, left(a.text, 60) AS opening, a.source, a.published_on, a.valid_from,
    (SELECT count(*) FROM yinuo.pledges AS p WHERE p.article_id = a.article_id AND p.kind = 'pledge') AS pledges,
    (SELECT count(*) FROM yinuo.metrics AS m WHERE m.article_id = a.article_id) AS metrics
FROM (SELECT * FROM yinuo.articles ORDER BY received_at DESC, article_id LIMIT {}) AS a
ORDER BY a.received_at DESC, a.article_id;

-- name: one_article
SELECT
    article_id, revision, title, source, published_on, url, page, author, region, text, reference_date,
    reference_basis, skipped, extractor_name, extractor_version, rules_digest, received_at, valid_from
FROM yinuo.articles
WHERE article_id = {};

-- name: passages
SELECT span_start, span_end, kind, speaker_name, speaker_post, speaker_organisation
FROM yinuo.passages
WHERE article_id = {}
ORDER BY span_start, ordinal;

-- name: article_marks
-- Where the rows of an article stand, and nothing else of them: there may be thousands.
SELECT 'p-' || pledge_id AS key, kind, span_start, span_end, cue_start, cue_end, nullif(inherited, jsonb_build_object()) AS inherited
FROM yinuo.pledges
WHERE article_id = {}
UNION ALL
SELECT 'm-' || metric_id, 'metric', span_start, span_end, NULL, NULL, NULL
FROM yinuo.metrics
WHERE article_id = {}
ORDER BY span_start, span_end, key;

-- name: neighbours
-- Which row stands before and after one, in the order of the text, and its place among all of the article.
SELECT n.before, n.after, n.place, n.total
FROM (
    SELECT
        r.key, lag(r.key) OVER w AS before, lead(r.key) OVER w AS after, row_number() OVER w AS place,
        count(*) OVER () AS total
    FROM (
        SELECT 'p-' || pledge_id AS key, span_start, span_end FROM yinuo.pledges WHERE article_id = {}
        UNION ALL
        SELECT 'm-' || metric_id, span_start, span_end FROM yinuo.metrics WHERE article_id = {}
    ) AS r
    WINDOW w AS (ORDER BY r.span_start, r.span_end, r.key)
) AS n
WHERE n.key = {};

-- name: overlapping
-- Other rows on the same words.
SELECT key, quote
FROM (
    SELECT 'p-' || pledge_id AS key, quote, article_id, span_start, span_end FROM yinuo.pledges
    UNION ALL
    SELECT 'm-' || metric_id, quote, article_id, span_start, span_end FROM yinuo.metrics
) AS r
WHERE article_id = {} AND span_start < {} AND span_end > {} AND key <> {}
ORDER BY span_start, key
LIMIT 8;

-- name: article_pledges
SELECT * FROM yinuo.current_pledges WHERE article_id = {} ORDER BY span_start, span_end, pledge_id;

-- name: article_metrics
SELECT * FROM yinuo.current_metrics WHERE article_id = {} ORDER BY span_start, span_end, metric_id;

-- name: one_pledge
SELECT * FROM yinuo.current_pledges WHERE pledge_id = {};

-- name: one_metric
SELECT * FROM yinuo.current_metrics WHERE metric_id = {};

-- name: around
-- A little of the text before and after each of some stretches, in their order.
SELECT
    substr(a.text, greatest(s.span_start - 24, 0) + 1, least(s.span_start, 24)) AS before,
    substr(a.text, s.span_end + 1, 12) AS after
FROM unnest({}::text[], {}::integer[], {}::integer[]) WITH ORDINALITY AS s (article_id, span_start, span_end, place)
LEFT JOIN yinuo.articles AS a USING (article_id)
ORDER BY s.place;

-- name: promiser_pledges
SELECT * FROM yinuo.current_pledges
WHERE promiser = {} AND kind = 'pledge'
ORDER BY due NULLS LAST, article_id, span_start
LIMIT {};

-- name: promiser_summary
SELECT * FROM yinuo.promisers WHERE promiser = {};

-- name: indicator_series
SELECT * FROM yinuo.current_metrics
WHERE indicator = {}
ORDER BY period_end NULLS LAST, period_start, subject, region_name, article_id, span_start
LIMIT {};

-- name: names_with
SELECT n.name FROM yinuo.names_in({}::text::regclass, {}::text::name) AS n (name)
WHERE NOT EXISTS (SELECT FROM unnest({}::text[]) AS w (word) WHERE strpos(yinuo.search_form(n.name), w.word) = 0);

-- name: names_in_order
SELECT n.name, NULL AS often FROM yinuo.names_in({}::text::regclass, {}::text::name) AS n (name)
WHERE ({}::text[] IS NULL OR n.name = ANY ({})) AND ({}::text IS NULL OR n.name > {})
ORDER BY n.name
LIMIT {};

-- name: names_by_rows
-- Counted along the index on the column.
SELECT n.name, n.often
FROM (
    SELECT t.{column} AS name, {often} AS often FROM {table} AS t
    WHERE t.{column} IS NOT NULL AND ({}::text[] IS NULL OR t.{column} = ANY ({}))
    GROUP BY t.{column}
) AS n
WHERE {}::bigint IS NULL OR n.often < {} OR n.often = {} AND n.name > {}
ORDER BY n.often DESC, n.name
LIMIT {};

-- name: pledges_alone
count(*) FILTER (WHERE t.kind = 'pledge')

-- name: all_of_them
count(*)

-- name: promisers_named
-- What the index on promisers knows; the rest stands on each one's page.
SELECT
    promiser,
    count(*) FILTER (WHERE kind = 'pledge') AS pledges,
    count(*) FILTER (WHERE kind = 'aspiration') AS aspirations,
    count(*) FILTER (WHERE kind = 'pledge' AND firmness = 'guarantee') AS guarantees,
    count(*) FILTER (WHERE kind = 'pledge' AND firmness = 'commitment') AS commitments,
    count(*) FILTER (WHERE kind = 'pledge' AND firmness = 'aim') AS aims,
    count(*) FILTER (WHERE kind = 'pledge' AND firmness = 'effort') AS efforts,
    count(*) FILTER (WHERE kind = 'pledge' AND firmness = 'rhetoric') AS rhetoric,
    count(*) FILTER (WHERE kind = 'pledge' AND due IS NOT NULL) AS dated,
    min(due) FILTER (WHERE kind = 'pledge' AND due >= yinuo.today()) AS next_due
FROM yinuo.pledges
WHERE promiser = ANY ({}::text[])
GROUP BY promiser;

-- name: speakers_named
SELECT * FROM yinuo.speakers WHERE speaker = ANY ({}::text[]) ORDER BY speaker, speaker_post;

-- name: indicators_named
SELECT
    indicator,
    count(*) AS figures,
    count(*) FILTER (WHERE status = 'target') AS targets,
    count(*) FILTER (WHERE status = 'achieved') AS results,
    count(*) FILTER (WHERE status = 'expected') AS expectations,
    min(period_end) AS first_day,
    max(period_end) AS last_day
FROM yinuo.metrics
WHERE indicator = ANY ({}::text[])
GROUP BY indicator;
