"""How yinuo's processes log: lines for people on a terminal, JSON objects elsewhere, always on stderr.

Not for what a command answers. Laws: one event is one line (tracebacks on a terminal are marked lines below it), so
that nothing in an article can forge an entry or steer a terminal; no password or token is written.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

import structlog
from structlog.dev import ConsoleRenderer
from structlog.processors import JSONRenderer
from structlog.stdlib import ProcessorFormatter

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

    from yinuo.runtime.settings import Settings

MASK = "***"
OWN = "yinuo"
_SECRET_NAME = re.compile(
    r"passw|secret|token$|credential|authorization|database_url|dsn|api_?key", re.IGNORECASE
)
_URL_PASSWORD = re.compile(r"(\w://[^\s/:@]*:)\S+(?=@)")
_NAMED_SECRET = re.compile(
    r"((?:password|passwd|secret|token|authorization)[\"']?\s*[=:]\s*(?:bearer\s+)?[\"']?)[^\s,;\"'&)}]+",
    re.IGNORECASE,
)


def configure(settings: Settings, *, service: str = "") -> None:
    """Log from here on as the settings say; `service` stands in every line. May be called again."""
    people = _for_people(settings)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(people, service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries' own chatter is of use only when one looks for a fault.
    root.setLevel(settings.log_level if settings.log_level in ("DEBUG", "ERROR") else logging.WARNING)
    logging.getLogger(OWN).setLevel(settings.log_level)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_common(), ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def masked(text: str) -> str:
    """The text without passwords: in URLs, and after names such as password= or token:."""
    return _NAMED_SECRET.sub(rf"\g<1>{MASK}", _URL_PASSWORD.sub(rf"\g<1>{MASK}", text))


def visible(text: str) -> str:
    """The text with every character that a terminal would not show, line breaks included, written as an escape."""
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else _escaped(mark) for mark in text)


def _escaped(mark: str) -> str:
    return mark.encode("unicode_escape").decode("ascii")


def _for_people(settings: Settings) -> bool:
    if settings.log_format == "auto":
        return sys.stderr is not None and sys.stderr.isatty()
    return settings.log_format == "console"


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _formatter(people: bool, service: str) -> ProcessorFormatter:
    ending: list[Processor] = [ProcessorFormatter.remove_processors_meta, _named(service), _without_secrets]
    if people:
        ending += [_readable, _console()]
    else:
        ending += [_ordered, JSONRenderer(_json, default=repr)]
    return ProcessorFormatter(foreign_pre_chain=_common()[:-2] + _common()[-1:], processors=ending)


def _json(event: Any, **options: Any) -> str:
    """JSON that shows letters of all scripts as they are, and escapes what a terminal would obey."""
    text = json.dumps(event, ensure_ascii=False, **options)
    return (
        text
        if text.isprintable()
        else "".join(mark if mark.isprintable() else json.dumps(mark)[1:-1] for mark in text)
    )


def _console() -> ConsoleRenderer:
    return ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def _named(service: str) -> Processor:
    def add_service(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        if service:
            event["service"] = service
        return event

    return add_service


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        event[name] = MASK if _SECRET_NAME.search(name) and value else _clean(value)
    return event


def _clean(value: Any) -> Any:
    """The value without passwords, in depth; what is no plain data becomes its repr, masked too."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {
            str(name): MASK if _SECRET_NAME.search(str(name)) else _clean(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    return masked(str(value) if isinstance(value, BaseException) else repr(value))


def _readable(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Nothing a terminal would obey; a traceback as lines that no event can look like."""
    for name in ("exception", "stack"):
        if text := event.get(name):
            event[name] = "\n".join("    | " + visible(line) for line in re.split(r"\r\n|\r|\n", str(text)))
    for name, value in event.items():
        if isinstance(value, str) and name not in ("exception", "stack"):
            event[name] = visible(value)
    return event


def _ordered(_: WrappedLogger, __: str, event: EventDict) -> MutableMapping[str, Any]:
    first = ("timestamp", "level", "service", "logger", "event")
    return {name: event[name] for name in first if name in event} | {
        name: value for name, value in event.items() if name not in first
    }
