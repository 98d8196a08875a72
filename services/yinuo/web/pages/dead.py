"""Dead letters: why, what the bytes are, and, for those who may, sending again or setting aside."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from yinuo.errors import Misuse
from yinuo.pipeline.dead_letters import replay as send_again
from yinuo.storage import dead_letters as store
from yinuo.storage.queries import connected
from yinuo.web.links import Query, dead_address
from yinuo.web.pages.rendering import rendered
from yinuo.web.state import is_privileged, state_of

STATES = ("new", "replayed", "resolved", "ignored")
MOST_SHOWN = 64 * 1024
"""Bytes of a dead letter that its page shows."""
HEX_ROW = 16


async def dead_letters(request: Request) -> Response:
    """The list, the latest first."""
    state = request.query_params.get("state", "new")
    if state not in (*STATES, "all"):
        raise Misuse(f"state: {state[:40]!r} is none; there are {', '.join(STATES)}, all")
    wanted = store.DeadLetterFilter(states=() if state == "all" else (state,), limit=200)
    async with state_of(request).pool.reading() as connection:
        found = await store.find_dead_letters(connection, wanted)
    values = {"found": found, "state": state, "states": (*STATES, "all")}
    return rendered(request, "dead_list.html", values | {"query": Query.of("/dead", request.query_params)})


async def dead_letter(request: Request) -> Response:
    """One of them; its bytes only for who may."""
    identity = request.path_params["identity"]
    values = {"done": request.query_params.get("done", ""), "hex": request.query_params.get("view") == "hex"}
    if is_privileged(request):
        async with connected(state_of(request).dsn) as connection:
            letter = await store.dead_letter(connection, identity)
        if letter is None:
            raise HTTPException(404)
        shown = (letter.value or b"")[:MOST_SHOWN]
        values |= {
            "letter": letter,
            "text": shown.decode("utf-8", "backslashreplace"),
            "hex_lines": _hex_lines(shown) if values["hex"] else [],
            "cut": len(letter.value or b"") > MOST_SHOWN,
            "key": (letter.key or b"").decode("utf-8", "backslashreplace"),
            "headers": [
                (name, "" if value is None else value.decode("utf-8", "backslashreplace"))
                for name, value in letter.headers
            ],
            "may_replay": letter.state == "new" and letter.attempts < store.MOST_ATTEMPTS,
            "may_ignore": letter.state in ("new", "replayed"),
        }
        return rendered(request, "dead.html", values)
    return rendered(request, "dead_refused.html", values, status=403)


async def replay(request: Request) -> Response:
    """Send it again to the topic it stood in."""
    identity, state = _actor(request), state_of(request)
    outcomes = await send_again(state.settings, state.dsn, [identity])
    error = outcomes[identity]
    if error is not None:
        raise error
    return RedirectResponse(f"{dead_address(identity)}?done=replayed", 303)


async def ignore(request: Request) -> Response:
    """Set it aside."""
    identity = _actor(request)
    async with connected(state_of(request).dsn) as connection:
        await store.ignore(connection, identity)
    return RedirectResponse(f"{dead_address(identity)}?done=ignored", 303)


def _actor(request: Request) -> str:
    if not is_privileged(request):
        raise HTTPException(403)
    identity: str = request.path_params["identity"]
    return identity


def _hex_lines(content: bytes) -> list[tuple[str, str, str]]:
    """Offset, bytes in hex, and those of them that are ASCII."""
    lines = []
    for start in range(0, len(content), HEX_ROW):
        row = content[start : start + HEX_ROW]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        lines.append((f"{start:08x}", row.hex(" "), letters))
    return lines
