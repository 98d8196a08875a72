"""`yinuo web`: pages and gateway alone, in the foreground."""

from __future__ import annotations


def web() -> int:
    """Serve the pages and the HTTP gateway: what was promised, by whom, until when, and where it says so.

    Examples:

      yinuo web
      YINUO_WEB_BIND=127.0.0.1:8080 yinuo web
      YINUO_WEB_BIND=192.0.2.7:8470 YINUO_WEB_TOKEN=$(openssl rand -hex 16) yinuo web

    `yinuo up` starts it, too. Without addresses in the settings it shows what a running `yinuo up` holds. Ends on
    Ctrl-C or SIGTERM with exit code 0.
    """
    from pydantic import SecretStr

    from yinuo.cli.connections import database_address, with_broker
    from yinuo.runtime.settings import load_settings
    from yinuo.web.serve import run

    settings = load_settings()
    address = database_address(settings)
    if settings.kafka_url is None and settings.database_url is None:
        settings = with_broker(settings)
    return run(settings.model_copy(update={"database_url": SecretStr(address)}))
