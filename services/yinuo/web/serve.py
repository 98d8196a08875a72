"""`yinuo web` as a process: listens, serves until a signal, says in one line why it cannot.

Law: nothing listens beyond this machine without a token.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from types import FrameType

import structlog
import uvicorn

from yinuo.errors import Misuse
from yinuo.runtime.health import HealthServer
from yinuo.runtime.logging import configure
from yinuo.runtime.settings import Settings
from yinuo.runtime.web_address import listening, url_of
from yinuo.web.app import build_app, unready
from yinuo.web.safety import Access, access_of
from yinuo.web.state import WebState

DONE, MISUSED = 0, 2
STOP_SECONDS = 5
IDLE_SECONDS = 30
LOOK_SECONDS = 2.0
MOST_CONNECTIONS = 200

log = structlog.get_logger("yinuo.web")


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM; the exit code. The settings must name a database."""
    configure(settings, service="web")
    for library in ("uvicorn", "uvicorn.error", "aiokafka", "asyncio"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    try:
        if settings.database_url is None:
            raise Misuse("YINUO_DATABASE_URL is not set: set it, or run `yinuo up`")
        access = access_of(settings)
        with listening(settings) as sock:
            asyncio.run(_serve(settings, access, settings.database_url.get_secret_value(), sock))
    except Misuse as error:
        log.error("cannot run", service="web", reason=str(error))
        return MISUSED
    log.info("stopped", service="web")
    return DONE


class _Server(uvicorn.Server):
    """Says where it listens; a second signal ends it at once."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


async def _serve(settings: Settings, access: Access, dsn: str, sock: socket.socket) -> None:
    app, state = build_app(settings, access, dsn)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
        http="h11",
        ws="none",
    )
    server = _Server(config)
    watching = asyncio.create_task(_watch(state))
    async with HealthServer(settings.health_bind, dict, fault=lambda: state.fault, partitions_needed=False):
        host = settings.web_bind.rpartition(":")[0]
        log.info("started", service="web", address=url_of(f"{host}:{sock.getsockname()[1]}"))
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            await server.serve(sockets=[sock])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            watching.cancel()


async def _watch(state: WebState) -> None:
    """Keep in mind whether the database answers, for /readyz on YINUO_HEALTH_BIND."""
    while True:
        state.fault = await unready(state)
        await asyncio.sleep(LOOK_SECONDS)
