"""`yinuo extractor` and `yinuo writer`: one service each, in the foreground, for deployments."""

from __future__ import annotations


def extractor() -> int:
    """Run the extractor alone: articles.raw in, articles.extracted and articles.dead out.

    Examples:

      YINUO_KAFKA_URL=kafka.example:9092 yinuo extractor
      YINUO_KAFKA_URL=kafka.example:9092 YINUO_HEALTH_BIND=127.0.0.1:8471 yinuo extractor

    Ends on Ctrl-C or SIGTERM with exit code 0, after the article in hand. Settings: yinuo doctor.
    """
    from yinuo.pipeline.extractor import run
    from yinuo.runtime.settings import load_settings

    return run(load_settings())


def writer() -> int:
    """Run the writer alone: articles.extracted and articles.dead into Postgres.

    Examples:

      YINUO_KAFKA_URL=k:9092 YINUO_DATABASE_URL=postgresql://u@db/y yinuo writer

    Ends on Ctrl-C or SIGTERM with exit code 0, after the batch in hand. Settings: yinuo doctor.
    """
    from yinuo.pipeline.writer import run
    from yinuo.runtime.settings import load_settings

    return run(load_settings())
