-- Forgetting on purpose: what was purged stays out; dead letters say which article and newspaper they are of, and how
-- often they were sent again.
CREATE TABLE yinuo.forgotten (
    kind text NOT NULL CHECK (kind IN ('article', 'dead_letter')),
    id text NOT NULL,
    forgotten_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, id)
);

COMMENT ON TABLE yinuo.forgotten IS
    'What was purged on purpose. A message of such an article, or a repeat of such a dead letter, is not stored again.';
COMMENT ON COLUMN yinuo.forgotten.kind IS 'article or dead_letter.';
COMMENT ON COLUMN yinuo.forgotten.id IS 'The article''s id, or the dead letter''s identity.';
COMMENT ON COLUMN yinuo.forgotten.forgotten_at IS 'When it was purged.';

ALTER TABLE yinuo.dead_letters
    ADD COLUMN article_id text,
    ADD COLUMN article_source text,
    ADD COLUMN replays integer NOT NULL DEFAULT 0,
    ADD COLUMN replayed_at timestamptz;
CREATE INDEX dead_letters_article ON yinuo.dead_letters (article_id);

COMMENT ON COLUMN yinuo.dead_letters.article_id IS
    'The article it is of, as far as key, headers and bytes tell; null: unknown.';
COMMENT ON COLUMN yinuo.dead_letters.article_source IS
    'The newspaper or site of that article, as far as headers and bytes tell; null: unknown.';
COMMENT ON COLUMN yinuo.dead_letters.replays IS 'How often it was sent again.';
COMMENT ON COLUMN yinuo.dead_letters.replayed_at IS 'When it was sent again last; null: never.';

-- What is kept for a time only is looked for by its end.
CREATE INDEX articles_received_at ON yinuo.articles (received_at);
CREATE INDEX article_history_valid_to ON yinuo.article_history (valid_to);
CREATE INDEX pledge_history_valid_to ON yinuo.pledge_history (valid_to);
CREATE INDEX metric_history_valid_to ON yinuo.metric_history (valid_to);
