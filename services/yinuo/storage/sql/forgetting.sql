-- Purging: what goes, in batches, and what keeps it out. $1 is the moment before which it was received, or null; $2 an
-- article's id, or null.

-- name: forgotten
SELECT f.kind, f.id
FROM yinuo.forgotten AS f
JOIN unnest($1::text[], $2::text[]) AS asked (kind, id) USING (kind, id);

-- name: count_held
WITH gone AS (
    SELECT article_id FROM yinuo.articles WHERE received_at < $1::timestamptz OR article_id = $2::text
    UNION
    SELECT $2 WHERE $2 IS NOT NULL
)
SELECT
    (SELECT count(*) FROM yinuo.articles JOIN gone USING (article_id)) AS articles,
    (SELECT count(*) FROM yinuo.passages JOIN gone USING (article_id)) AS passages,
    (SELECT count(*) FROM yinuo.pledges JOIN gone USING (article_id)) AS pledges,
    (SELECT count(*) FROM yinuo.metrics JOIN gone USING (article_id)) AS metrics,
    (SELECT count(*) FROM yinuo.article_history JOIN gone USING (article_id)) AS article_history,
    (SELECT count(*) FROM yinuo.pledge_history JOIN gone USING (article_id)) AS pledge_history,
    (SELECT count(*) FROM yinuo.metric_history JOIN gone USING (article_id)) AS metric_history,
    (
        SELECT count(*) FROM yinuo.dead_letters
        WHERE stored_at < $1 OR article_id IN (SELECT article_id FROM gone)
    ) AS dead_letters;

-- name: lock_forgotten
-- Waits for every transaction that has asked what is forgotten, and lets no other ask until this one ends.
LOCK TABLE yinuo.forgotten IN ACCESS EXCLUSIVE MODE;

-- name: next_articles
SELECT article_id FROM yinuo.articles WHERE received_at < $1::timestamptz ORDER BY received_at LIMIT $2 FOR UPDATE;

-- name: next_dead_letters
SELECT identity FROM yinuo.dead_letters WHERE stored_at < $1::timestamptz ORDER BY identity LIMIT $2 FOR UPDATE;

-- name: dead_letters_of
SELECT identity FROM yinuo.dead_letters WHERE article_id = ANY ($1::text[]) ORDER BY identity FOR UPDATE;

-- name: remember
INSERT INTO yinuo.forgotten (kind, id) SELECT $1, id FROM unnest($2::text[]) AS id ON CONFLICT DO NOTHING;

-- name: readmit
DELETE FROM yinuo.forgotten WHERE kind = 'article' AND id = $1 RETURNING id;

-- name: delete_metrics
WITH gone AS (DELETE FROM yinuo.metrics WHERE article_id = ANY ($1::text[]) RETURNING 1) SELECT count(*) FROM gone;

-- name: delete_pledges
WITH gone AS (DELETE FROM yinuo.pledges WHERE article_id = ANY ($1::text[]) RETURNING 1) SELECT count(*) FROM gone;

-- name: delete_passages
WITH gone AS (DELETE FROM yinuo.passages WHERE article_id = ANY ($1::text[]) RETURNING 1) SELECT count(*) FROM gone;

-- name: delete_article_history
WITH gone AS (DELETE FROM yinuo.article_history WHERE article_id = ANY ($1::text[]) RETURNING 1)
SELECT count(*) FROM gone;

-- name: delete_pledge_history
WITH gone AS (DELETE FROM yinuo.pledge_history WHERE article_id = ANY ($1::text[]) RETURNING 1)
SELECT count(*) FROM gone;

-- name: delete_metric_history
WITH gone AS (DELETE FROM yinuo.metric_history WHERE article_id = ANY ($1::text[]) RETURNING 1)
SELECT count(*) FROM gone;

-- name: delete_articles
WITH gone AS (DELETE FROM yinuo.articles WHERE article_id = ANY ($1::text[]) RETURNING 1) SELECT count(*) FROM gone;

-- name: delete_dead_letters
WITH gone AS (DELETE FROM yinuo.dead_letters WHERE identity = ANY ($1::text[]) RETURNING 1)
SELECT count(*) FROM gone;

-- name: count_expired
SELECT
    (SELECT count(*) FROM yinuo.article_history WHERE valid_to < $1::timestamptz) AS article_history,
    (SELECT count(*) FROM yinuo.pledge_history WHERE valid_to < $1) AS pledge_history,
    (SELECT count(*) FROM yinuo.metric_history WHERE valid_to < $1) AS metric_history,
    (
        SELECT count(*) FROM yinuo.dead_letters
        WHERE state IN ('resolved', 'ignored') AND state_changed_at < $2::timestamptz
    ) AS dead_letters;

-- name: expire_article_history
WITH gone AS (
    DELETE FROM yinuo.article_history WHERE history_id IN (
        SELECT history_id FROM yinuo.article_history WHERE valid_to < $1::timestamptz ORDER BY valid_to LIMIT $2
    )
    RETURNING 1
)
SELECT count(*) FROM gone;

-- name: expire_pledge_history
WITH gone AS (
    DELETE FROM yinuo.pledge_history WHERE history_id IN (
        SELECT history_id FROM yinuo.pledge_history WHERE valid_to < $1::timestamptz ORDER BY valid_to LIMIT $2
    )
    RETURNING 1
)
SELECT count(*) FROM gone;

-- name: expire_metric_history
WITH gone AS (
    DELETE FROM yinuo.metric_history WHERE history_id IN (
        SELECT history_id FROM yinuo.metric_history WHERE valid_to < $1::timestamptz ORDER BY valid_to LIMIT $2
    )
    RETURNING 1
)
SELECT count(*) FROM gone;

-- name: expire_dead_letters
WITH gone AS (
    DELETE FROM yinuo.dead_letters WHERE identity IN (
        SELECT identity FROM yinuo.dead_letters
        WHERE state IN ('resolved', 'ignored') AND state_changed_at < $1::timestamptz
        ORDER BY identity LIMIT $2 FOR UPDATE
    )
    RETURNING 1
)
SELECT count(*) FROM gone;
