-- The lists of speakers and indicators count from the index alone: pledges, targets and results of each name.
DROP INDEX yinuo.pledges_speaker;
CREATE INDEX pledges_speaker ON yinuo.pledges (speaker, kind) WHERE speaker IS NOT NULL;
DROP INDEX yinuo.metrics_indicator;
CREATE INDEX metrics_indicator ON yinuo.metrics (indicator, status, period_end);
