"""Our place in a consumer group under YINUO_KAFKA_GROUP_INSTANCE_ID, and whether somebody else has taken it.

Not for members without such a name. Law: of two workers with one name the one that came last goes on, as the broker
has it, so that a worker started anew need not wait for its own dead session; the other one ends. The client library
takes its name back instead, in turns, and both read everything: so it is asked who has the name before it joins again.
Nothing is closed in good order then: what is not committed is the other's to read.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NoReturn

import structlog
from aiokafka.errors import KafkaError, for_code

from yinuo.errors import Unavailable
from yinuo.pipeline import kafka
from yinuo.pipeline.patience import Patience
from yinuo.pipeline.service import MISUSED, leave
from yinuo.runtime.settings import Settings

log = structlog.get_logger("yinuo.service")


class Membership:
    """One process's membership in a group.

    `consumer` gives the client library's consumer, `patience` waits for the broker's answers.
    """

    def __init__(
        self, settings: Settings, group: str, consumer: Callable[[], Any], patience: Patience
    ) -> None:
        """Not joined yet."""
        self._settings = settings
        self._name = settings.kafka_group_instance_id
        self._group = kafka.group_name(settings, group)
        self._consumer = consumer
        self._patience = patience
        self._joined = False

    def joined(self) -> None:
        """The group has taken us in: from here on the name can be taken from us."""
        self._joined = True

    async def before_joining_again(self) -> None:
        """Back when the name is ours or nobody's; at the first time it is taken from whoever has it."""
        if self._joined:
            await self._patience.until_done(self._check)

    @asynccontextmanager
    async def explained(self) -> AsyncIterator[None]:
        """Work that the client library may break off: if our name is another's by then, that is why.

        The broker has a word for that, which the library takes for an unknown error.
        """
        try:
            yield
        except Exception as error:
            if KafkaError in (type(error), type(error.__cause__)):
                with suppress(Unavailable):
                    await self._check()
            raise

    async def _check(self) -> None:
        """Ends the process when the name is another's."""
        if self._name is None:
            return
        holders = await self._holders(self._name)
        # The library says only here which member it is; "" before it is one, and once the broker knows it no more.
        if holders - {getattr(getattr(self._consumer(), "_coordinator", None), "member_id", "")}:
            _end(self._name)

    async def _holders(self, name: str) -> set[str]:
        """The ids of members with that name: the broker makes them of it and a UUID."""
        with_name = re.compile(re.escape(name) + "-[0-9A-Za-z_-]{22,36}")
        async with kafka.admin(self._settings) as client:
            (answer,) = await client.describe_consumer_groups([self._group])
        ((error, _group, _state, _type, _protocol, members, *_),) = answer.groups
        if error:
            raise Unavailable(f"Kafka does not say who is in the group ({for_code(error).__name__})")
        return {member_id for member_id, *_ in members if with_name.fullmatch(member_id)}


def _end(name: str) -> NoReturn:
    reason = (
        f"another worker has taken over under YINUO_KAFKA_GROUP_INSTANCE_ID {name!r}: "
        "give each worker a name of its own, or none"
    )
    log.critical("stopped", reason=reason)
    leave(MISUSED)
