"""Stored articles through the present rules: what would change, and the change itself where it is wanted.

Reads in the extractor's own processes, so that a long or broken article holds nothing up. Not for showing it. Laws:
memory does not grow with the number of articles; one that cannot be read is named, keeps its rows and stops no other;
ended at any moment and started again, it comes to the same tables.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ValidationError

from yinuo.extraction_api import extractor_version
from yinuo.intake.decode import Limits
from yinuo.pipeline.messages import DEAD, RawMessage, last_header
from yinuo.pipeline.readers import HANDLER, Readers, ReadFailed
from yinuo.runtime.settings import Settings
from yinuo.storage.comparing import Change, changes
from yinuo.storage.connection import Connection
from yinuo.storage.faults import RowRefused
from yinuo.storage.newer import Form
from yinuo.storage.rereading import (
    Promotion,
    Selection,
    Stored,
    count_stored,
    promote,
    stored,
    stored_forms,
    would_replace,
)
from yinuo_schemas import Extraction

_NO_LIMITS = Limits(max_text_chars=2**31 - 1, max_message_bytes=2**31 - 1)
"""What is stored was within the limits of its day."""
_MOST_RACES = 5


class Outcome(StrEnum):
    """What became of one stored article."""

    CURRENT = "current"
    KEPT = "kept"
    SAME = "same"
    CHANGED = "changed"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Reread:
    """One article: `current` these rules had read it already; `kept` a newer extractor had; `same` nothing differs.

    `changes` are there for `changed`; `why` says in one line why it `failed`.
    """

    article_id: str
    outcome: Outcome
    changes: tuple[Change, ...] = ()
    why: str = ""


class Rereading:
    """One run over the selected articles. With `promoting`, what is read stands at once, else nothing is written."""

    def __init__(
        self,
        connection: Connection,
        settings: Settings,
        wanted: Selection,
        *,
        promoting: bool,
        handler: str = HANDLER,
    ) -> None:
        """Starts nothing yet."""
        self._connection = connection
        self._wanted = wanted
        self._promoting = promoting
        self._most = settings.extract_processes
        self._readers = Readers(_NO_LIMITS, self._most, settings.extract_seconds, handler)
        self._extractor = extractor_version()

    async def count(self) -> int:
        """How many articles there are to look at. Unavailable."""
        return await count_stored(self._connection, self._wanted)

    async def run(self) -> AsyncIterator[Reread]:
        """Every selected article, in the order of the ids. Unavailable when the database goes away."""
        async with self._readers:
            async for page in stored_forms(self._connection, self._wanted):
                due = []
                for article_id, form in page:
                    if would_replace(form, self._extractor):
                        due.append(article_id)
                    else:
                        yield self._not_due(article_id, form)
                for start in range(0, len(due), 4 * self._most):
                    for reread in await self._reread(due[start : start + 4 * self._most]):
                        yield reread

    async def _reread(self, article_ids: Sequence[str]) -> list[Reread]:
        there = await stored(self._connection, article_ids)
        readings = await asyncio.gather(*(self._read(article_id, one) for article_id, one in there.items()))
        found = [Reread(one, Outcome.GONE) for one in article_ids if one not in there]
        for (article_id, one), reading in zip(there.items(), readings, strict=True):
            found.append(await self._settled(article_id, one, reading))
        return sorted(found, key=lambda reread: reread.article_id)

    async def _settled(self, article_id: str, held: Stored, reading: Extraction | str) -> Reread:
        """Compare, and promote where that is wanted; an article that was changed meanwhile is read anew."""
        for _ in range(_MOST_RACES):
            if isinstance(reading, str):
                return Reread(article_id, Outcome.FAILED, why=reading)
            found = changes(held.held, held.passages, reading)
            reread = Reread(article_id, Outcome.CHANGED if found else Outcome.SAME, found)
            if not self._promoting:
                return reread
            try:
                promotion = await promote(self._connection, held.form, reading)
            except RowRefused as error:
                return Reread(article_id, Outcome.FAILED, why=str(error))
            if promotion is Promotion.DONE:
                return reread
            again = (await stored(self._connection, [article_id])).get(article_id)
            if again is None:
                return Reread(article_id, Outcome.GONE)
            if not would_replace(again.form, self._extractor):
                return self._not_due(article_id, again.form)
            held, reading = again, await self._read(article_id, again)
        return Reread(article_id, Outcome.FAILED, why="it changes all the time; run this again")

    async def _read(self, article_id: str, held: Stored) -> Extraction | str:
        """The reading, or why there is none, in one line."""
        try:
            value = held.article.model_dump_json().encode()
        except ValidationError as error:
            return f"no article of this release: {error.errors(include_input=False)[0]['msg']}"
        headers = (("content-type", b"application/json"),)
        try:
            outgoing = await self._readers.read(
                RawMessage(article_id.encode(), value, headers, held.form.source)
            )
        except ReadFailed as failure:
            return f"a bug keeps it from being read ({failure}); please report it with the article"
        if outgoing.topic == DEAD:
            return (last_header(outgoing.headers, "yinuo-error-message") or b"").decode("utf-8", "replace")
        return Extraction.model_validate_json(outgoing.value or b"")

    def _not_due(self, article_id: str, form: Form) -> Reread:
        ours = self._extractor.version, self._extractor.rules_digest
        current = (form.extractor_version, form.rules_digest) == ours
        return Reread(article_id, Outcome.CURRENT if current else Outcome.KEPT)
