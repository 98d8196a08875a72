-- Articles as they stand now, what each stretch of their text is, and the forms they had before.
CREATE TABLE yinuo.articles (
    article_id text PRIMARY KEY,
    revision integer NOT NULL,
    title text,
    source text,
    published_on date,
    url text,
    page text,
    author text,
    region text,
    text text NOT NULL,
    content_hash text NOT NULL,
    reference_date date,
    reference_basis text NOT NULL,
    skipped jsonb NOT NULL,
    extractor_name text NOT NULL,
    extractor_version text NOT NULL,
    rules_digest text NOT NULL,
    source_cluster text NOT NULL,
    source_topic text NOT NULL,
    source_partition integer NOT NULL,
    source_offset bigint NOT NULL,
    source_timestamp timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    valid_from timestamptz NOT NULL,
    search_tokens tsvector
);

-- The newest articles first is how rows are listed.
CREATE INDEX articles_published_on ON yinuo.articles (published_on DESC NULLS LAST, article_id);

COMMENT ON TABLE yinuo.articles IS 'Each article in its newest form, with what was read from it as a whole.';
COMMENT ON COLUMN yinuo.articles.article_id IS
    'The given id, else the first 16 hex digits of sha256 over source, day, title, page and text.';
COMMENT ON COLUMN yinuo.articles.revision IS 'A higher revision replaces a lower one; 0 unless the sender says so.';
COMMENT ON COLUMN yinuo.articles.title IS 'The headline, where it is known apart from the text.';
COMMENT ON COLUMN yinuo.articles.source IS 'Newspaper or site.';
COMMENT ON COLUMN yinuo.articles.published_on IS 'Day of publication.';
COMMENT ON COLUMN yinuo.articles.url IS 'Where the article was found.';
COMMENT ON COLUMN yinuo.articles.page IS 'Page of the newspaper it stands on.';
COMMENT ON COLUMN yinuo.articles.author IS 'Who wrote it.';
COMMENT ON COLUMN yinuo.articles.region IS 'Name or GB/T 2260 code of the place it is about, as the sender gave it.';
COMMENT ON COLUMN yinuo.articles.text IS 'The text, unchanged; all offsets are code points into it.';
COMMENT ON COLUMN yinuo.articles.content_hash IS
    'sha256 (hex) over all fields of the article: equal hashes mean equal articles.';
COMMENT ON COLUMN yinuo.articles.reference_date IS 'The day that 今年 counts from; null where the text gives none.';
COMMENT ON COLUMN yinuo.articles.reference_basis IS
    'Where the reference date comes from: published, stated, inferred, none.';
COMMENT ON COLUMN yinuo.articles.skipped IS
    'List of {start, end, reason}: numbers and forward-looking cues that gave no row, and why.';
COMMENT ON COLUMN yinuo.articles.extractor_name IS 'Name of the extractor that read this form of the article.';
COMMENT ON COLUMN yinuo.articles.extractor_version IS 'Semantic version of the extractor that read the article.';
COMMENT ON COLUMN yinuo.articles.rules_digest IS 'sha256 (hex) of the rules that read the article.';
COMMENT ON COLUMN yinuo.articles.source_cluster IS 'Id of the Kafka cluster that the raw message stands in.';
COMMENT ON COLUMN yinuo.articles.source_topic IS 'Topic of the raw message.';
COMMENT ON COLUMN yinuo.articles.source_partition IS 'Partition of the raw message.';
COMMENT ON COLUMN yinuo.articles.source_offset IS 'Offset of the raw message in its partition.';
COMMENT ON COLUMN yinuo.articles.source_timestamp IS 'The broker''s timestamp of the raw message.';
COMMENT ON COLUMN yinuo.articles.received_at IS 'When the article first came into this database, in any form.';
COMMENT ON COLUMN yinuo.articles.valid_from IS 'Since when the article stands here in this form.';
COMMENT ON COLUMN yinuo.articles.search_tokens IS 'Bigrams of title and text for full-text search; null: not made yet.';

-- Copies columns and comments: a form that was replaced keeps every column, the search tokens excepted.
CREATE TABLE yinuo.article_history (
    history_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    LIKE yinuo.articles INCLUDING COMMENTS,
    valid_to timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason IN ('revision', 'rules'))
);
ALTER TABLE yinuo.article_history DROP COLUMN search_tokens;
CREATE INDEX article_history_article ON yinuo.article_history (article_id, content_hash);

COMMENT ON TABLE yinuo.article_history IS
    'Forms of articles that were replaced. Rows of pledge_history and metric_history point into the text here that '
    'has their article_id and content_hash, or into articles where only the rules changed since.';
COMMENT ON COLUMN yinuo.article_history.history_id IS 'Number of this entry; later entries have higher numbers.';
COMMENT ON COLUMN yinuo.article_history.valid_from IS 'Since when the article stood in this form.';
COMMENT ON COLUMN yinuo.article_history.valid_to IS 'When this form was replaced.';
COMMENT ON COLUMN yinuo.article_history.reason IS
    'What replaced it: revision (a newer message with other content) or rules (another extractor or other rules).';

CREATE TABLE yinuo.passages (
    article_id text NOT NULL REFERENCES yinuo.articles ON DELETE CASCADE,
    ordinal integer NOT NULL,
    span_start integer NOT NULL,
    span_end integer NOT NULL,
    kind text NOT NULL,
    speaker_name text,
    speaker_post text,
    speaker_organisation text,
    source_cluster text NOT NULL,
    source_topic text NOT NULL,
    source_partition integer NOT NULL,
    source_offset bigint NOT NULL,
    extractor_version text NOT NULL,
    rules_digest text NOT NULL,
    PRIMARY KEY (article_id, ordinal),
    CHECK (0 <= span_start AND span_start <= span_end)
);

COMMENT ON TABLE yinuo.passages IS 'Stretches of each article''s text, what they are and who speaks in them.';
COMMENT ON COLUMN yinuo.passages.article_id IS 'The article.';
COMMENT ON COLUMN yinuo.passages.ordinal IS 'Place among the passages of the article, from 0.';
COMMENT ON COLUMN yinuo.passages.span_start IS 'First code point of the passage in the article''s text, from 0.';
COMMENT ON COLUMN yinuo.passages.span_end IS 'Code point after the last one of the passage.';
COMMENT ON COLUMN yinuo.passages.kind IS 'headline, kicker, byline, question, answer, body, noise.';
COMMENT ON COLUMN yinuo.passages.speaker_name IS 'Who speaks in it.';
COMMENT ON COLUMN yinuo.passages.speaker_post IS 'The speaker''s post, as written.';
COMMENT ON COLUMN yinuo.passages.speaker_organisation IS 'The organisation the speaker speaks for, as written.';
COMMENT ON COLUMN yinuo.passages.source_cluster IS 'Id of the Kafka cluster that the raw message stands in.';
COMMENT ON COLUMN yinuo.passages.source_topic IS 'Topic of the raw message.';
COMMENT ON COLUMN yinuo.passages.source_partition IS 'Partition of the raw message.';
COMMENT ON COLUMN yinuo.passages.source_offset IS 'Offset of the raw message in its partition.';
COMMENT ON COLUMN yinuo.passages.extractor_version IS 'Semantic version of the extractor that read the passage.';
COMMENT ON COLUMN yinuo.passages.rules_digest IS 'sha256 (hex) of the rules that read the passage.';
