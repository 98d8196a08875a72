-- The downstream interface. Columns may be added at the end of a view; none goes, moves or changes its type, so that
-- CREATE OR REPLACE always works and nothing that others built on a view breaks.

CREATE OR REPLACE VIEW yinuo.current_pledges AS
SELECT
    p.pledge_id, p.article_id, a.revision, a.title, a.source, a.published_on, a.url, a.page,
    p.span_start, p.span_end, p.quote, p.kind, p.promiser, p.speaker, p.speaker_post, p.executor,
    p.action, p.object, p.means, p.purpose, p.due, p.due_start, p.due_basis, p.due_text,
    p.firmness, p.cue_start, p.cue_end, p.cue_text, p.testability, p.specificity, p.binding, p.topic,
    p.region_name, p.region_code, p.inherited, p.noise, p.doubts, p.rules,
    a.reference_date, a.reference_basis,
    p.source_cluster, p.source_topic, p.source_partition, p.source_offset,
    p.extractor_version, p.rules_digest, p.valid_from, a.region AS article_region
FROM yinuo.pledges AS p
JOIN yinuo.articles AS a USING (article_id);

COMMENT ON VIEW yinuo.current_pledges IS
    'Every pledge and aspiration of every article''s newest form, with the article it stands in.';
COMMENT ON COLUMN yinuo.current_pledges.article_region IS
    'Name or GB/T 2260 code of the place the article is about, as the sender gave it.';

CREATE OR REPLACE VIEW yinuo.current_metrics AS
SELECT
    m.metric_id, m.article_id, a.revision, a.title, a.source, a.published_on, a.url, a.page,
    m.span_start, m.span_end, m.quote, m.indicator, m.value, m.value_high, m.unit, m.unit_code,
    m.comparator, m.status, m.measure, m.flow, m.period, m.period_start, m.period_end, m.base,
    m.subject, m.region_name, m.region_code, m.pledge_id, m.noise, m.doubts, m.rules,
    p.kind AS pledge_kind, p.promiser AS pledge_promiser, p.speaker AS pledge_speaker,
    p.due AS pledge_due, p.firmness AS pledge_firmness,
    a.reference_date, a.reference_basis,
    m.source_cluster, m.source_topic, m.source_partition, m.source_offset,
    m.extractor_version, m.rules_digest, m.valid_from, a.region AS article_region
FROM yinuo.metrics AS m
JOIN yinuo.articles AS a USING (article_id)
LEFT JOIN yinuo.pledges AS p ON p.article_id = m.article_id AND p.pledge_id = m.pledge_id;

COMMENT ON VIEW yinuo.current_metrics IS
    'Every metric of every article''s newest form, with its article and the pledge that aims at it.';
COMMENT ON COLUMN yinuo.current_metrics.pledge_kind IS 'Kind of the pledge that aims at this number.';
COMMENT ON COLUMN yinuo.current_metrics.pledge_promiser IS 'The organisation that answers for that pledge.';
COMMENT ON COLUMN yinuo.current_metrics.pledge_speaker IS 'The person whose words that pledge is.';
COMMENT ON COLUMN yinuo.current_metrics.pledge_due IS 'Last day by which it is promised.';
COMMENT ON COLUMN yinuo.current_metrics.pledge_firmness IS 'How firmly the words of that pledge bind.';
COMMENT ON COLUMN yinuo.current_metrics.article_region IS
    'Name or GB/T 2260 code of the place the article is about, as the sender gave it.';

CREATE OR REPLACE VIEW yinuo.article_evidence AS
SELECT
    e.article_id, a.revision, a.title, a.source, a.published_on, a.url, a.page,
    e.row_kind, e.row_id, e.span_start, e.span_end, e.quote,
    substr(a.text, greatest(e.span_start - 40, 0) + 1, least(e.span_start, 40)) AS text_before,
    substr(a.text, e.span_end + 1, 40) AS text_after,
    g.kind AS passage_kind, g.speaker_name, g.speaker_post, g.speaker_organisation,
    e.rules, e.doubts, e.extractor_version
