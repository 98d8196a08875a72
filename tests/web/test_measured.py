"""What is counted of requests: labels are routes' templates, never what somebody asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from web.site import Site
from yinuo.runtime import metrics


def counted(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


def soon(holds: Callable[[], bool]) -> bool:
    """An answer is counted once it has ended, which its reader may see first."""
    until = time.monotonic() + 10
    while time.monotonic() < until and not holds():
        time.sleep(0.01)
    return holds()


def labels_of(name: str) -> set[str]:
    return {
        sample.labels["route"]
        for family in metrics.REGISTRY.collect()
        if family.name == name
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/", "/", "200"),
        ("/due?light=past", "/due", "200"),
        ("/articles/nope-1", "/articles/{article_id}", "404"),
        ("/articles/nope-2/rows/p-1", "/articles/{article_id}/rows/{row}", "404"),
        ("/api/pledges/nope-3", "/api/pledges/{id}", "404"),
        ("/nope-4", "none", "404"),
        ("/static/yinuo.css", "/static", "200"),
        ("/pledges?sort=nope-5", "/pledges", "400"),
    ],
)
def test_requests_by_route_and_status(site: Site, path: str, route: str, status: str) -> None:
    names = {"route": route, "method": "GET", "status": status}
    before = (
        counted("yinuo_web_requests_total", **names),
        counted("yinuo_web_request_seconds_count", route=route),
    )
    assert str(site.ask(path).status) == status
    assert soon(lambda: counted("yinuo_web_requests_total", **names) == before[0] + 1)
    assert soon(lambda: counted("yinuo_web_request_seconds_count", route=route) == before[1] + 1)
    assert not [label for label in labels_of("yinuo_web_requests") if "nope" in label]


def test_what_is_turned_away_is_counted(site: Site) -> None:
    names = {"route": "refused", "method": "other", "status": "403"}
    before = counted("yinuo_web_requests_total", **names)
    assert site.ask("/", method="BREW", host="elsewhere.example").status == 403
    assert soon(lambda: counted("yinuo_web_requests_total", **names) == before + 1)


def test_articles_taken_and_bodies_refused(site: Site) -> None:
    def numbers() -> tuple[float, float]:
        return counted("yinuo_gateway_articles_total"), counted("yinuo_gateway_refused_total", status="400")

    taken, refused = numbers()
    assert site.post(json.dumps([{"text": "a"}, {"text": "b"}]).encode()).status == 202
    assert site.post(b"[{}, {}]").status == 400
    assert soon(lambda: numbers() == (taken + 2, refused + 1))
