"""The first page: how much there is, how firmly it is promised, when it is due, by whom, and what came in last."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from yinuo.storage import explorer
from yinuo.storage.questions import FIRMNESS
from yinuo.web.pages.rendering import rendered
from yinuo.web.plots import due_timeline
from yinuo.web.state import WebState, state_of


async def numbers(state: WebState) -> explorer.Overview:
    """What the page shows, kept as long as it was dear to ask for."""

    async def fetch() -> explorer.Overview:
        async with state.pool.reading() as connection:
            return await explorer.overview(connection, state.today())

    return await state.overview.get(fetch)


async def overview(request: Request) -> Response:
    """The page."""
    state = state_of(request)
    found = await numbers(state)
    firmness = [(name, found.firmness.get(("pledge", name), 0)) for name in FIRMNESS]
    values = {
        "found": found,
        "firmness": firmness,
        "pledges": sum(often for _, often in firmness),
        "aspirations": sum(often for (kind, _), often in found.firmness.items() if kind == "aspiration"),
        "most_firm": max((often for _, often in firmness), default=0) or 1,
        "timeline": due_timeline(found.due, state.today()),
    }
    return rendered(request, "overview.html", values)
