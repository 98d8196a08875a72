-- Dead letters: kept once, and their way from new to replayed, resolved or ignored.

-- name: keep
INSERT INTO yinuo.dead_letters (
    identity, source_cluster, source_topic, source_partition, source_offset, source_timestamp, key, value, headers,
    stage, type, message, failed_at, attempts, article_id, article_source, attempt_identities, state
)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, ARRAY[$1], 'new'
-- An extraction that the extractor sent twice stands in its topic twice and fails twice: one message all the same.
WHERE $10 IS DISTINCT FROM 'write' OR NOT EXISTS (
    SELECT
    FROM yinuo.dead_letters AS other
    WHERE
        other.article_id = $15 AND other.stage = 'write' AND other.source_cluster = $2 AND other.source_topic = $3
        AND other.key = $7 AND other.value = $8 AND other.headers::text = ($9::json)::text
)
ON CONFLICT (identity) DO NOTHING
RETURNING identity;

-- name: attempts_of
-- The dead letter that a replay belongs to, locked; nothing where it is not there.
SELECT attempt_identities FROM yinuo.dead_letters WHERE identity = $1 FOR UPDATE;

-- name: fail_again
UPDATE yinuo.dead_letters SET
    stage = $3, type = $4, message = $5, failed_at = $6, attempts = attempts + 1,
    attempt_identities = attempt_identities || ARRAY[$2::text], state = 'new', state_changed_at = now()
WHERE identity = $1;

-- name: resolve
-- A message that was stored resolves the dead letter of its own position and the one it is a replay of; of several
-- the first one counts. What a message resolved once it does not resolve again: its redelivery writes nothing.
WITH open AS (
    SELECT identity, resolved_by
    FROM yinuo.dead_letters
    WHERE identity = ANY ($1::text[]) AND state <> 'resolved'
    ORDER BY identity
    FOR UPDATE
),
stored AS (
    SELECT DISTINCT ON (o.identity) o.identity, s.resolved_by
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS s (identity, resolved_by, place)
    JOIN open AS o USING (identity)
    WHERE o.resolved_by IS DISTINCT FROM s.resolved_by
    ORDER BY o.identity, s.place
)
UPDATE yinuo.dead_letters AS d
SET state = 'resolved', state_changed_at = now(), resolved_by = stored.resolved_by
FROM stored
WHERE d.identity = stored.identity;

-- name: find
SELECT
    identity, source_cluster, source_topic, source_partition, source_offset, source_timestamp, value_bytes, stage,
    type, message, failed_at, attempts, state, state_changed_at, resolved_by, stored_at,
    article_id, article_source, replays, replayed_at
FROM yinuo.dead_letters
WHERE (cardinality($1::text[]) = 0 OR state = ANY ($1))
    AND ($2::text IS NULL OR stage = $2)
    AND ($3::text IS NULL OR type = $3)
    AND ($4::text IS NULL OR source_topic = $4)
    AND ($5::text IS NULL OR strpos(lower(article_source), lower($5)) > 0)
    AND ($6::timestamptz IS NULL OR stored_at >= $6)
    AND ($7::timestamptz IS NULL OR stored_at < $7)
ORDER BY stored_at DESC, identity
LIMIT $8;

-- name: identities
-- The next identities after $8, in their order, so that letters that change state meanwhile are met once.
SELECT identity
FROM yinuo.dead_letters
WHERE (cardinality($1::text[]) = 0 OR state = ANY ($1))
    AND ($2::text IS NULL OR stage = $2)
    AND ($3::text IS NULL OR type = $3)
    AND ($4::text IS NULL OR source_topic = $4)
    AND ($5::text IS NULL OR strpos(lower(article_source), lower($5)) > 0)
    AND ($6::timestamptz IS NULL OR stored_at >= $6)
    AND ($7::timestamptz IS NULL OR stored_at < $7)
    AND ($8::text IS NULL OR identity > $8)
ORDER BY identity
LIMIT $9;

-- name: one
SELECT
    identity, source_cluster, source_topic, source_partition, source_offset, source_timestamp, value_bytes, stage,
    type, message, failed_at, attempts, state, state_changed_at, resolved_by, stored_at,
    article_id, article_source, replays, replayed_at, key, value, headers
FROM yinuo.dead_letters
WHERE identity = $1;

-- name: one_locked
SELECT
    identity, source_cluster, source_topic, source_partition, source_offset, source_timestamp, value_bytes, stage,
    type, message, failed_at, attempts, state, state_changed_at, resolved_by, stored_at,
    article_id, article_source, replays, replayed_at, key, value, headers
FROM yinuo.dead_letters
WHERE identity = $1
FOR UPDATE;

-- name: ignore
UPDATE yinuo.dead_letters SET state = 'ignored', state_changed_at = now() WHERE identity = $1;

-- name: replayed
UPDATE yinuo.dead_letters
SET state = 'replayed', state_changed_at = now(), replays = replays + 1, replayed_at = now()
WHERE identity = $1;
