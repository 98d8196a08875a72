"""The pages as a program sees them: every address answers, hostile text stays text, filters and places agree with SQL."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode

import asyncpg
import pytest

import servers
from web import site as sites
from web.site import Answer, Site
from yinuo.storage.questions import SQL
from yinuo.web.labels import tables
from yinuo.web.marked_text import Shown, blocks
from yinuo.web.pages.rendering import templates

LISTS = ("pledges", "metrics", "due", "targets", "silent", "promisers", "speakers", "indicators")
HOSTILE_PATH = "/articles/" + quote("hostile<b>&\"'", safe="")


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and the visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def rows(dsn: str, sql: str, *values: Any) -> list[Any]:
    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetch(sql, *values)
        finally:
            await connection.close()

    return servers.apart(fetch)


def addresses(site: Site) -> Iterator[str]:
    """Every page there is, found by following what the pages link to, as far as is sensible."""
    seen, waiting = set(), ["/"]
    while waiting and len(seen) < 120:
        path = waiting.pop(0)
        plain = re.sub(r"#.*", "", path)
        kind = re.sub(r"[0-9a-f]{16}|=[^&]*", "", plain)
        if plain in seen or sum(kind == re.sub(r"[0-9a-f]{16}|=[^&]*", "", one) for one in seen) >= 3:
            continue
        seen.add(plain)
        yield plain
        answer = site.ask(plain)
        if answer.headers["content-type"].startswith("text/html"):
            links = [attributes.get("href") or "" for tag, attributes in Tags(answer.text).tags if tag == "a"]
            base = plain.partition("?")[0]
            waiting += [
                base + link if link.startswith("?") else link for link in links if link[:1] in ("/", "?")
            ]


def test_every_link_leads_somewhere(site: Site) -> None:
    found = {path: site.ask(path).status for path in addresses(site)}
    assert set(found.values()) == {200}, found
    assert len(found) > 40


@pytest.mark.parametrize(
    "path",
    [
        "/", "/search?q=x", "/dead", "/api",
        *(f"{head}/{name}{tail}" for name in LISTS for head, tail in (("", ""), ("/api", ""), ("", ".csv"))),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "zh"])
def test_with_nothing_there(bare: Site, path: str, language: str) -> None:
    answer = bare.ask(path, headers={"Accept-Language": language})
    assert answer.status == 200
    if path in ("/", *(f"/{name}" for name in LISTS)):
        assert "yinuo submit seeds/" in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "Nothing is promised here.",
        "\ufffd?\u3000\r\n  霁川市将\r\n\r\n建\n成 3 所学\t校\x0c",
        "𠀀" * 50,
        "a" * 3000,
        "。\n" * 500,
    ],
    ids=["no row", "broken", "beyond the plane", "one word", "stops alone"],
)
def test_with_one_article_alone(database: str, text: str) -> None:
    from yinuo_schemas import Article

    sites.stock(database, [Article(article_id="only", text=text)])
    with sites.running(database) as site:
        for path in (
            "/",
            "/pledges",
            "/metrics",
            "/articles/only",
            "/articles/only?view=clean&ledger",
            "/search?q=a",
        ):
            assert site.ask(path).status == 200, path
        page = site.ask("/articles/only").text
        shown = re.findall(r'<(?:a|span)[^>]* data-s="[^>]*>(.*?)</(?:a|span)>', page, re.DOTALL)
        assert html.unescape("".join(shown)).replace("\r", "") == text.replace("\r", "")


@pytest.fixture
def oddly_named(database: str) -> Iterator[Site]:
    """An article of each odd name, with its number as its promise."""
    from yinuo_schemas import Article

    text = "霁川市将在2027年底前建成{}所学校。"
    articles = [Article(article_id=name, text=text.format(n)) for n, name in enumerate(sites.ODD_IDS, 2)]
    sites.stock(database, articles)
    with sites.running(database) as own:
        yield own


def browsed(site: Site, address: str) -> Answer:
    """The answer to what a browser makes of an address: it walks the steps `.` and `..` of a path."""
    path, mark, query = address.partition("#")[0].partition("?")
    steps: list[str] = []
    for step in path.split("/")[1:]:
        if re.fullmatch(r"(\.|%2e){2}", step, re.IGNORECASE):
            steps = steps[:-1]
        elif not re.fullmatch(r"\.|%2e", step, re.IGNORECASE):
            steps.append(step)
    return site.ask("/" + "/".join(steps) + mark + query)


def links_in(page: str) -> list[str]:
    return [attributes.get("href") or "" for tag, attributes in Tags(page).tags if tag == "a"]


def test_each_article_is_reached_whatever_its_name(oddly_named: Site) -> None:
    page = oddly_named.ask("/pledges?sort=published").text
    rows_ = oddly_named.ask("/api/pledges?sort=published").json["rows"]
    assert {row["article_id"] for row in rows_} == set(sites.ODD_IDS)
    links = [link for link in links_in(page) if link.startswith("/article")]
    assert len(links) == len(rows_)
    for link, row in zip(links, rows_, strict=True):
        opened = browsed(oddly_named, link)
        assert opened.status == 200, link
        assert (
            f"id <code>{html.escape(row['article_id']).replace('&quot;', '&#34;').replace('&#x27;', '&#39;')}</code>"
            in opened.text
        )
        assert f'data-key="p-{row["pledge_id"]}"' in opened.text
        base = link.partition("?")[0]
        for other in links_in(opened.text):
            if other.startswith("?"):
                assert row["quote"] in Tags(browsed(oddly_named, base + other).text).words, other
            if other.startswith(("/pledges?article", "/metrics?article")):
                assert f"article={quote(row['article_id'], safe='')}" in other
        prefix = re.search(r'data-rows="([^"]+)"', opened.text)
        assert prefix
        assert row["quote"] in browsed(oddly_named, html.unescape(prefix[1]) + f"p-{row['pledge_id']}").text


def test_a_browser_walks_steps(oddly_named: Site) -> None:
    """The planted violation: the plain path leads elsewhere, so that the test above can fail."""
    assert "id <code>" not in browsed(oddly_named, "/articles/..").text
    assert "id <code>" not in browsed(oddly_named, "/articles/%2E").text


def test_what_is_wrong_has_a_page_of_its_own(site: Site) -> None:
    for path, status in {
        "/nope": 404,
        "/articles/nope": 404,
        "/articles/%00": 404,
        "/promiser?name=nobody": 404,
        "/indicator?name=nothing": 404,
        "/dead/c1:articles.raw:0:5": 404,
        "/pledges?sort=quote": 400,
        "/pledges?due_from=soon": 400,
        "/pledges?due=never": 400,
        "/pledges?after=%21": 400,
        "/pledges?after=WzFd": 400,
        "/pledges?colour=red": 400,
        "/due?sort=promiser": 400,
        "/targets?due=past": 400,
        "/silent?after=%21": 400,
        "/speakers?sort=speaker": 400,
        "/promisers?after=WzFd": 400,
        "/indicators?colour=red": 400,
        "/indicators.csv?q=%00": 400,
        "/pledges?q=%00": 400,
        "/pledges?firmness=%00&firmness=aim": 400,
        "/dead?state=gone": 400,
        "/api/pledges/nope": 404,
        "/api/pledges?sort=quote": 400,
        "/articles": 405,
    }.items():
        answer = site.ask(path)
        assert answer.status == status, path
        assert "Traceback" not in answer.text
        if path.startswith("/api/"):
            assert answer.json["error"]


def test_the_database_is_away() -> None:
    with sites.running("postgresql://nobody:secret@127.0.0.1:1/none") as away:
        for path in ("/", "/pledges", "/articles/a", "/dead", "/api/metrics", "/readyz"):
            answer = away.ask(path)
            assert answer.status == 503, path
            assert "secret" not in answer.text
        assert away.ask("/healthz").status == 200


@pytest.mark.parametrize(
    "path", [HOSTILE_PATH, "/", "/search?q=学校", "/pledges?q=12所学校", "/dead/c1:articles.raw:0:901"]
)
def test_html_and_script_show_as_text(site: Site, path: str) -> None:
    answer = site.ask(quote(path, safe="/?=&%:"))
    assert answer.status == 200
    page = Tags(answer.text)
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert scripts == [{"src": "/static/yinuo.js", "defer": None}]
    assert not [tag for tag, _ in page.tags if tag in ("img", "i", "b", "iframe", "object", "style")]
    assert not [
        name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "style"
    ]
    if path == HOSTILE_PATH:
        assert sites.HOSTILE.replace("\n", "") in page.words.replace("\n", "")


def test_the_article_shows_its_text_unchanged(site: Site, stocked: str) -> None:
    for row in rows(stocked, "SELECT article_id, text FROM yinuo.articles"):
        page = site.ask(f"/articles/{quote(row['article_id'], safe='')}").text
        shown = re.findall(
            r'<(?:a|span)[^>]* data-s="(\d+)" data-e="(\d+)"[^>]*>(.*?)</(?:a|span)>', page, re.DOTALL
        )
        assert "".join(html.unescape(words) for _, _, words in shown) == row["text"]
        at = 0
        for start, end, words in shown:
            assert (int(start), int(end) - int(start)) == (at, len(html.unescape(words)))
            at = int(end)


def test_each_row_opens_its_evidence(site: Site, stocked: str) -> None:
    found = rows(stocked, "SELECT * FROM yinuo.current_pledges WHERE inherited <> '{}' LIMIT 5")
    found += rows(stocked, "SELECT * FROM yinuo.current_metrics LIMIT 3")
    assert len(found) == 8
    for row in found:
        key = f"p-{row['pledge_id']}" if "firmness" in row else f"m-{row['metric_id']}"
        base = f"/articles/{quote(row['article_id'], safe='')}"
        whole, part = site.ask(f"{base}?row={key}").text, site.ask(f"{base}/rows/{key}").text
        for page in (whole, part):
            assert f'data-key="{key}"' in page
            assert f"[{row['span_start']}, {row['span_end']}, &#34;row&#34;]" in page
        words = Tags(part).words
        assert row["quote"] in words
        assert all(rule in words for rule in re.findall(r'"([^"]+)"', row["rules"]))


def test_the_ledger_names_every_reason(site: Site, stocked: str) -> None:
    (row,) = rows(
        stocked,
        "SELECT article_id, jsonb_array_length(skipped) AS n FROM yinuo.articles ORDER BY n DESC LIMIT 1",
    )
    path = f"/articles/{row['article_id']}"
    assert 'id="ledger"' not in site.ask(path).text
    page = site.ask(f"{path}?ledger").text
    assert len(re.findall(r'href="#at-\d+" data-at', page)) == row["n"] > 10


def test_the_clean_view_is_what_the_rules_read(site: Site, stocked: str) -> None:
    for row in rows(stocked, "SELECT article_id FROM yinuo.articles"):
        assert site.ask(f"/articles/{quote(row['article_id'], safe='')}?view=clean").status == 200


QUESTIONS = {
    "": "true",
    "firmness=guarantee&firmness=aim": "firmness IN ('guarantee', 'aim')",
    "kind=aspiration": "kind = 'aspiration'",
    "testability=testable&topic=urban": "testability = 'testable' AND topic = 'urban'",
    "due_from=2023-01-01&due_by=2023-12-31": "due BETWEEN '2023-01-01' AND '2023-12-31'",
    "due=undated": "due IS NULL",
    "due=past&due=later": "due < yinuo.today() OR due > yinuo.today() + 90",
    "promiser=琅琊镇": "promiser = '琅琊镇'",
    "q=停车场": "regexp_replace(quote || ' ' || coalesce(title, ''), '\\s', '', 'g') LIKE '%停车场%'",
    "q=' OR 1=1 --": "false",
    "q=%": "quote LIKE '%\\%%' OR title LIKE '%\\%%'",
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("sort", ["", "due", "-due", "promiser", "-firmness", "specificity", "published"])
def test_pages_of_a_question_are_all_of_it_in_order(
    site: Site, stocked: str, question: str, sort: str
) -> None:
    pairs = [tuple(one.split("=", 1)) for one in question.split("&") if one]
    found: list[Any] = []
    after = ""
    while True:
        query = urlencode([*pairs, ("sort", sort), ("after", after)])
        answer = site.ask(f"/api/pledges?{query}")
        assert answer.status == 200, answer.text
        found += answer.json["rows"]
        after = answer.json["next"]
        if not after:
            break
    wanted = rows(stocked, f"SELECT pledge_id FROM yinuo.current_pledges WHERE {QUESTIONS[question]}")
    ids = [row["pledge_id"] for row in found]
    assert len(ids) == len(set(ids))
    assert set(ids) == {row["pledge_id"] for row in wanted}
    name = {"": "published_on", "published": "published_on"}.get(
        sort.removeprefix("-"), sort.removeprefix("-")
    )
    if name in ("due", "published_on", "specificity"):
        given = [row[name] for row in found if row[name] is not None]
        assert given == sorted(given, reverse=sort.startswith("-") or not sort)
        assert all(row[name] is None for row in found[len(given) :]), "what has no value comes last"


METRIC_QUESTIONS = {
    "q=收入 旅游": "{form} LIKE '%收入%' AND {form} LIKE '%旅游%'".format(
        form="regexp_replace(concat_ws(' ', quote, indicator, title), '\\s', '', 'g')"
    ),
    "status=target": "status = 'target'",
    "q=旅游": "regexp_replace(concat_ws(' ', quote, indicator, title), '\\s', '', 'g') LIKE '%旅游%'",
    "pledge_promiser=琅琊镇&pledge_firmness=aim": "pledge_promiser = '琅琊镇' AND pledge_firmness = 'aim'",
}


@pytest.mark.parametrize("question", METRIC_QUESTIONS)
@pytest.mark.parametrize("sort", ["", "value", "-value", "-period", "indicator", "status"])
def test_metrics_likewise(site: Site, stocked: str, question: str, sort: str) -> None:
    pairs = [tuple(one.split("=", 1)) for one in question.split("&")]
    found: list[Any] = []
    after: str | None = ""
    while after is not None:
        answer = site.ask(f"/api/metrics?{urlencode([*pairs, ('sort', sort), ('after', after)])}")
        found += answer.json["rows"]
        after = answer.json["next"]
    wanted = rows(stocked, f"SELECT metric_id FROM yinuo.current_metrics WHERE {METRIC_QUESTIONS[question]}")
    assert sorted(row["metric_id"] for row in found) == sorted(row["metric_id"] for row in wanted)
    if sort.endswith("value"):
        given = [Decimal(row["value"]) for row in found]
        assert given == sorted(given, reverse=sort.startswith("-"))


def test_too_many_words_are_refused(site: Site) -> None:
    words = "一 二 三 四 五 六 七 八"
    assert site.ask("/pledges?" + urlencode({"q": words})).status == 200
    for path in ("/pledges", "/pledges.csv", "/api/pledges"):
        assert site.ask(f"{path}?" + urlencode({"q": words + " 九"})).status == 400


def test_facets_that_take_too_long_do_not_keep_the_rows(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SQL, "facets", SQL["facets"].replace("FROM hits", "FROM hits, pg_sleep(2)"))
    page = site.ask("/pledges?lang=en&firmness=aim").text
    assert "too many to count" in page
    assert 'class="quote"' in page
    assert "aria-current" in page, "what is chosen can be taken away"


def test_csv_is_what_is_seen_all_of_it(site: Site, stocked: str) -> None:
    answer = site.ask("/pledges.csv?" + urlencode({"promiser": "琅琊镇", "sort": "due"}))
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    (row,) = rows(stocked, "SELECT count(*) AS n FROM yinuo.current_pledges WHERE promiser = '琅琊镇'")
    assert len(lines) == row["n"] > 50
    assert answer.headers["content-disposition"] == 'attachment; filename="pledges.csv"'


def test_facets_count_what_they_lead_to(site: Site) -> None:
    page = site.ask("/pledges").text
    links = re.findall(
        r'<li><a href="(/pledges\?[^"]+)" rel="nofollow">.*?<span class="often">([\d,]+)</span>', page
    )
    assert len(links) > 30
    for address, often in links[::6]:
        total = re.search(r"<strong>([\d,]+)</strong>", site.ask(html.unescape(address)).text)
        assert total is not None
        assert total[1] == often, address


def test_dead_letters_show_text_and_hex(site: Site) -> None:
    path = "/dead/c1:articles.raw:0:901"
    assert "\\xff&lt;script&gt;" in site.ask(path).text
    assert "00 ff 3c 73 63 72 69 70 74 3e" in site.ask(f"{path}?view=hex").text
    long = site.ask("/dead/c1:articles.raw:0:902").text
    assert len(long) < 300_000


def test_replay_and_ignore(database: str, embedded_broker: servers.Broker, topic_prefix: str) -> None:
    letters = [sites.dead_letter(n, topic=f"{topic_prefix}articles.raw") for n in (1, 2)]
    sites.stock(database, [], letters)
    first, second = (f"/dead/{letter.source.identity}" for letter in letters)
    with sites.running(database, kafka_url=embedded_broker.bootstrap, topic_prefix=topic_prefix) as site:
        assert site.post(b'{"text": "a"}').status == 202, "the topic is there"
        done = site.ask(f"{first}/replay", method="POST", headers={"Origin": site.address})
        assert (done.status, done.headers["location"]) == (303, f"{first}?done=replayed")
        assert site.ask(f"{first}/replay", method="POST").status == 400, "only a new one"
        assert site.ask(f"{second}/ignore", method="POST").status == 303
        assert site.ask(f"{second}/replay").status == 404, "GET does nothing"
    states = rows(database, "SELECT source_offset, state FROM yinuo.dead_letters ORDER BY source_offset")
    assert [tuple(row) for row in states] == [(1, "replayed"), (2, "ignored")]


def test_a_page_can_change_nothing(stocked: str) -> None:
    from yinuo.storage.pool import ReadingPool

    async def write() -> str:
        pool = ReadingPool(stocked)
        try:
            async with pool.reading() as connection:
                role: str = await connection.fetchval("SELECT current_user")
                with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                    await connection.execute("CREATE TABLE yinuo.x ()")
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch("SELECT value FROM yinuo.dead_letters")
                return role
        finally:
            await pool.close()

    assert servers.apart(write) == "yinuo_reader"


def test_every_label_is_there_in_both_languages() -> None:
    for section, words in tables().items():
        for key, pair in words.items():
            assert len(pair) == 2, (section, key)
            assert all(pair), (section, key)
    sources = [templates().loader.get_source(templates(), name)[0] for name in templates().list_templates()]  # type: ignore[union-attr]
    used = {key for source in sources for key in re.findall(r"\bt\('([a-z_0-9]+)'\)", source)}
    assert used <= set(tables()["page"])
    assert len(used) > 60


def test_a_long_article_with_thousands_of_rows(database: str) -> None:
    """200,000 characters: the page comes, whole, and its pieces are cut in one pass."""
    from yinuo_schemas import Article

    lines = (
        f"第{n}项:霁川市确保2027年底前建成{n}所学校。{'这里说的是别的事情。' * 12}\n" for n in range(1, 2000)
    )
    text = "".join(lines)[:200_000]
    sites.stock(database, [Article(article_id="long", text=text)])
    with sites.running(database) as site:
        answer = site.ask("/articles/long?ledger")
        assert answer.status == 200
        assert answer.text.count('data-s="') > 3_000
        shown = re.findall(r'<(?:a|span)[^>]* data-s="[^>]*>(.*?)</(?:a|span)>', answer.text, re.DOTALL)
        assert html.unescape("".join(shown)) == text
        assert site.ask("/articles/long?view=clean").status == 200


def test_pieces_cover_what_overlaps(stocked: str) -> None:
    from yinuo.storage.explorer import marked_article
    from yinuo.storage.queries import connected

    async def found() -> Any:
        async with connected(stocked) as connection:
            row = await connection.fetchrow(
                "SELECT article_id FROM yinuo.pledges GROUP BY article_id ORDER BY count(*) DESC LIMIT 1"
            )
            return await marked_article(connection, row["article_id"])

    read = servers.apart(found)
    pieces = [piece for block in blocks(read, Shown(read.text), ledger=True) for piece in block.pieces]
    assert "".join(piece.text for piece in pieces) == read.text
    assert len(read.marks) > 50
    for mark in read.marks:
        on = [piece for piece in pieces if mark in piece.marks]
        assert "".join(piece.text for piece in on) == read.text[mark.start : mark.end]
