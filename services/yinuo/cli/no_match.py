"""What is said where a filter matched nothing: which part of it is too much, and which names are near."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yinuo.storage.connection import Connection
    from yinuo.storage.found import Found
    from yinuo.storage.hints import Hint

_FLAGS = {"lights": "--light"}


async def lines(
    connection: Connection, wanted: Any, find: Callable[[Connection, Any], Awaitable[Found[Any]]]
) -> list[str]:
    """The lines for people, in the order of how much they would bring."""
    from yinuo.cli.console import program
    from yinuo.storage.hints import hints, holdings

    if not (await holdings(connection)).articles:
        return [f"Nothing is stored yet: `{program()} submit PATH…` sends articles."]
    found = await hints(connection, wanted, find)
    said = ["Nothing matches." + ("" if found else " Leaving out one filter alone does not help: try fewer.")]
    return said + [_line(hint, getattr(wanted, hint.field)) for hint in found]


def _line(hint: Hint, value: Any) -> str:
    flag = _FLAGS.get(hint.field, "--" + hint.field.replace("_", "-"))
    given = " ".join(f"{flag} {one}" for one in (value if isinstance(value, tuple) else (value,)))
    change = "With --kind all" if hint.field == "kind" else f"Without {given}"
    parts = []
    if hint.rows:
        count = f"more than {hint.rows}" if hint.more else str(hint.rows)
        parts.append(f"{change} there {'is' if count == '1' else 'are'} {count}.")
    if hint.near:
        parts.append(f"Instead of {value}, there is {', '.join(hint.near)}.")
    return "  " + " ".join(parts)
