"""Every metric of yinuo, each name once, with its type and meaning. Served at /metrics (`health.py`).

Law: nobody else makes a metric. Label values come from closed lists, never from an article.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

_MILLISECONDS_TO_MINUTE = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_SUBSECOND_TO_HOUR = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)

ARTICLES_READ = Counter(
    "yinuo_articles_read_total",
    "Raw messages the extractor has read, by outcome: extracted, dead, bug.",
    ["outcome"],
    registry=REGISTRY,
)
READ_SECONDS = Histogram(
    "yinuo_article_read_seconds",
    "Time to read one article.",
    buckets=_MILLISECONDS_TO_MINUTE,
    registry=REGISTRY,
)
ROWS_READ = Counter(
    "yinuo_rows_read_total",
    "What the extractor found, by kind: pledge, metric, skipped.",
    ["kind"],
    registry=REGISTRY,
)
DEAD_LETTERS = Counter(
    "yinuo_dead_letters_total",
    "Messages handed to the dead letters, by stage and type of the error.",
    ["stage", "type"],
    registry=REGISTRY,
)
HELD = Gauge(
    "yinuo_articles_held",
    "Articles held back because a bug kept them from being read, undecided.",
    registry=REGISTRY,
)
UNDER_WAY = Gauge(
    "yinuo_messages_under_way", "Messages taken from the broker and not yet acknowledged.", registry=REGISTRY
)
BATCHES_WRITTEN = Counter(
    "yinuo_batches_written_total", "Transactions the writer has committed.", registry=REGISTRY
)
BATCH_ARTICLES = Histogram(
    "yinuo_batch_articles",
    "Articles in one transaction.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
    registry=REGISTRY,
)
WRITE_SECONDS = Histogram(
    "yinuo_batch_write_seconds",
    "Time of one transaction.",
    buckets=_MILLISECONDS_TO_MINUTE,
    registry=REGISTRY,
)
ARTICLES_WRITTEN = Counter(
    "yinuo_articles_written_total",
    "Extractions the writer has committed, by what they changed: new, changed, unchanged, older, dead, forgotten.",
    ["state"],
    registry=REGISTRY,
)
END_TO_END_SECONDS = Histogram(
    "yinuo_end_to_end_seconds",
    "From the raw message's timestamp to the commit of its rows.",
    buckets=_SUBSECOND_TO_HOUR,
    registry=REGISTRY,
)
FAULTS = Counter(
    "yinuo_faults_total",
    "Faults of the surroundings that were waited for, by what was away: kafka, postgres.",
    ["target"],
    registry=REGISTRY,
)
LAG = Gauge(
    "yinuo_lag_messages",
    "Messages in an assigned partition that are not done yet.",
    ["topic", "partition"],
    registry=REGISTRY,
)
DONE_OFFSET = Gauge(
    "yinuo_done_offset",
    "Offset of the first message of an assigned partition that is not done yet.",
    ["topic", "partition"],
    registry=REGISTRY,
)
WEB_REQUESTS = Counter(
    "yinuo_web_requests_total",
    "Requests to pages and gateway, by route (its template; refused: turned away before; none: no such address), "
    "method and status.",
    ["route", "method", "status"],
    registry=REGISTRY,
)
WEB_SECONDS = Histogram(
    "yinuo_web_request_seconds",
    "Time from a request to the end of its answer.",
    ["route"],
    buckets=_MILLISECONDS_TO_MINUTE,
    registry=REGISTRY,
)
GATEWAY_ARTICLES = Counter(
    "yinuo_gateway_articles_total",
    "Articles that the gateway has taken: the broker holds them.",
    registry=REGISTRY,
)
GATEWAY_REFUSED = Counter(
    "yinuo_gateway_refused_total",
    "Bodies sent to the gateway of which nothing counts as taken, by the status of the answer.",
    ["status"],
    registry=REGISTRY,
)
READY = Gauge("yinuo_ready", "1 when /readyz answers 200.", registry=REGISTRY)
