-- What reading commands ask. A filter that is not given is null, or an empty list, and falls away in the plan.

-- name: find_pledges
SELECT *
FROM yinuo.current_pledges
WHERE ($1::text IS NULL OR strpos(lower(promiser), lower($1)) > 0)
    AND ($2::text IS NULL OR strpos(lower(speaker), lower($2)) > 0)
    AND ($3::date IS NULL OR due >= $3)
    AND ($4::date IS NULL OR due <= $4)
    AND (cardinality($5::text[]) = 0 OR firmness = ANY ($5))
    AND ($6::text IS NULL OR kind = $6)
    AND ($7::text IS NULL OR strpos(lower(source), lower($7)) > 0)
    AND ($8::text IS NULL OR strpos(region_name, $8) > 0 OR strpos(article_region, $8) > 0)
    AND ($9::text IS NULL OR starts_with(region_code, $9) OR starts_with(article_region, $9))
    AND ($10::text IS NULL OR strpos(lower(quote), lower($10)) > 0)
    AND ($11::text IS NULL OR article_id = $11)
ORDER BY
    CASE WHEN $12::boolean THEN due END,
    published_on DESC NULLS LAST, article_id, span_start, pledge_id
LIMIT $13;

-- name: find_metrics
SELECT *
FROM yinuo.current_metrics
WHERE (
        $1::text IS NULL
        OR strpos(lower(pledge_promiser), lower($1)) > 0
        OR strpos(lower(subject), lower($1)) > 0
    )
    AND ($2::text IS NULL OR strpos(lower(pledge_speaker), lower($2)) > 0)
    AND ($3::date IS NULL OR coalesce(pledge_due, period_end) >= $3)
    AND ($4::date IS NULL OR coalesce(pledge_due, period_end) <= $4)
    AND (cardinality($5::text[]) = 0 OR pledge_firmness = ANY ($5))
    AND (cardinality($6::text[]) = 0 OR status = ANY ($6))
    AND ($7::text IS NULL OR strpos(lower(source), lower($7)) > 0)
    AND ($8::text IS NULL OR strpos(region_name, $8) > 0 OR strpos(article_region, $8) > 0)
    AND ($9::text IS NULL OR starts_with(region_code, $9) OR starts_with(article_region, $9))
    AND (
        $10::text IS NULL
        OR strpos(lower(quote), lower($10)) > 0
        OR strpos(lower(indicator), lower($10)) > 0
    )
    AND ($11::text IS NULL OR article_id = $11)
ORDER BY
    CASE WHEN $12::boolean THEN coalesce(pledge_due, period_end) END,
    published_on DESC NULLS LAST, article_id, span_start, metric_id
LIMIT $13;

-- name: outcome_states
-- What is held of articles that were sent, for who missed the announcement.
SELECT
    s.place, a.revision, a.content_hash, a.source_cluster, a.source_topic, a.source_partition, a.source_offset,
    a.source_timestamp, a.extractor_version, a.rules_digest,
    EXISTS (SELECT FROM yinuo.article_history AS h WHERE h.article_id = s.article_id) AS replaced_another,
    EXISTS (SELECT FROM yinuo.dead_letters AS d WHERE d.identity = s.identity) AS dead,
    EXISTS (SELECT FROM yinuo.forgotten AS f WHERE f.kind = 'article' AND f.id = s.article_id) AS forgotten
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS s (article_id, identity, place)
LEFT JOIN yinuo.articles AS a USING (article_id);
