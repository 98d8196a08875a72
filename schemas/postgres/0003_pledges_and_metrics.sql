-- The rows: who undertakes what, and what numbers stand. With the rows that later messages or rules took back.
CREATE TABLE yinuo.pledges (
    article_id text NOT NULL REFERENCES yinuo.articles ON DELETE CASCADE,
    pledge_id text NOT NULL,
    span_start integer NOT NULL,
    span_end integer NOT NULL,
    quote text NOT NULL,
    kind text NOT NULL,
    promiser text,
    speaker text,
    speaker_post text,
    executor text,
    action text,
    object text,
    means text,
    purpose text,
    due date,
    due_start date,
    due_basis text NOT NULL,
    due_text text,
    firmness text NOT NULL,
    cue_start integer,
    cue_end integer,
    cue_text text,
    testability text NOT NULL,
    specificity smallint NOT NULL,
    binding text NOT NULL,
    topic text NOT NULL,
    region_name text,
    region_code text,
    inherited jsonb NOT NULL,
    noise jsonb NOT NULL,
    doubts jsonb NOT NULL,
    rules jsonb NOT NULL,
    source_cluster text NOT NULL,
    source_topic text NOT NULL,
    source_partition integer NOT NULL,
    source_offset bigint NOT NULL,
    extractor_version text NOT NULL,
    rules_digest text NOT NULL,
    valid_from timestamptz NOT NULL,
    PRIMARY KEY (article_id, pledge_id),
    -- A quote is text[start:end]: at least its length can be held here.
    CHECK (0 <= span_start AND char_length(quote) = span_end - span_start),
    CHECK (num_nulls(cue_start, cue_end, cue_text) IN (0, 3)),
    CHECK (region_name IS NOT NULL OR region_code IS NULL)
);

CREATE INDEX pledges_pledge_id ON yinuo.pledges (pledge_id);
CREATE INDEX pledges_due ON yinuo.pledges (due) WHERE due IS NOT NULL;

COMMENT ON TABLE yinuo.pledges IS 'Who undertakes what, by when, how firmly: each pledge of each article''s newest form.';
COMMENT ON COLUMN yinuo.pledges.article_id IS 'The article it stands in.';
COMMENT ON COLUMN yinuo.pledges.pledge_id IS
    'First 16 hex digits of sha256 over article, quote without blanks, occurrence and value: stays while those stay.';
COMMENT ON COLUMN yinuo.pledges.span_start IS 'First code point of the quote in the article''s text, from 0.';
COMMENT ON COLUMN yinuo.pledges.span_end IS 'Code point after the last one of the quote.';
COMMENT ON COLUMN yinuo.pledges.quote IS 'The words themselves, unchanged.';
COMMENT ON COLUMN yinuo.pledges.kind IS
    'pledge (an outsider could check it) or aspiration (a direction, nothing checkable).';
COMMENT ON COLUMN yinuo.pledges.promiser IS 'The organisation that answers for it, as the text names it.';
COMMENT ON COLUMN yinuo.pledges.speaker IS 'Name of the person whose words these are.';
COMMENT ON COLUMN yinuo.pledges.speaker_post IS 'That person''s post, as written.';
COMMENT ON COLUMN yinuo.pledges.executor IS 'Who is to act, where the clause names another than the promiser.';
COMMENT ON COLUMN yinuo.pledges.action IS 'The verb.';
COMMENT ON COLUMN yinuo.pledges.object IS 'What the verb acts on.';
COMMENT ON COLUMN yinuo.pledges.means IS 'The frame before the clause that says by what means (以…为抓手).';
COMMENT ON COLUMN yinuo.pledges.purpose IS 'The tail after the clause that says to what end (推动…).';
COMMENT ON COLUMN yinuo.pledges.due IS 'Last day by which it is promised; null where the text gives none.';
COMMENT ON COLUMN yinuo.pledges.due_start IS 'First day of the interval, where the text gives one.';
COMMENT ON COLUMN yinuo.pledges.due_basis IS
    'Where the day comes from: explicit, reference, scope, relative, none.';
COMMENT ON COLUMN yinuo.pledges.due_text IS 'The time phrase as written.';
COMMENT ON COLUMN yinuo.pledges.firmness IS
    'How firmly the words bind, strongest first: guarantee, commitment, aim, effort, rhetoric.';
COMMENT ON COLUMN yinuo.pledges.cue_start IS 'First code point of the word that decided the firmness; null: none.';
COMMENT ON COLUMN yinuo.pledges.cue_end IS 'Code point after that word.';
COMMENT ON COLUMN yinuo.pledges.cue_text IS 'That word.';
COMMENT ON COLUMN yinuo.pledges.testability IS
    'testable (number, date or certifiable end state), weak (a named act) or none (an aspiration).';
COMMENT ON COLUMN yinuo.pledges.specificity IS
    '1 rhetorical, 2 direction, 3 continuing a policy, 4 a goal without number, 5 a concrete act or named thing, '
    '6 number, date or certified level.';
