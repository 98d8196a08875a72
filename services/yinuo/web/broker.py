"""Articles from the gateway to `articles.raw`: one connection, kept open, made anew after a fault.

Not for deciding what is an article. Law: `send` comes back once the broker has acknowledged every one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from yinuo.errors import Unavailable
from yinuo.intake.submit import RAW, article_message
from yinuo.pipeline import kafka
from yinuo.pipeline.sender import Sender
from yinuo.runtime.settings import Settings
from yinuo_schemas import Article

SEND_SECONDS = 10.0
"""Longest wait for connection and acknowledgement; afterwards the broker counts as away."""


class Broker:
    """The way to the broker that the settings name."""

    def __init__(self, settings: Settings) -> None:
        """Connects to nothing yet."""
        self._settings = settings
        self._sender: Sender | None = None
        self._connecting = asyncio.Lock()

    async def send(self, articles: Sequence[Article]) -> None:
        """Send all. Unavailable: not all were acknowledged in time; whoever sends them again changes nothing twice."""
        if self._settings.kafka_url is None:
            raise Unavailable("this server knows no broker: set YINUO_KAFKA_URL")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                sender = await self._connected()
                await asyncio.gather(*(sender.send(article_message(article)) for article in articles))
        except TimeoutError:
            await self.close()
            raise Unavailable(f"Kafka at {self._settings.kafka_url} does not answer in time") from None
        except Unavailable:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of the connection; the next `send` makes a new one."""
        sender, self._sender = self._sender, None
        if sender is not None:
            await sender.__aexit__(None, None, None)

    async def _connected(self) -> Sender:
        async with self._connecting:
            if self._sender is None:
                if self._settings.kafka_create_topics:
                    await kafka.ensure_topics(self._settings, (RAW,))
                self._sender = await Sender(self._settings).__aenter__()
            return self._sender
