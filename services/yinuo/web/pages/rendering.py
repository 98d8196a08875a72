"""How a page becomes HTML: the templates, the words in the visitor's language, and what every page is given.

Law: every value goes through the template engine's escaping; nothing marks text as safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from yinuo.web import links
from yinuo.web.labels import Labels, chosen_language
from yinuo.web.marked_text import key_of
from yinuo.web.state import is_privileged, state_of

LANGUAGE_COOKIE = "yinuo_lang"
YEAR_SECONDS = 365 * 24 * 3600


@cache
def templates() -> Environment:
    """The environment: escaping always, and a misspelt name is an error."""
    environment = Environment(
        loader=PackageLoader("yinuo.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "moment": moment, "figure": figure}
    environment.globals |= {
        "article_address": links.article_address,
        "article_query": links.article_query,
        "rows_address": links.rows_address,
        "promiser_address": links.promiser_address,
        "indicator_address": links.indicator_address,
        "dead_address": links.dead_address,
        "key_of": key_of,
    }
    return environment


def labels_for(request: Request) -> Labels:
    """The words in the visitor's language."""
    asked, kept = request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)
    return Labels(chosen_language(asked, kept, request.headers.get("accept-language", "")))


def rendered(request: Request, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
    """The page; a language asked for is kept in a cookie."""
    words = labels_for(request)
    html = (
        templates()
        .get_template(template)
        .render(
            {
                "t": words,
                "lang": words.language,
                "other": other_language(request, words),
                "path": request.url.path,
                "here": str(request.base_url),
                "today": state_of(request).today(),
                "privileged": is_privileged(request),
                "has_token": state_of(request).access.token is not None,
                **values,
            }
        )
    )
    response = HTMLResponse(html, status)
    if request.query_params.get("lang") in ("en", "zh"):
        response.set_cookie(
            LANGUAGE_COOKIE, words.language, max_age=YEAR_SECONDS, httponly=True, samesite="lax"
        )
    return response


def other_language(request: Request, words: Labels) -> str:
    """This page's address in the other language."""
    other = "en" if words.language == "zh" else "zh"
    return "?" + request.url.remove_query_params("lang").include_query_params(lang=other).query


def number(value: int) -> str:
    """1234567 as 1,234,567."""
    return f"{value:,}"


def figure(value: Decimal | None) -> str:
    """A decimal without exponent and idle zeros, thousands grouped."""
    if value is None:
        return ""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(value: datetime | date | None) -> str:
    """A moment to the minute, in UTC; a day as it is."""
    if value is None:
        return ""
    return value.strftime("%Y-%m-%d %H:%M UTC") if isinstance(value, datetime) else value.isoformat()