COMMENT ON COLUMN yinuo.pledges.binding IS
    'What the text itself says of the target: binding (约束性), expected (预期性), unstated.';
COMMENT ON COLUMN yinuo.pledges.topic IS
    'Field of policy: growth, industry, investment, innovation, opening, business, agriculture, urban, transport, '
    'environment, education, health, welfare, culture, safety, governance, party, other.';
COMMENT ON COLUMN yinuo.pledges.region_name IS 'The place it is about, as named.';
COMMENT ON COLUMN yinuo.pledges.region_code IS 'Its GB/T 2260 code, where that is certain.';
COMMENT ON COLUMN yinuo.pledges.inherited IS
    'Object, field to {start, end}: where a value that does not stand in the quote was read.';
COMMENT ON COLUMN yinuo.pledges.noise IS 'List of {start, end, kind}: damage of the page that was bridged in the row.';
COMMENT ON COLUMN yinuo.pledges.doubts IS 'List of names: what a reviewer should look at.';
COMMENT ON COLUMN yinuo.pledges.rules IS 'List of the rules that fired.';
COMMENT ON COLUMN yinuo.pledges.source_cluster IS 'Id of the Kafka cluster that the raw message stands in.';
COMMENT ON COLUMN yinuo.pledges.source_topic IS 'Topic of the raw message.';
COMMENT ON COLUMN yinuo.pledges.source_partition IS 'Partition of the raw message.';
COMMENT ON COLUMN yinuo.pledges.source_offset IS 'Offset of the raw message in its partition.';
COMMENT ON COLUMN yinuo.pledges.extractor_version IS 'Semantic version of the extractor that read it.';
COMMENT ON COLUMN yinuo.pledges.rules_digest IS 'sha256 (hex) of the rules that read it.';
COMMENT ON COLUMN yinuo.pledges.valid_from IS 'Since when it stands here with these fields.';

CREATE TABLE yinuo.pledge_history (
    history_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    LIKE yinuo.pledges INCLUDING COMMENTS,
    revision integer NOT NULL,
    content_hash text NOT NULL,
    valid_to timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason IN ('revision', 'rules'))
);
CREATE INDEX pledge_history_article ON yinuo.pledge_history (article_id, pledge_id);

COMMENT ON TABLE yinuo.pledge_history IS
    'Pledges that a newer message or newer rules took back or changed, as they were.';
COMMENT ON COLUMN yinuo.pledge_history.history_id IS 'Number of this entry; later entries have higher numbers.';
COMMENT ON COLUMN yinuo.pledge_history.revision IS 'Revision of the article that it stood in.';
COMMENT ON COLUMN yinuo.pledge_history.content_hash IS
    'Which form of the article its offsets point into: the row of article_history, or of articles, with this hash.';
COMMENT ON COLUMN yinuo.pledge_history.valid_from IS 'Since when it stood with these fields.';
COMMENT ON COLUMN yinuo.pledge_history.valid_to IS 'When it was taken back or changed.';
COMMENT ON COLUMN yinuo.pledge_history.reason IS
    'Why: revision (a newer message with other content) or rules (another extractor or other rules).';

CREATE TABLE yinuo.metrics (
    article_id text NOT NULL REFERENCES yinuo.articles ON DELETE CASCADE,
    metric_id text NOT NULL,
    span_start integer NOT NULL,
    span_end integer NOT NULL,
    quote text NOT NULL,
    indicator text,
    value numeric NOT NULL,
    value_high numeric,
    unit text,
    unit_code text,
    comparator text NOT NULL,
    status text NOT NULL,
    measure text NOT NULL,
    flow text NOT NULL,
    period text,
    period_start date,
    period_end date,
    base text,
    subject text,
    region_name text,
    region_code text,
    pledge_id text,
    noise jsonb NOT NULL,
    doubts jsonb NOT NULL,
    rules jsonb NOT NULL,
    source_cluster text NOT NULL,
    source_topic text NOT NULL,
    source_partition integer NOT NULL,
    source_offset bigint NOT NULL,
    extractor_version text NOT NULL,
    rules_digest text NOT NULL,
    valid_from timestamptz NOT NULL,
    PRIMARY KEY (article_id, metric_id),
    FOREIGN KEY (article_id, pledge_id) REFERENCES yinuo.pledges,
    CHECK (0 <= span_start AND char_length(quote) = span_end - span_start),
    CHECK (region_name IS NOT NULL OR region_code IS NULL)
);

CREATE INDEX metrics_metric_id ON yinuo.metrics (metric_id);
CREATE INDEX metrics_pledge ON yinuo.metrics (article_id, pledge_id) WHERE pledge_id IS NOT NULL;
CREATE INDEX metrics_period_end ON yinuo.metrics (period_end) WHERE period_end IS NOT NULL;

COMMENT ON TABLE yinuo.metrics IS
    'What number, of what, in which unit, compared how, reached or aimed at: each metric of each article''s newest form.';
