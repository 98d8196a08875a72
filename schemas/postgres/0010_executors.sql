-- Who is to act, where that is somebody else than who promises: asked for on the pages.
CREATE INDEX pledges_executor ON yinuo.pledges (executor) WHERE executor IS NOT NULL;
