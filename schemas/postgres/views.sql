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
    max(a.published_on) AS last_published_on,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.firmness = 'guarantee') AS guarantees,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.firmness = 'commitment') AS commitments,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.firmness = 'aim') AS aims,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.firmness = 'effort') AS efforts,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.firmness = 'rhetoric') AS rhetoric,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.testability = 'weak') AS weakly_testable,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.testability = 'none') AS untestable,
    min(p.due) FILTER (WHERE p.kind = 'pledge' AND p.due >= t.today) AS next_due
FROM (SELECT yinuo.today() AS today OFFSET 0) AS t
CROSS JOIN yinuo.pledges AS p
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
COMMENT ON COLUMN yinuo.promisers.guarantees IS 'How many of the pledges are worded as guarantees, the firmest.';
COMMENT ON COLUMN yinuo.promisers.commitments IS 'How many are worded as commitments.';
COMMENT ON COLUMN yinuo.promisers.aims IS 'How many are worded as aims.';
COMMENT ON COLUMN yinuo.promisers.efforts IS 'How many are worded as efforts.';
COMMENT ON COLUMN yinuo.promisers.rhetoric IS 'How many are rhetoric, the weakest.';
COMMENT ON COLUMN yinuo.promisers.weakly_testable IS 'How many of the pledges name an act, but nothing to measure.';
COMMENT ON COLUMN yinuo.promisers.untestable IS 'How many of the pledges nobody can test.';
COMMENT ON COLUMN yinuo.promisers.next_due IS
    'The nearest day, from yinuo.today() on, by which one of the pledges is due; null: none lies ahead.';

-- One branch a light, not a CASE, and articles joined after: asking for one light reads that stretch of the index on
-- due and nothing else, in the order of days.
CREATE OR REPLACE VIEW yinuo.due_pledges AS
SELECT
    p.light, CASE WHEN isfinite(p.due) THEN p.due - yinuo.today() END AS days_left,
    p.pledge_id, p.article_id, a.revision, a.title, a.source, a.published_on, a.url, a.page,
    p.span_start, p.span_end, p.quote, p.kind, p.promiser, p.speaker, p.speaker_post, p.executor,
    p.action, p.object, p.means, p.purpose, p.due, p.due_start, p.due_basis, p.due_text,
    p.firmness, p.cue_start, p.cue_end, p.cue_text, p.testability, p.specificity, p.binding, p.topic,
    p.region_name, p.region_code, p.inherited, p.noise, p.doubts, p.rules,
    a.reference_date, a.reference_basis,
    p.source_cluster, p.source_topic, p.source_partition, p.source_offset,
    p.extractor_version, p.rules_digest, p.valid_from, a.region AS article_region
FROM (
    SELECT 'past' AS light, p.* FROM yinuo.pledges AS p WHERE p.due < yinuo.today()
    UNION ALL
    SELECT 'due_30', p.* FROM yinuo.pledges AS p WHERE p.due BETWEEN yinuo.today() AND yinuo.today() + 30
    UNION ALL
    SELECT 'due_90', p.* FROM yinuo.pledges AS p WHERE p.due BETWEEN yinuo.today() + 31 AND yinuo.today() + 90
    UNION ALL
    SELECT 'later', p.* FROM yinuo.pledges AS p WHERE p.due > yinuo.today() + 90
    UNION ALL
    SELECT 'undated', p.* FROM yinuo.pledges AS p WHERE p.due IS NULL
) AS p
JOIN yinuo.articles AS a USING (article_id);

COMMENT ON VIEW yinuo.due_pledges IS
    'Every pledge and aspiration with how far off its day is, as of yinuo.today(). It says what was promised until '
    'when, never whether it was kept.';
COMMENT ON COLUMN yinuo.due_pledges.light IS
    'past (the day has gone by), due_30 (today or within 30 days), due_90 (within 31 to 90), later, undated.';
COMMENT ON COLUMN yinuo.due_pledges.days_left IS
    'Days from yinuo.today() to the due day; 0 today, negative when it has gone by, null when undated.';

