-- What each role may do, and nothing more. Applied once all three roles are there.

-- What an earlier release gave and this one does not is taken back.
REVOKE ALL ON ALL TABLES IN SCHEMA yinuo FROM yinuo_writer, yinuo_reader, yinuo_operator;

-- Everyone: see whether the schema is theirs.
GRANT USAGE ON SCHEMA yinuo TO yinuo_writer, yinuo_reader, yinuo_operator;
GRANT SELECT ON yinuo.schema_version TO yinuo_writer, yinuo_reader, yinuo_operator;

-- The writer: rows come, are replaced, go to history; dead letters come and change state; none of them is deleted.
GRANT SELECT, INSERT, UPDATE ON yinuo.articles TO yinuo_writer;
GRANT SELECT, INSERT, DELETE ON yinuo.passages, yinuo.pledges, yinuo.metrics TO yinuo_writer;
GRANT SELECT, INSERT ON yinuo.article_history, yinuo.pledge_history, yinuo.metric_history TO yinuo_writer;
GRANT SELECT, INSERT, UPDATE ON yinuo.ingest_offsets TO yinuo_writer;
GRANT SELECT ON yinuo.forgotten TO yinuo_writer;
GRANT INSERT ON yinuo.dead_letters TO yinuo_writer;
GRANT SELECT (identity, attempts, attempt_identities, state, resolved_by) ON yinuo.dead_letters TO yinuo_writer;
GRANT UPDATE (stage, type, message, failed_at, attempts, attempt_identities, state, state_changed_at, resolved_by)
    ON yinuo.dead_letters TO yinuo_writer;

-- The reader: everything but the bytes of dead letters, which may be anything.
GRANT SELECT ON
    yinuo.articles, yinuo.article_history, yinuo.passages, yinuo.pledges, yinuo.pledge_history, yinuo.metrics,
    yinuo.metric_history, yinuo.ingest_offsets, yinuo.forgotten,
    yinuo.current_pledges, yinuo.current_metrics, yinuo.article_evidence, yinuo.promisers,
    yinuo.due_pledges, yinuo.pledge_targets, yinuo.speakers, yinuo.indicators, yinuo.silent_pledges
    TO yinuo_reader;
GRANT SELECT (
    identity, source_cluster, source_topic, source_partition, source_offset, source_timestamp, value_bytes, stage,
    type, message, failed_at, attempts, attempt_identities, state, state_changed_at, resolved_by, stored_at,
    article_id, article_source, replays, replayed_at
) ON yinuo.dead_letters TO yinuo_reader;

-- The operator: look at dead letters, send them again, set them aside.
GRANT SELECT ON yinuo.dead_letters TO yinuo_operator;
GRANT UPDATE (state, state_changed_at, replays, replayed_at) ON yinuo.dead_letters TO yinuo_operator;
