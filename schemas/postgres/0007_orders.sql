-- What lists are sorted and filtered by: each order to its article, so that a page of fifty rows reads little more than
-- fifty rows however many share a day or a number.
DROP INDEX yinuo.pledges_due;
CREATE INDEX pledges_due ON yinuo.pledges (due, article_id);
CREATE INDEX pledges_firmness ON yinuo.pledges (
    array_position(ARRAY['guarantee', 'commitment', 'aim', 'effort', 'rhetoric'], firmness),
    article_id
);
CREATE INDEX pledges_specificity ON yinuo.pledges (specificity, article_id);

DROP INDEX yinuo.metrics_period_end;
CREATE INDEX metrics_period_end ON yinuo.metrics (period_end, article_id);
CREATE INDEX metrics_value ON yinuo.metrics (value, article_id);
CREATE INDEX metrics_status ON yinuo.metrics (status, article_id);

-- A region is asked for by part of its name or by a code and all below it: the names and codes that there are are
-- read along these, and what has them is found by them.
CREATE INDEX pledges_region_code ON yinuo.pledges (region_code) WHERE region_code IS NOT NULL;
CREATE INDEX metrics_region_code ON yinuo.metrics (region_code) WHERE region_code IS NOT NULL;
CREATE INDEX articles_region ON yinuo.articles (region) WHERE region IS NOT NULL;