CREATE OR REPLACE VIEW yinuo.pledge_targets AS
SELECT
    p.pledge_id, p.article_id, p.promiser, p.speaker, p.kind, p.firmness, p.binding, p.testability, p.due, p.quote,
    m.metric_id, m.indicator, m.comparator, m.value, m.value_high, m.unit, m.unit_code, m.status, m.measure, m.flow,
    m.period, m.period_start, m.period_end, m.base, m.subject,
    coalesce(m.region_name, p.region_name) AS region_name,
    CASE WHEN m.region_name IS NULL THEN p.region_code ELSE m.region_code END AS region_code,
    CASE
        WHEN m.comparator IN ('eq', 'ge', 'gt') THEN m.value
        WHEN m.value_high IS NOT NULL THEN m.value
    END AS lowest,
    m.comparator <> 'gt' AS lowest_included,
    CASE
        WHEN m.value_high IS NOT NULL THEN m.value_high
        WHEN m.comparator IN ('eq', 'le', 'lt') THEN m.value
    END AS highest,
    m.comparator <> 'lt' AS highest_included,
    m.quote AS number_quote, m.span_start, m.span_end,
    a.title, a.source, a.published_on, a.url
FROM yinuo.metrics AS m
JOIN yinuo.pledges AS p ON p.article_id = m.article_id AND p.pledge_id = m.pledge_id
JOIN yinuo.articles AS a ON a.article_id = m.article_id;

COMMENT ON VIEW yinuo.pledge_targets IS
    'Each number that a pledge aims at, a row a number. A true value v passes when (lowest IS NULL OR v > lowest OR '
    'lowest_included AND v = lowest) and likewise below highest, in the unit given, for the period given.';
COMMENT ON COLUMN yinuo.pledge_targets.quote IS 'The words of the pledge, unchanged.';
COMMENT ON COLUMN yinuo.pledge_targets.number_quote IS 'The words of the number, unchanged.';
COMMENT ON COLUMN yinuo.pledge_targets.span_start IS 'First code point of number_quote in the article''s text, from 0.';
COMMENT ON COLUMN yinuo.pledge_targets.span_end IS 'Code point after the last one of number_quote.';
COMMENT ON COLUMN yinuo.pledge_targets.region_name IS
    'The place the number is about, as named; where none is named, that of the pledge.';
COMMENT ON COLUMN yinuo.pledge_targets.region_code IS 'Its GB/T 2260 code, where that is certain.';
COMMENT ON COLUMN yinuo.pledge_targets.lowest IS
    'What the true value must reach; null: no lower bound, or one that approx leaves open.';
COMMENT ON COLUMN yinuo.pledge_targets.lowest_included IS 'Whether lowest itself passes (ge, not gt).';
COMMENT ON COLUMN yinuo.pledge_targets.highest IS
    'What the true value must not exceed; null: no upper bound, or one that approx leaves open.';
COMMENT ON COLUMN yinuo.pledge_targets.highest_included IS 'Whether highest itself passes (le, not lt).';

CREATE OR REPLACE VIEW yinuo.speakers AS
SELECT
    p.speaker,
    p.speaker_post,
    jsonb_agg(DISTINCT p.promiser ORDER BY p.promiser) FILTER (WHERE p.promiser IS NOT NULL) AS promisers,
    count(*) FILTER (WHERE p.kind = 'pledge') AS pledges,
    count(*) FILTER (WHERE p.kind = 'aspiration') AS aspirations,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.firmness = 'guarantee') AS guarantees,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.firmness = 'commitment') AS commitments,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.firmness = 'aim') AS aims,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.firmness = 'effort') AS efforts,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.firmness = 'rhetoric') AS rhetoric,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.testability = 'testable') AS testable,
    count(*) FILTER (WHERE p.kind = 'pledge' AND p.due IS NOT NULL) AS dated,
    min(p.due) FILTER (WHERE p.kind = 'pledge' AND p.due >= t.today) AS next_due,
    count(DISTINCT p.article_id) AS articles,
    min(a.published_on) AS first_published_on,
    max(a.published_on) AS last_published_on
FROM (SELECT yinuo.today() AS today OFFSET 0) AS t
CROSS JOIN yinuo.pledges AS p
JOIN yinuo.articles AS a USING (article_id)
WHERE p.speaker IS NOT NULL
GROUP BY p.speaker, p.speaker_post;

COMMENT ON VIEW yinuo.speakers IS
    'Each person who promised anything, in each post as written (two people of one name differ by it), and how much.';
