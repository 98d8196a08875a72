"""The pages of views and the lists of names: each row once, in order, as SQL has them; counts lead to what they count."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from web.site import Site
from web.test_pages import Tags, rows

VIEW_QUESTIONS = {
    "due": ("due_pledges", "pledge_id", "light IN ('due_30', 'due_90', 'later')"),
    "due?light=past&sort=-due": ("due_pledges", "pledge_id", "light = 'past'"),
    "due?light=undated&light=past&kind=pledge": ("due_pledges", "pledge_id", "light IN ('past', 'undated') AND kind = 'pledge'"),
    "silent": ("silent_pledges", "pledge_id", "true"),
    "silent?light=past&testability=testable": ("silent_pledges", "pledge_id", "light = 'past' AND testability = 'testable'"),
    "targets": ("pledge_targets", "metric_id", "true"),
    "targets?light=undated&unit=元": ("pledge_targets", "metric_id", "due IS NULL AND unit = '元'"),
    "targets?light=to_come": ("pledge_targets", "metric_id", "due >= yinuo.today()"),
    "pledges?executor=市住房和城乡建设局": ("current_pledges", "pledge_id", "executor = '市住房和城乡建设局'"),
    "targets?sort=-value&firmness=aim": ("pledge_targets", "metric_id", "firmness = 'aim'"),
    "targets?sort=indicator&due_by=2025-12-31": ("pledge_targets", "metric_id", "due <= '2025-12-31'"),
    "targets?q=旅游": (
        "pledge_targets", "metric_id",
        "regexp_replace(concat_ws(' ', quote, indicator, title), '\\s', '', 'g') LIKE '%旅游%'",
    ),
}  # fmt: skip


def page_by_page(site: Site, path: str, query: str) -> list[Any]:
    """The rows of all pages of an answer, in order."""
    found: list[Any] = []
    after: str | None = ""
    while after is not None:
        answer = site.ask(f"/api/{path}?{query}&after={after}")
        assert answer.status == 200, answer.text
        found += answer.json["rows"]
        after = answer.json["next"]
    return found


@pytest.mark.parametrize("question", VIEW_QUESTIONS)
def test_pages_of_a_view_are_all_of_it(site: Site, stocked: str, question: str) -> None:
    view, key, condition = VIEW_QUESTIONS[question]
    path, _, query = question.partition("?")
    found = page_by_page(site, path, quote(query, safe="=&"))
    wanted = {row[key] for row in rows(stocked, f"SELECT {key} FROM yinuo.{view} WHERE {condition}")}
    assert wanted
    assert len(found) == len(wanted)
    assert {row[key] for row in found} == wanted
    lines = list(csv.DictReader(io.StringIO(site.ask(f"/{path}.csv?{quote(query, safe='=&')}").text)))
    assert [line[key] for line in lines] == [row[key] for row in found]
    page = site.ask(f"/{path}?lang=en&{quote(query, safe='=&')}").text
    assert page.count('<td class="quote"') == min(50, len(found))
    total = re.search(r"<strong>([\d,]+)</strong> rows", page)
    assert total
    assert int(total[1].replace(",", "")) == len(found)


def test_lights_are_said_with_their_days(site: Site) -> None:
    row = site.ask("/api/due").json["rows"][0]
    page = Tags(site.ask("/due?lang=en").text).words
    assert f"in {row['days_left']:,} days" in page or "today" in page
    gone = site.ask("/api/due?light=past&sort=-due").json["rows"][0]
    page = Tags(site.ask("/due?lang=en&light=past&sort=-due").text).words
    assert f"{-gone['days_left']:,} days ago" in page


@pytest.mark.parametrize(
    ("path", "view", "column"),
    [("promisers", "promisers", "promiser"), ("speakers", "speakers", "speaker"), ("indicators", "current_metrics", "indicator")],
)  # fmt: skip
def test_lists_hold_every_name_once(site: Site, stocked: str, path: str, view: str, column: str) -> None:
    sql = f'SELECT DISTINCT {column} COLLATE "C" AS n FROM yinuo.{view} WHERE {column} IS NOT NULL ORDER BY 1'
    wanted = [row["n"] for row in rows(stocked, sql)]
    for sort in ("", "name"):
        found = page_by_page(site, path, f"sort={sort}")
        names = [row[column] for row in found]
        assert list(dict.fromkeys(names)) == wanted if sort else set(names) == set(wanted)
        if path != "speakers":
            assert len(names) == len(set(names))
        lines = list(csv.DictReader(io.StringIO(site.ask(f"/{path}.csv?sort={sort}").text)))
        assert [line[column] for line in lines] == names
    part = max(wanted, key=len)[1:3]
    some = {row[column] for row in site.ask(f"/api/{path}?{urlencode({'q': part})}").json["rows"]}
    assert some == {name for name in wanted if part in name}


def test_what_a_list_counts_is_what_it_leads_to(site: Site) -> None:
    for path in ("promisers", "speakers", "indicators"):
        page = site.ask(f"/{path}").text
        links = re.findall(r'<td class="figure"[^>]*><a href="([^"]+)">([\d,]+)</a>', page)
        assert links
        for address, often in links[::9]:
            total = re.search(r"<strong>([\d,]+)</strong>", site.ask(html.unescape(address)).text)
            assert total
            assert total[1] == often, address


def test_each_name_that_a_row_has_finds_it(site: Site, stocked: str) -> None:
    """Also those that stand nowhere in their article as they are: put together from several places of it."""
    for path, view, name, key in (
        ("metrics", "current_metrics", "indicator", "metric_id"),
        ("pledges", "current_pledges", "promiser", "pledge_id"),
    ):
        found = rows(
            stocked,
            f"SELECT v.{name} AS name, v.{key} AS id, strpos(a.text, v.{name}) = 0 AS put_together "
            f"FROM yinuo.{view} AS v JOIN yinuo.articles AS a USING (article_id) WHERE v.{name} IS NOT NULL",
        )
        assert any(row["put_together"] for row in found), view
        for name_ in {row["name"] for row in found}:
            ids: set[str] = set()
            after: str | None = ""
            while after is not None:
                answer = site.ask(f"/api/{path}?{urlencode({'q': name_, 'after': after})}").json
                ids |= {row[key] for row in answer["rows"]}
                after = answer["next"]
            assert {row["id"] for row in found if row["name"] == name_} <= ids, name_
