"""Sends dead letters again to the topic they stood in. Not for storing them: that is the writer's.

Law: a letter is `replayed` only once the broker has it; one that cannot be sent stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from yinuo.errors import Misuse, Unavailable, YinuoError
from yinuo.pipeline.kafka import TooLarge
from yinuo.pipeline.messages import Outgoing
from yinuo.pipeline.sender import Sender
from yinuo.runtime.settings import Settings
from yinuo.storage.dead_letters import replaying
from yinuo.storage.queries import connected


async def replay(
    settings: Settings, dsn: str, identities: Sequence[str], *, force: bool = False
) -> dict[str, YinuoError | None]:
    """Identity → None when it was sent again, else why not. Unavailable when broker or database is away."""
    outcomes: dict[str, YinuoError | None] = {}
    async with connected(dsn) as connection, Sender(settings) as sender:
        for identity in dict.fromkeys(identities):
            try:
                async with replaying(connection, identity, force=force) as letter:
                    topic = letter.source_topic.removeprefix(settings.topic_prefix)
                    await sender.send(Outgoing(topic, letter.key, letter.value, letter.replay_headers))
            except (Misuse, Unavailable) as error:
                outcomes[identity] = error
            except TooLarge as error:
                outcomes[identity] = Misuse(f"dead letter {identity} is larger than its topic takes: {error}")
            else:
                outcomes[identity] = None
    return outcomes