COMMENT ON COLUMN yinuo.speakers.promisers IS 'List of the organisations whose pledges the person spoke.';
COMMENT ON COLUMN yinuo.speakers.pledges IS 'How many pledges are the person''s words.';
COMMENT ON COLUMN yinuo.speakers.aspirations IS 'How many aspirations are.';
COMMENT ON COLUMN yinuo.speakers.guarantees IS 'How many of the pledges are worded as guarantees, the firmest.';
COMMENT ON COLUMN yinuo.speakers.commitments IS 'How many are worded as commitments.';
COMMENT ON COLUMN yinuo.speakers.aims IS 'How many are worded as aims.';
COMMENT ON COLUMN yinuo.speakers.efforts IS 'How many are worded as efforts.';
COMMENT ON COLUMN yinuo.speakers.rhetoric IS 'How many are rhetoric, the weakest.';
COMMENT ON COLUMN yinuo.speakers.testable IS 'How many of the pledges are testable.';
COMMENT ON COLUMN yinuo.speakers.dated IS 'How many of the pledges have a day by which they are due.';
COMMENT ON COLUMN yinuo.speakers.next_due IS
    'The nearest day, from yinuo.today() on, by which one of the pledges is due; null: none lies ahead.';
COMMENT ON COLUMN yinuo.speakers.articles IS 'In how many articles the person promises anything.';
COMMENT ON COLUMN yinuo.speakers.first_published_on IS 'Day of the earliest of those articles.';
COMMENT ON COLUMN yinuo.speakers.last_published_on IS 'Day of the latest of those articles.';

-- The newest article has the word.
CREATE OR REPLACE VIEW yinuo.indicators AS
SELECT
    m.indicator, m.subject, m.region_name, m.region_code, m.measure, m.unit, m.unit_code,
    m.period, m.period_start, m.period_end,
    count(*) FILTER (WHERE m.status = 'target') AS targets,
    (array_agg(m.comparator ORDER BY a.published_on DESC NULLS LAST, a.article_id, m.span_start)
        FILTER (WHERE m.status = 'target'))[1] AS target_comparator,
    (array_agg(m.value ORDER BY a.published_on DESC NULLS LAST, a.article_id, m.span_start)
        FILTER (WHERE m.status = 'target'))[1] AS target_value,
    (array_agg(m.value_high ORDER BY a.published_on DESC NULLS LAST, a.article_id, m.span_start)
        FILTER (WHERE m.status = 'target'))[1] AS target_value_high,
    (array_agg(m.metric_id ORDER BY a.published_on DESC NULLS LAST, a.article_id, m.span_start)
        FILTER (WHERE m.status = 'target'))[1] AS target_metric_id,
    count(*) FILTER (WHERE m.status = 'achieved') AS results,
    (array_agg(m.comparator ORDER BY a.published_on DESC NULLS LAST, a.article_id, m.span_start)
        FILTER (WHERE m.status = 'achieved'))[1] AS result_comparator,
    (array_agg(m.value ORDER BY a.published_on DESC NULLS LAST, a.article_id, m.span_start)
        FILTER (WHERE m.status = 'achieved'))[1] AS result_value,
    (array_agg(m.value_high ORDER BY a.published_on DESC NULLS LAST, a.article_id, m.span_start)
        FILTER (WHERE m.status = 'achieved'))[1] AS result_value_high,
    (array_agg(m.metric_id ORDER BY a.published_on DESC NULLS LAST, a.article_id, m.span_start)
        FILTER (WHERE m.status = 'achieved'))[1] AS result_metric_id,
    count(*) FILTER (WHERE m.status = 'expected') AS expectations,
    (array_agg(m.value ORDER BY a.published_on DESC NULLS LAST, a.article_id, m.span_start)
        FILTER (WHERE m.status = 'expected'))[1] AS expected_value,
    count(DISTINCT m.article_id) AS articles,
    max(a.published_on) AS last_published_on
FROM yinuo.metrics AS m
JOIN yinuo.articles AS a USING (article_id)
WHERE m.indicator IS NOT NULL
GROUP BY
    m.indicator, m.subject, m.region_name, m.region_code, m.measure, m.unit, m.unit_code,
    m.period, m.period_start, m.period_end;

COMMENT ON VIEW yinuo.indicators IS
    'Each indicator as a series over periods, by whose it is, place, measure and unit: the target beside the result. '
    'Where several articles give one number, the newest one''s stands here, and the counts say how many there are.';
