"""Stored articles for reading again, and putting what was read in the place of what stands.

Not for reading them. Laws: whatever their number, one page of them is held; a promotion is one transaction through
the writer's own code, so that history, announcements and the guards of `newer.py` are the same; an article that
somebody changed meanwhile is left as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from yinuo.storage.announcing import announce
from yinuo.storage.article_store import article_rows, form_from, locked_forms, write_round
from yinuo.storage.connection import Connection
from yinuo.storage.faults import told_apart
from yinuo.storage.incoming import IncomingExtraction
from yinuo.storage.newer import Form, Verdict, verdict
from yinuo.storage.plan import Plan
from yinuo.storage.replacing import Accepted, Held, Record
from yinuo.storage.sql_files import statements
from yinuo_schemas import Article, Extraction
from yinuo_schemas.extraction import ExtractorVersion

_SQL = statements("rereading")
_STORE = statements("store")

_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which stored articles: received since that moment, of a source (part of its name), or these ids; () = all."""

    since: datetime | None = None
    source: str | None = None
    articles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """An article as it stands, with all that was read from it."""

    form: Form
    held: Held
    passages: Sequence[Record]

    @property
    def article(self) -> Article:
        """The article itself. pydantic's ValidationError where this release would not take it any more."""
        return Article.model_validate({name: self.held.article[name] for name in Article.model_fields})


class Promotion(Enum):
    """What came of putting a reading in the place of what stands."""

    DONE = "the reading stands now"
    REFUSED = "what stands was read by newer rules, or by these"
    RACED = "the article changed since it was read"
    GONE = "the article is not there any more"


async def count_stored(connection: Connection, wanted: Selection) -> int:
    """How many articles the selection has. Unavailable."""
    with told_apart(connection):
        found: int = await connection.fetchval(_SQL["count_stored"], *_parameters(wanted))
    return found


async def stored_forms(connection: Connection, wanted: Selection) -> AsyncIterator[list[tuple[str, Form]]]:
    """Ids and forms of the selected articles, in pages, in the order of the ids. Unavailable."""
    after: str | None = None
    while True:
        with told_apart(connection):
            rows = await connection.fetch(_SQL["stored_page"], *_parameters(wanted), after, _PAGE)
        if not rows:
            return
        yield [(row["article_id"], form_from(row)) for row in rows]
        after = rows[-1]["article_id"]


def would_replace(held: Form, extractor: ExtractorVersion) -> bool:
    """Whether a reading by this extractor may stand in the place of what is held."""
    return verdict(held, _read_by(held, extractor)) is Verdict.RULES


async def stored(connection: Connection, article_ids: Sequence[str]) -> Mapping[str, Stored]:
    """These articles with their rows, as one moment has them; those that are gone are left out. Unavailable."""
    with told_apart(connection):
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            articles = await article_rows(connection, article_ids)
            pledges, metrics, passages = [
                _by_article(await connection.fetch(statement, article_ids))
                for statement in (_SQL["pledges_of"], _SQL["metrics_of"], _SQL["passages_of"])
            ]
    return {
        article_id: Stored(
            form_from(article),
            Held(article, pledges[article_id], metrics[article_id]),
            passages[article_id],
        )
        for article in articles
        for article_id in (article["article_id"],)
    }


async def promote(connection: Connection, held: Form, extraction: Extraction) -> Promotion:
    """Let the reading stand, in one transaction. RowRefused, Unavailable.

    `held` is the form that was read; content, position and day of receipt of the article stay what they are.
    """
    article_id = extraction.article.article_id
    assert article_id is not None
    with told_apart(connection):
        async with connection.transaction(isolation="read_committed"):
            locked = (await locked_forms(connection, [article_id])).get(article_id)
            if locked is None:
                return Promotion.GONE
            if (locked.revision, locked.content_hash) != (held.revision, held.content_hash):
                return Promotion.RACED
            form = _read_by(locked, extraction.extractor)
            if verdict(locked, form) is not Verdict.RULES:
                return Promotion.REFUSED
            accepted = Accepted(IncomingExtraction(extraction, locked.source), form, Verdict.RULES)
            await write_round(connection, (accepted,), await connection.fetchval(_STORE["now"]))
            await announce(connection, Plan(((accepted,),), ()), ())
    return Promotion.DONE


def _read_by(held: Form, extractor: ExtractorVersion) -> Form:
    # The stored hash, not a new one: a release whose articles have more fields must not take all for revised.
    return replace(held, extractor_version=extractor.version, rules_digest=extractor.rules_digest)


def _parameters(wanted: Selection) -> tuple[datetime | None, str | None, Sequence[str]]:
    return wanted.since, wanted.source, wanted.articles


def _by_article(rows: Sequence[Record]) -> Mapping[str, list[Record]]:
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["article_id"]].append(row)
    return found