COMMENT ON COLUMN yinuo.metrics.article_id IS 'The article it stands in.';
COMMENT ON COLUMN yinuo.metrics.metric_id IS
    'First 16 hex digits of sha256 over article, quote without blanks, occurrence and value: stays while those stay.';
COMMENT ON COLUMN yinuo.metrics.span_start IS 'First code point of the quote in the article''s text, from 0.';
COMMENT ON COLUMN yinuo.metrics.span_end IS 'Code point after the last one of the quote.';
COMMENT ON COLUMN yinuo.metrics.quote IS 'The words themselves, unchanged.';
COMMENT ON COLUMN yinuo.metrics.indicator IS 'What is measured, in the text''s words.';
COMMENT ON COLUMN yinuo.metrics.value IS
    'The number, multiplied out (7.11亿元 is 711000000), in the unit; a decline is negative, percent as percent.';
COMMENT ON COLUMN yinuo.metrics.value_high IS 'Upper end of a range, in the unit; null: no range.';
COMMENT ON COLUMN yinuo.metrics.unit IS 'The unit as written, without the multiplier.';
COMMENT ON COLUMN yinuo.metrics.unit_code IS 'UN/CEFACT or UCUM code of the unit where one exists; CNY for 元.';
COMMENT ON COLUMN yinuo.metrics.comparator IS 'How the true value relates to the number: eq, ge, gt, le, lt, approx.';
COMMENT ON COLUMN yinuo.metrics.status IS
    'target (aimed at), achieved (reached), expected (estimated), baseline (what another number starts from), '
    'threshold (only qualifies a class).';
COMMENT ON COLUMN yinuo.metrics.measure IS
    'What kind of quantity: level, change_rate, change_abs, share, rank, count.';
COMMENT ON COLUMN yinuo.metrics.flow IS 'stock (at a moment), flow (over a period), unknown.';
COMMENT ON COLUMN yinuo.metrics.period IS 'The period as 2023, 2023-Q1, 2023-05, 2013-2023 or 2022-12-31.';
COMMENT ON COLUMN yinuo.metrics.period_start IS 'First day of the period.';
COMMENT ON COLUMN yinuo.metrics.period_end IS 'Last day of the period.';
COMMENT ON COLUMN yinuo.metrics.base IS 'What a change is compared with, as written (同比).';
COMMENT ON COLUMN yinuo.metrics.subject IS 'Whose number it is.';
COMMENT ON COLUMN yinuo.metrics.region_name IS 'The place it is about, as named.';
COMMENT ON COLUMN yinuo.metrics.region_code IS 'Its GB/T 2260 code, where that is certain.';
COMMENT ON COLUMN yinuo.metrics.pledge_id IS 'The pledge of the same article that aims at this number.';
COMMENT ON COLUMN yinuo.metrics.noise IS 'List of {start, end, kind}: damage of the page that was bridged in the row.';
COMMENT ON COLUMN yinuo.metrics.doubts IS 'List of names: what a reviewer should look at.';
COMMENT ON COLUMN yinuo.metrics.rules IS 'List of the rules that fired.';
COMMENT ON COLUMN yinuo.metrics.source_cluster IS 'Id of the Kafka cluster that the raw message stands in.';
COMMENT ON COLUMN yinuo.metrics.source_topic IS 'Topic of the raw message.';
COMMENT ON COLUMN yinuo.metrics.source_partition IS 'Partition of the raw message.';
COMMENT ON COLUMN yinuo.metrics.source_offset IS 'Offset of the raw message in its partition.';
COMMENT ON COLUMN yinuo.metrics.extractor_version IS 'Semantic version of the extractor that read it.';
COMMENT ON COLUMN yinuo.metrics.rules_digest IS 'sha256 (hex) of the rules that read it.';
COMMENT ON COLUMN yinuo.metrics.valid_from IS 'Since when it stands here with these fields.';

CREATE TABLE yinuo.metric_history (
    history_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    LIKE yinuo.metrics INCLUDING COMMENTS,
    revision integer NOT NULL,
    content_hash text NOT NULL,
    valid_to timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason IN ('revision', 'rules'))
);
CREATE INDEX metric_history_article ON yinuo.metric_history (article_id, metric_id);

COMMENT ON TABLE yinuo.metric_history IS
    'Metrics that a newer message or newer rules took back or changed, as they were.';
COMMENT ON COLUMN yinuo.metric_history.history_id IS 'Number of this entry; later entries have higher numbers.';
COMMENT ON COLUMN yinuo.metric_history.revision IS 'Revision of the article that it stood in.';
COMMENT ON COLUMN yinuo.metric_history.content_hash IS
    'Which form of the article its offsets point into: the row of article_history, or of articles, with this hash.';
COMMENT ON COLUMN yinuo.metric_history.valid_from IS 'Since when it stood with these fields.';
COMMENT ON COLUMN yinuo.metric_history.valid_to IS 'When it was taken back or changed.';
COMMENT ON COLUMN yinuo.metric_history.reason IS
    'Why: revision (a newer message with other content) or rules (another extractor or other rules).';
