-- What the streams leave here: how far each consumer group has come, and the messages that could not be read.
CREATE TABLE yinuo.ingest_offsets (
    cluster text NOT NULL,
    consumer_group text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL CHECK (next_offset >= 0),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (cluster, consumer_group, topic, partition)
);

COMMENT ON TABLE yinuo.ingest_offsets IS
    'How far each consumer group has come, written in the transaction that stores what it read.';
COMMENT ON COLUMN yinuo.ingest_offsets.cluster IS
    'Id of the Kafka cluster: an embedded broker started anew is another cluster, whose offsets begin at 0.';
COMMENT ON COLUMN yinuo.ingest_offsets.consumer_group IS 'The consumer group.';
COMMENT ON COLUMN yinuo.ingest_offsets.topic IS 'The topic it reads.';
COMMENT ON COLUMN yinuo.ingest_offsets.partition IS 'The partition of the topic.';
COMMENT ON COLUMN yinuo.ingest_offsets.next_offset IS 'Offset of the next message to be read.';
COMMENT ON COLUMN yinuo.ingest_offsets.updated_at IS 'When it last moved.';

CREATE TABLE yinuo.dead_letters (
    identity text PRIMARY KEY,
    source_cluster text NOT NULL,
    source_topic text NOT NULL,
    source_partition integer NOT NULL,
    source_offset bigint NOT NULL,
    source_timestamp timestamptz NOT NULL,
    key bytea,
    value bytea,
    -- json, not jsonb: it also takes the escapes of characters that jsonb refuses, and keeps order and repeats.
    headers json NOT NULL,
    value_bytes integer GENERATED ALWAYS AS (octet_length(value)) STORED,
    stage text,
    type text,
    message text NOT NULL,
    failed_at timestamptz,
    attempts integer NOT NULL CHECK (attempts >= 1),
    attempt_identities text[] NOT NULL,
    state text NOT NULL CHECK (state IN ('new', 'replayed', 'resolved', 'ignored')),
    state_changed_at timestamptz NOT NULL DEFAULT now(),
    resolved_by text,
    stored_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX dead_letters_state ON yinuo.dead_letters (state, stored_at);

COMMENT ON TABLE yinuo.dead_letters IS 'Messages that could not be read or stored, with their bytes, once each.';
COMMENT ON COLUMN yinuo.dead_letters.identity IS
    'cluster:topic:partition:offset of the failed message; of the dead letter itself where its headers are unreadable.';
COMMENT ON COLUMN yinuo.dead_letters.source_cluster IS 'Id of the Kafka cluster that the failed message stands in.';
COMMENT ON COLUMN yinuo.dead_letters.source_topic IS 'Its topic, where a replay sends it again.';
COMMENT ON COLUMN yinuo.dead_letters.source_partition IS 'Its partition.';
COMMENT ON COLUMN yinuo.dead_letters.source_offset IS 'Its offset.';
COMMENT ON COLUMN yinuo.dead_letters.source_timestamp IS 'The broker''s timestamp of it.';
COMMENT ON COLUMN yinuo.dead_letters.key IS 'Its key, unchanged; null: none.';
COMMENT ON COLUMN yinuo.dead_letters.value IS 'Its bytes, unchanged; null: none.';
COMMENT ON COLUMN yinuo.dead_letters.headers IS
    'Its own headers in their order: a list of [name, value in base64 or null].';
COMMENT ON COLUMN yinuo.dead_letters.value_bytes IS 'How long the value is, in bytes.';
COMMENT ON COLUMN yinuo.dead_letters.stage IS
    'Where it failed: decode, validate, extract, write; null where the headers are unreadable.';
COMMENT ON COLUMN yinuo.dead_letters.type IS
    'Why: empty, blank, binary, encoding, json, unknown_field, wrong_type, bad_date, bad_id, too_large, bug, db_data; '
    'null where the headers are unreadable.';
COMMENT ON COLUMN yinuo.dead_letters.message IS 'One line for people: what is wrong and how to mend it.';
COMMENT ON COLUMN yinuo.dead_letters.failed_at IS 'When it failed last.';
COMMENT ON COLUMN yinuo.dead_letters.attempts IS 'How often it was tried, from 1.';
COMMENT ON COLUMN yinuo.dead_letters.attempt_identities IS
    'Positions of the messages that failed, the first and its replays: a repeat of one of them is no new failure.';
COMMENT ON COLUMN yinuo.dead_letters.state IS
    'new, replayed (sent again), resolved (a message with it was stored since), ignored (by hand).';
COMMENT ON COLUMN yinuo.dead_letters.state_changed_at IS 'Since when it is in this state.';
COMMENT ON COLUMN yinuo.dead_letters.resolved_by IS 'Position of the message that was stored in its stead.';
COMMENT ON COLUMN yinuo.dead_letters.stored_at IS 'When it first came into this database.';