COMMENT ON COLUMN yinuo.indicators.targets IS 'How many metrics aim at a value for this period.';
COMMENT ON COLUMN yinuo.indicators.target_comparator IS
    'How the true value is to relate to the target: eq, ge, gt, le, lt, approx.';
COMMENT ON COLUMN yinuo.indicators.target_value IS 'The target, multiplied out, in the unit.';
COMMENT ON COLUMN yinuo.indicators.target_value_high IS 'Upper end of a target that is a range.';
COMMENT ON COLUMN yinuo.indicators.target_metric_id IS 'The metric it is: current_metrics has its words.';
COMMENT ON COLUMN yinuo.indicators.results IS 'How many metrics say what was reached.';
COMMENT ON COLUMN yinuo.indicators.result_comparator IS
    'How the true value relates to the result as given: eq, ge, gt, le, lt, approx.';
COMMENT ON COLUMN yinuo.indicators.result_value IS 'What was reached, multiplied out, in the unit.';
COMMENT ON COLUMN yinuo.indicators.result_value_high IS 'Upper end of a result that is a range.';
COMMENT ON COLUMN yinuo.indicators.result_metric_id IS 'The metric it is: current_metrics has its words.';
COMMENT ON COLUMN yinuo.indicators.expectations IS 'How many metrics estimate a value for this period.';
COMMENT ON COLUMN yinuo.indicators.expected_value IS 'What was estimated, multiplied out, in the unit.';
COMMENT ON COLUMN yinuo.indicators.articles IS 'In how many articles these numbers stand.';
COMMENT ON COLUMN yinuo.indicators.last_published_on IS 'Day of the newest of those articles.';

CREATE OR REPLACE FUNCTION yinuo.search_keys(content text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT coalesce(array_agg(DISTINCT t.token), '{}')
    FROM (SELECT yinuo.search_form(content) AS form OFFSET 0) AS f
    CROSS JOIN LATERAL generate_series(1, greatest(char_length(f.form) - 1, 1)) AS g (at)
    CROSS JOIN LATERAL (SELECT substr(f.form, g.at, 2) COLLATE "C" AS token) AS t
    WHERE t.token <> ''
);
COMMENT ON FUNCTION yinuo.search_keys(text) IS
    'The fewest of its search_tokens that tell which articles may hold a text: each two neighbours, or its one '
    'character. Quicker to look up than all of them, with the same answer.';

-- The planner takes a walk over all texts for cheap, though it must unpack each one's tokens: the index is always better.
CREATE OR REPLACE FUNCTION yinuo.articles_with(words text[], most integer DEFAULT NULL) RETURNS SETOF text
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 500 SET enable_seqscan = off
AS $function$
DECLARE
    keys text[] := ARRAY(SELECT k.token FROM unnest(words) AS w (word), unnest(yinuo.search_keys(w.word)) AS k (token));
BEGIN
    RETURN QUERY
        SELECT a.article_id FROM yinuo.articles AS a WHERE a.search_tokens @> keys
        UNION ALL
        SELECT a.article_id
        FROM unnest(words) AS w (word)
        JOIN yinuo.articles AS a ON a.name_tokens @> yinuo.search_keys(w.word)
        LIMIT most;
END
$function$;
COMMENT ON FUNCTION yinuo.articles_with(text[], integer) IS
    'Ids of the articles that may hold all of the words, in title, text or a name of their rows: those that have all '
    'their tokens, or those of one in such a name; any `most` of them. Some may come twice.';

-- A later article mentions a pledge when it holds the promiser's name and the words of what was promised. The index
-- on tokens finds who may, search_form decides, and is made only where the plain text does not show the words.
-- plpgsql, to be planned once for all pledges; dear, so that it is asked last and only until a page is full: workers
-- beside would ask ahead.
CREATE OR REPLACE FUNCTION yinuo.mentioned_later(words text, promiser text, published_on date) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 10000
AS $function$
DECLARE
    what text := yinuo.search_form(words);
    who text := yinuo.search_form(coalesce(promiser, ''));
    keys text[] := yinuo.search_keys(words) || yinuo.search_keys(coalesce(promiser, ''));