FROM (
    SELECT article_id, 'pledge' AS row_kind, pledge_id AS row_id, span_start, span_end, quote, rules, doubts,
        extractor_version
    FROM yinuo.pledges
    UNION ALL
    SELECT article_id, 'metric', metric_id, span_start, span_end, quote, rules, doubts, extractor_version
    FROM yinuo.metrics
) AS e
JOIN yinuo.articles AS a USING (article_id)
LEFT JOIN LATERAL (
    SELECT s.kind, s.speaker_name, s.speaker_post, s.speaker_organisation
    FROM yinuo.passages AS s
    WHERE s.article_id = e.article_id AND s.span_start <= e.span_start AND e.span_start < s.span_end
    ORDER BY s.span_start DESC, s.ordinal DESC
    LIMIT 1
) AS g ON true;

COMMENT ON VIEW yinuo.article_evidence IS
    'Where every pledge and metric stands: its words in their surroundings, the passage and who speaks in it.';
COMMENT ON COLUMN yinuo.article_evidence.row_kind IS 'pledge or metric: which table has the row.';
COMMENT ON COLUMN yinuo.article_evidence.row_id IS 'Its pledge_id or metric_id.';
COMMENT ON COLUMN yinuo.article_evidence.text_before IS 'Up to 40 code points of the text before the quote.';
COMMENT ON COLUMN yinuo.article_evidence.text_after IS 'Up to 40 code points of the text after the quote.';
COMMENT ON COLUMN yinuo.article_evidence.passage_kind IS
    'What the passage is that the quote begins in: headline, kicker, byline, question, answer, body, noise.';

CREATE OR REPLACE VIEW yinuo.promisers AS
SELECT
    p.promiser,
    count(*) FILTER (WHERE p.kind = 'pledge') AS pledges,
    count(*) FILTER (WHERE p.kind = 'aspiration') AS aspirations,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.testability = 'testable') AS testable,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.due IS NOT NULL) AS dated,
    min(p.due) FILTER (WHERE p.kind = 'pledge') AS first_due,
    max(p.due) FILTER (WHERE p.kind = 'pledge') AS last_due,
    count(DISTINCT p.article_id) AS articles,
    min(a.published_on) AS first_published_on,
    max(a.published_on) AS last_published_on
FROM yinuo.pledges AS p
JOIN yinuo.articles AS a USING (article_id)
WHERE p.promiser IS NOT NULL
GROUP BY p.promiser;

COMMENT ON VIEW yinuo.promisers IS 'Each organisation that promised anything, as the texts name it, and how much.';
COMMENT ON COLUMN yinuo.promisers.promiser IS 'The organisation, as the texts name it.';
COMMENT ON COLUMN yinuo.promisers.pledges IS 'How many pledges it answers for.';
COMMENT ON COLUMN yinuo.promisers.aspirations IS 'How many aspirations it answers for.';
COMMENT ON COLUMN yinuo.promisers.testable IS 'How many of the pledges are testable.';
COMMENT ON COLUMN yinuo.promisers.dated IS 'How many of the pledges have a day by which they are due.';
COMMENT ON COLUMN yinuo.promisers.first_due IS 'Earliest day by which one of the pledges is due.';
COMMENT ON COLUMN yinuo.promisers.last_due IS 'Latest day by which one of the pledges is due.';
COMMENT ON COLUMN yinuo.promisers.articles IS 'In how many articles it promises anything.';
COMMENT ON COLUMN yinuo.promisers.first_published_on IS 'Day of the earliest of those articles.';
COMMENT ON COLUMN yinuo.promisers.last_published_on IS 'Day of the latest of those articles.';

-- A column that a view takes over unchanged keeps the comment of its table. Tables named first win.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT DISTINCT ON (v.view_name, c.attname)
            v.view_name, c.attname, col_description(t.attrelid, t.attnum) AS comment
        FROM (VALUES
            ('current_pledges', ARRAY['pledges', 'articles']),
            ('current_metrics', ARRAY['metrics', 'articles']),
            ('article_evidence', ARRAY['pledges', 'passages', 'articles'])
        ) AS v (view_name, table_names)
        CROSS JOIN LATERAL unnest(v.table_names) WITH ORDINALITY AS n (table_name, place)
        JOIN pg_attribute AS c ON c.attrelid = format('yinuo.%I', v.view_name)::regclass AND c.attnum > 0
        JOIN pg_attribute AS t ON t.attrelid = format('yinuo.%I', n.table_name)::regclass AND t.attname = c.attname
        WHERE col_description(t.attrelid, t.attnum) IS NOT NULL
        ORDER BY v.view_name, c.attname, n.place
    LOOP
        EXECUTE format('COMMENT ON COLUMN yinuo.%I.%I IS %L', found.view_name, found.attname, found.comment);
    END LOOP;
END
$$;
