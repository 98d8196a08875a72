-- What re-reading asks: which articles are stored, and what was read from them.

-- name: count_stored
SELECT count(*)
FROM yinuo.articles
WHERE ($1::timestamptz IS NULL OR received_at >= $1)
    AND ($2::text IS NULL OR strpos(lower(source), lower($2)) > 0)
    AND (cardinality($3::text[]) = 0 OR article_id = ANY ($3));

-- name: stored_page
-- The next articles after $4, in the order of their ids: a page at a time, however many there are.
SELECT
    article_id, revision, content_hash, source_cluster, source_topic, source_partition, source_offset,
    source_timestamp, extractor_version, rules_digest
FROM yinuo.articles
WHERE ($1::timestamptz IS NULL OR received_at >= $1)
    AND ($2::text IS NULL OR strpos(lower(source), lower($2)) > 0)
    AND (cardinality($3::text[]) = 0 OR article_id = ANY ($3))
    AND ($4::text IS NULL OR article_id > $4)
ORDER BY article_id
LIMIT $5;

-- name: pledges_of
SELECT * FROM yinuo.pledges WHERE article_id = ANY ($1::text[]) ORDER BY span_start, pledge_id;

-- name: metrics_of
SELECT * FROM yinuo.metrics WHERE article_id = ANY ($1::text[]) ORDER BY span_start, metric_id;

-- name: passages_of
SELECT * FROM yinuo.passages WHERE article_id = ANY ($1::text[]) ORDER BY ordinal;