BEGIN
    RETURN EXISTS (
        SELECT FROM yinuo.articles AS later
        WHERE later.search_tokens @> keys
            AND later.published_on > mentioned_later.published_on
            AND (strpos(later.text, words) > 0 OR strpos(yinuo.search_form(later.text), what) > 0)
            AND (strpos(later.text, promiser) > 0 OR strpos(yinuo.search_form(later.text), who) > 0)
    );
END
$function$;
COMMENT ON FUNCTION yinuo.mentioned_later(text, text, date) IS
    'Whether an article published after that day holds both texts; width, case, blanks and line breaks make no '
    'difference. A promiser that is null is held by all.';

CREATE OR REPLACE VIEW yinuo.silent_pledges AS
SELECT w.words AS looked_for, p.*
FROM yinuo.due_pledges AS p
CROSS JOIN LATERAL (SELECT coalesce(p.object, p.quote) AS words) AS w
WHERE p.light IN ('past', 'due_30')
    AND p.kind = 'pledge'
    AND p.published_on IS NOT NULL
    AND NOT yinuo.mentioned_later(w.words, p.promiser, p.published_on);

COMMENT ON VIEW yinuo.silent_pledges IS
    'Pledges whose day has gone by or is within 30 days, and that no later article here mentions again: none '
    'published after holds both the promiser''s name and the words of what was promised. Silence is no breach.';
COMMENT ON COLUMN yinuo.silent_pledges.light IS 'past (the day has gone by) or due_30 (today or within 30 days).';
COMMENT ON COLUMN yinuo.silent_pledges.days_left IS
    'Days from yinuo.today() to the due day; negative when it has gone by.';
COMMENT ON COLUMN yinuo.silent_pledges.looked_for IS
    'The words looked for in later articles: the object of the pledge, else its whole quote.';

-- From name to next name along the index: as many steps as there are names, however many rows have them.
CREATE OR REPLACE FUNCTION yinuo.promiser_names() RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5000
BEGIN ATOMIC
    WITH RECURSIVE next_one AS (
        SELECT min(t.promiser) AS name FROM yinuo.pledges AS t
        UNION ALL
        SELECT (SELECT min(t.promiser) FROM yinuo.pledges AS t WHERE t.promiser > n.name)
        FROM next_one AS n
        WHERE n.name IS NOT NULL
    )
    SELECT n.name FROM next_one AS n WHERE n.name IS NOT NULL;
END;
COMMENT ON FUNCTION yinuo.promiser_names() IS 'Each organisation that promised anything, once, as the texts name it, in order.';

CREATE OR REPLACE FUNCTION yinuo.speaker_names() RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5000
BEGIN ATOMIC
    WITH RECURSIVE next_one AS (
        SELECT min(t.speaker) AS name FROM yinuo.pledges AS t
        UNION ALL
        SELECT (SELECT min(t.speaker) FROM yinuo.pledges AS t WHERE t.speaker > n.name)
        FROM next_one AS n
        WHERE n.name IS NOT NULL
    )
    SELECT n.name FROM next_one AS n WHERE n.name IS NOT NULL;
END;
COMMENT ON FUNCTION yinuo.speaker_names() IS 'Each person who promised anything, once, in order.';

CREATE OR REPLACE FUNCTION yinuo.source_names() RETURNS SETOF text
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5000
BEGIN ATOMIC
    WITH RECURSIVE next_one AS (
        SELECT min(t.source) AS name FROM yinuo.articles AS t
        UNION ALL
        SELECT (SELECT min(t.source) FROM yinuo.articles AS t WHERE t.source > n.name)
        FROM next_one AS n
        WHERE n.name IS NOT NULL
    )
    SELECT n.name FROM next_one AS n WHERE n.name IS NOT NULL;
END;
COMMENT ON FUNCTION yinuo.source_names() IS 'Each newspaper or site that an article came from, once, in order.';

-- A question for part of a name becomes one for whole names, which an index answers. Few names on many rows are read from
-- one to the next along the index, many names in one go through it.
CREATE OR REPLACE FUNCTION yinuo.names_in(whole regclass, field name) RETURNS SETOF text
LANGUAGE plpgsql STABLE ROWS 1000
AS $function$
DECLARE
    often real := (
        SELECT s.n_distinct FROM pg_catalog.pg_stats AS s
        JOIN pg_catalog.pg_class AS c ON c.oid = whole AND c.relname = s.tablename
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = s.schemaname
        WHERE s.attname = field
    );
