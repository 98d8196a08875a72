-- What the writer says to Postgres, all of it inside one transaction a batch.

-- name: now
SELECT now();

-- name: forms
-- What decides about newer messages, for the articles of a batch. Takes no lock: a redelivery writes nothing.
SELECT
    article_id, revision, content_hash, source_cluster, source_topic, source_partition, source_offset,
    source_timestamp, extractor_version, rules_digest
FROM yinuo.articles
WHERE article_id = ANY ($1::text[]);

-- name: locked_forms
-- The same for articles that are about to change. Locks are taken in one order, against deadlocks.
SELECT
    article_id, revision, content_hash, source_cluster, source_topic, source_partition, source_offset,
    source_timestamp, extractor_version, rules_digest
FROM yinuo.articles
WHERE article_id = ANY ($1::text[])
ORDER BY article_id
FOR UPDATE;

-- name: held_articles
SELECT
    article_id, revision, title, source, published_on, url, page, author, region, text, content_hash,
    reference_date, reference_basis, skipped, extractor_name, source_cluster, source_topic, source_partition,
    source_offset, extractor_version, rules_digest, source_timestamp, received_at, valid_from
FROM yinuo.articles
WHERE article_id = ANY ($1::text[]);

-- name: change_article
-- Parameters in the order of the columns as COPY writes them.
UPDATE yinuo.articles SET
    revision = $2, title = $3, source = $4, published_on = $5, url = $6, page = $7, author = $8, region = $9,
    text = $10, content_hash = $11, reference_date = $12, reference_basis = $13, skipped = $14,
    extractor_name = $15, source_cluster = $16, source_topic = $17, source_partition = $18, source_offset = $19,
    extractor_version = $20, rules_digest = $21, source_timestamp = $22, received_at = $23, valid_from = $24,
    search_tokens = $25, name_tokens = $26
WHERE article_id = $1;

-- name: take_passages
DELETE FROM yinuo.passages WHERE article_id = ANY ($1::text[]);

-- name: take_metrics
DELETE FROM yinuo.metrics WHERE article_id = ANY ($1::text[]) RETURNING *;

-- name: take_pledges
DELETE FROM yinuo.pledges WHERE article_id = ANY ($1::text[]) RETURNING *;

-- name: announce
SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload;

-- name: keep_offsets
INSERT INTO yinuo.ingest_offsets AS held (cluster, consumer_group, topic, partition, next_offset)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[])
ON CONFLICT (cluster, consumer_group, topic, partition)
DO UPDATE SET next_offset = excluded.next_offset, updated_at = now()
WHERE held.next_offset <> excluded.next_offset;

-- name: offsets
SELECT topic, partition, next_offset
FROM yinuo.ingest_offsets
WHERE cluster = $1 AND consumer_group = $2;

-- name: older_offsets
-- Those of the offsets given that the table does not hold, or holds a lower one of.
SELECT known.topic, known.partition
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[])
    AS known (cluster, consumer_group, topic, partition, next_offset)
LEFT JOIN yinuo.ingest_offsets AS held USING (cluster, consumer_group, topic, partition)
WHERE held.next_offset IS NULL OR held.next_offset < known.next_offset
ORDER BY known.topic, known.partition;
