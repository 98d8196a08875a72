"""`POST /articles`: an article, an array of them, or a plain text, to the broker; 202 once it has them all.

Not for reading what they say. Laws: an array is taken as a whole or not at all; the body is never held beyond the
limit; sending the same article again changes nothing, since its id and content say that it is the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from yinuo.errors import BadInput, Unavailable
from yinuo.intake.decode import METADATA_FIELDS, Headers, Limits, decode_article
from yinuo.pipeline.kafka import TooLarge
from yinuo.runtime import metrics
from yinuo.web.state import state_of
from yinuo_schemas import Article

MOST_IN_FLIGHT = 16
"""Requests whose body is read or whose articles are on their way; more get 429, so that memory stays bounded."""
BODY_SECONDS = 60
"""Longest wait for a body, so that nobody holds a place for ever."""
MOST_ERRORS = 100
"""So many errors of one array are named."""
FIELDS = frozenset({"text", *METADATA_FIELDS})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of the body (a JSON pointer) or the query (`?name`)."""

    pointer: str
    type: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """As the answer says it."""
        return {"pointer": self.pointer, "type": self.type, "message": self.message}


class Refused(Exception):
    """The body holds no article, or not only articles."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """At least one fault."""
        super().__init__(faults[0].message)
        self.faults = tuple(faults)


async def post_articles(request: Request) -> Response:
    """The answer to one POST."""
    try:
        answer = await _in_turn(request)
    except HTTPException as error:
        metrics.GATEWAY_REFUSED.labels(status=str(error.status_code)).inc()
        raise
    if answer.status_code != 202:
        metrics.GATEWAY_REFUSED.labels(status=str(answer.status_code)).inc()
    return answer


async def _in_turn(request: Request) -> Response:
    state = state_of(request)
    if state.in_flight >= MOST_IN_FLIGHT:
        return _answer(429, "too many requests at once: send it again in a moment", {"retry-after": "1"})
    state.in_flight += 1
    try:
        return await _taken(request)
    finally:
        state.in_flight -= 1


async def _taken(request: Request) -> Response:
    state = state_of(request)
    limits = Limits(state.settings.max_text_chars, state.settings.max_message_bytes)
    try:
        body = await bounded_body(request, limits.max_message_bytes)
        articles, many = articles_in(body, request.headers.get("content-type"), _query(request), limits)
        await state.broker.send(articles)
    except Refused as error:
        faults = [fault.as_dict() for fault in error.faults[:MOST_ERRORS]]
        return JSONResponse({"error": str(error), "errors": faults}, 400)
    except Unavailable as error:
        message = f"{error}. Not everything was acknowledged; sending it again stores nothing twice"
        return _answer(503, message, {"retry-after": "5"})
    except TooLarge as error:
        return _answer(413, f"the broker refuses a message for its size ({error})")
    except ClientDisconnect:
        return Response(status_code=400)
    metrics.GATEWAY_ARTICLES.inc(len(articles))
    ids = [article.article_id for article in articles]
    return JSONResponse({"ids": ids} if many else {"id": ids[0], "ids": ids}, 202)


async def bounded_body(request: Request, most: int) -> bytes:
    """The body; 413 as soon as it is longer than `most` bytes, whatever its head says; 408 when it does not come."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise HTTPException(413, too_large(most))
    parts, length = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                length += len(part)
                if length > most:
                    raise HTTPException(413, too_large(most))
                parts.append(part)
    except TimeoutError:
        raise HTTPException(408, f"the body did not arrive within {BODY_SECONDS} s: send it again") from None
    return b"".join(parts)


def too_large(most: int) -> str:
    """The line for a body beyond the limit."""
    return f"the body has more than {most:,} bytes: send fewer articles at once, or raise YINUO_MAX_MESSAGE_BYTES"


def articles_in(
    body: bytes, content_type: str | None, query: Sequence[tuple[str, str]], limits: Limits
) -> tuple[list[Article], bool]:
    """The articles of a body, and whether it was an array. Refused names every place that is wrong."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type not in ("", "application/json", "text/plain"):
        raise HTTPException(415, f"{media_type[:60]!r} is neither application/json nor text/plain")
    as_text = media_type == "text/plain" or not (media_type or body.lstrip()[:1] in (b"{", b"["))
    if as_text:
        return [_text(body, query, limits)], False
    if query:
        raise Refused(
            [Fault(f"?{query[0][0]}", "unknown_field", "query parameters go with text/plain alone")]
        )
    if body.lstrip()[:1] != b"[":
        return [_one(body, limits, "")], False
    return _array(body, limits), True


def _text(body: bytes, query: Sequence[tuple[str, str]], limits: Limits) -> Article:
    unknown = [name for name, _ in query if name not in METADATA_FIELDS]
    if unknown:
        known = ", ".join(METADATA_FIELDS)
        raise Refused([Fault(f"?{unknown[0]}", "unknown_field", f"no such field; there are {known}")])
    headers: Headers = [*((name, value.encode("utf-8", "replace")) for name, value in query)]
    headers = [*headers, ("content-type", b"text/plain")]
    try:
        return decode_article(None, body, headers, limits, what="body")
    except BadInput as error:
        raise Refused([_fault(error, "?")]) from None


def _one(content: bytes, limits: Limits, pointer: str) -> Article:
    try:
        headers = [("content-type", b"application/json")]
        return decode_article(
            None, content, headers, limits, as_text="send it with content-type: text/plain", what="body"
        )
    except BadInput as error:
        raise Refused([_fault(error, f"{pointer}/")]) from None


def _array(body: bytes, limits: Limits) -> list[Article]:
    try:
        elements = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise Refused([Fault("", "encoding", f"the JSON is not UTF-8 at byte {error.start}")]) from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Refused([Fault("", "json", f"the JSON does not parse: {reason[:200]}")]) from None
    if not elements:
        raise Refused([Fault("", "empty", "the array is empty: send at least one article")])
    articles, faults = [], []
    for number, element in enumerate(elements):
        if not isinstance(element, dict):
            faults.append(Fault(f"/{number}", "wrong_type", "is no object; an article is {…}"))
            continue
        try:
            # Escapes keep what UTF-8 cannot hold, so that it is named like everything else that is wrong.
            articles.append(_one(json.dumps(element).encode(), limits, f"/{number}"))
        except Refused as error:
            faults += error.faults
    if faults:
        raise Refused(faults)
    return articles


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return members


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _fault(error: BadInput, before: str) -> Fault:
    """Where the line of a refused article points: its first word is the field, where one is at fault."""
    message = str(error)
    name, colon, _ = message.partition(": ")
    if error.stage == "validate" and colon and (name in FIELDS or error.error_type == "unknown_field"):
        return Fault(before + name.replace("~", "~0").replace("/", "~1"), error.error_type, message)
    if error.stage == "validate" and message.startswith("text "):
        return Fault(before + "text" if before != "?" else "", error.error_type, message)
    return Fault("" if before == "?" else before.removesuffix("/"), error.error_type, message)


def _query(request: Request) -> list[tuple[str, str]]:
    return list(request.query_params.multi_items())


def _answer(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": message}, status, headers)