BEGIN
    IF coalesce(often BETWEEN 0 AND 20000, true) THEN
        RETURN QUERY EXECUTE format(
            'WITH RECURSIVE next_one AS (
                SELECT min(t.%2$I) AS name FROM %1$s AS t
                UNION ALL
                SELECT (SELECT min(t.%2$I) FROM %1$s AS t WHERE t.%2$I > n.name)
                FROM next_one AS n
                WHERE n.name IS NOT NULL
            )
            SELECT n.name FROM next_one AS n WHERE n.name IS NOT NULL', whole, field);
    ELSE
        RETURN QUERY EXECUTE format(
            'SELECT DISTINCT t.%2$I FROM %1$s AS t WHERE t.%2$I IS NOT NULL', whole, field);
    END IF;
END
$function$;
COMMENT ON FUNCTION yinuo.names_in(regclass, name) IS
    'Each text that stands in a column, once. Quick where an index begins with the column.';

-- Made anew, not replaced: what it returns may grow.
DROP FUNCTION IF EXISTS yinuo.search(text, integer);
DROP FUNCTION IF EXISTS yinuo.holds_words(text, text, text[]);

CREATE FUNCTION yinuo.holds_words(title text, content text, words text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 2000
-- Words of one or two characters are tokens themselves: the index has decided about them. The plain text is looked
-- through first, because making its search form takes ten times as long.
RETURN NOT EXISTS (
    SELECT FROM unnest(words) AS w (word)
    WHERE char_length(w.word) > 2
        AND strpos(content, w.word) = 0
        AND strpos(yinuo.search_form(content), w.word) = 0
        AND strpos(coalesce(yinuo.search_form(title), ''), w.word) = 0
);
COMMENT ON FUNCTION yinuo.holds_words(text, text, text[]) IS
    'Whether title or text hold every word (each in search_form); those of one or two characters are not looked at.';

-- plpgsql, to be planned for the words at hand: rare ones are found by the index on tokens, those that half of all
-- articles hold by walking from the newest article on.
CREATE FUNCTION yinuo.search(words text, most integer DEFAULT 50)
RETURNS TABLE (
    article_id text, rank real, hits integer, title text, source text, published_on date,
    pledges bigint, metrics bigint, hit_start integer, hit_end integer, excerpt text
)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 50
AS $function$
DECLARE
    wanted text[] := yinuo.search_words(words);
    keys text[] := (
        SELECT array_agg(DISTINCT k.token)
        FROM unnest(wanted) AS w (word)
        CROSS JOIN LATERAL unnest(yinuo.search_tokens(w.word)) AS k (token)
        WHERE char_length(k.token) = least(char_length(w.word), 2)
    );
    patterns text[] := (
        SELECT array_agg(p.pattern ORDER BY p.place)
        FROM (
            SELECT w.place, string_agg(
                CASE WHEN c.one ~ '[][(){}.*+?^$|\\]' THEN '\' || c.one ELSE c.one END, '\s*' ORDER BY c.place
            ) AS pattern
            FROM unnest(wanted) WITH ORDINALITY AS w (word, place)
            CROSS JOIN LATERAL string_to_table(w.word, NULL) WITH ORDINALITY AS c (one, place)
            GROUP BY w.place
        ) AS p
    );
BEGIN
    RETURN QUERY EXECUTE $query$
        WITH held AS MATERIALIZED (
            SELECT a.article_id, a.title, a.source, a.published_on, a.text
            FROM yinuo.articles AS a
            WHERE a.search_tokens @> $1 AND yinuo.holds_words(a.title, a.text, $2)
            ORDER BY a.published_on DESC NULLS LAST, a.article_id
            LIMIT CASE WHEN $4 <= 300 THEN 300 ELSE $4 END
        ),
        counted AS (
            SELECT h.*, n.hits, n.rank
            FROM held AS h
            CROSS JOIN LATERAL (SELECT lower(h.text COLLATE "C") AS form OFFSET 0) AS f
            CROSS JOIN LATERAL (
                SELECT sum(o.often)::integer AS hits, sum(
                    o.often / (o.often + 1 + octet_length(f.form) / 6000.0)
                    + CASE WHEN strpos(yinuo.search_form(h.title), w.word) > 0 THEN 1 ELSE 0 END
                )::real AS rank
                FROM unnest($2) AS w (word)
                CROSS JOIN LATERAL (
                    SELECT greatest(
                        1,
                        (octet_length(f.form) - octet_length(replace(f.form, w.word, ''))) / octet_length(w.word)
                    ) AS often
                ) AS o
            ) AS n
            ORDER BY n.rank DESC, h.published_on DESC NULLS LAST, h.article_id
            LIMIT $4
        )
        SELECT
            c.article_id, c.rank, c.hits, c.title, c.source, c.published_on,
            (SELECT count(*) FROM yinuo.pledges AS p WHERE p.article_id = c.article_id AND p.kind = 'pledge'),
            (SELECT count(*) FROM yinuo.metrics AS m WHERE m.article_id = c.article_id),
            h.hit_start, h.hit_end,
            regexp_replace(
                substr(
                    c.text, greatest(coalesce(h.hit_start, 0) - 20, 0) + 1,
                    least(coalesce(h.hit_start, 0), 20) + coalesce(h.hit_end - h.hit_start, 0) + 40
                ),
                '\s+', ' ', 'g'
            )
        FROM counted AS c
        LEFT JOIN LATERAL (
            SELECT i.hit_start, i.hit_end
            FROM unnest($3) AS p (pattern)
            CROSS JOIN LATERAL (
                SELECT
                    regexp_instr(c.text, p.pattern, 1, 1, 0, 'i') - 1 AS hit_start,
                    regexp_instr(c.text, p.pattern, 1, 1, 1, 'i') - 1 AS hit_end
            ) AS i
            WHERE i.hit_start >= 0
            ORDER BY i.hit_start, i.hit_end DESC
            LIMIT 1
        ) AS h ON true
        ORDER BY c.rank DESC, c.published_on DESC NULLS LAST, c.article_id
    $query$ USING keys, wanted, patterns, most;
END
$function$;
COMMENT ON FUNCTION yinuo.search(text, integer) IS
    'Articles that hold every word (parted at blanks) in title or text, the best first: how often, how long the text, '
    'whether in the title; equals: the newest first. Width, case, blanks and line breaks make no difference. At most '
    '`most` (null: all), ranked among the newest 300 that hold the words, or among the newest `most`, if that is more. '
    'pledges, metrics: rows of the article. hit_start, hit_end: the first hit in the text, as offsets in code points; '
    'null where it is in the title alone or written otherwise. excerpt: the text around it, or its beginning.';

-- A column that a view takes over unchanged keeps the comment of its table. Tables named first win.
-- `own`: columns that mean something else in the view.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT DISTINCT ON (v.view_name, c.attname)
            v.view_name, c.attname, col_description(t.attrelid, t.attnum) AS comment
        FROM (VALUES
            ('current_pledges', ARRAY['pledges', 'articles'], ARRAY[]::text[]),
            ('current_metrics', ARRAY['metrics', 'articles'], ARRAY[]::text[]),
            ('article_evidence', ARRAY['pledges', 'passages', 'articles'], ARRAY[]::text[]),
            ('due_pledges', ARRAY['pledges', 'articles', 'current_pledges'], ARRAY[]::text[]),
            ('silent_pledges', ARRAY['pledges', 'articles', 'current_pledges'], ARRAY[]::text[]),
            (
                'pledge_targets', ARRAY['pledges', 'metrics', 'articles'],
                ARRAY['quote', 'span_start', 'span_end', 'region_name', 'region_code']
            ),
            ('speakers', ARRAY['pledges'], ARRAY[]::text[]),
            ('indicators', ARRAY['metrics'], ARRAY[]::text[])
        ) AS v (view_name, table_names, own)
        CROSS JOIN LATERAL unnest(v.table_names) WITH ORDINALITY AS n (table_name, place)
        JOIN pg_attribute AS c ON c.attrelid = format('yinuo.%I', v.view_name)::regclass AND c.attnum > 0
        JOIN pg_attribute AS t ON t.attrelid = format('yinuo.%I', n.table_name)::regclass AND t.attname = c.attname
        WHERE col_description(t.attrelid, t.attnum) IS NOT NULL AND c.attname <> ALL (v.own)
        ORDER BY v.view_name, c.attname, n.place
    LOOP
        EXECUTE format('COMMENT ON COLUMN yinuo.%I.%I IS %L', found.view_name, found.attname, found.comment);
    END LOOP;
END
$$;
