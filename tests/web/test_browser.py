"""The pages as a person has them: a real Chromium searches, filters, opens evidence, follows the timeline, replays.

Every page is looked over by axe-core, and the browser's console must have nothing to say.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

import servers
from web import site as sites
from web.site import Site

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
SERIOUS = ("serious", "critical")
WANTED = {"chromium": "chromium", "chromedriver": "chromium-driver"}


class Browser:
    """A headless Chromium, and what a person does with it."""

    def __init__(self, profile: Path) -> None:
        for program, package in WANTED.items():
            if shutil.which(program) is None:
                servers.missing(f"{program} is not installed: apt-get install {package} fonts-noto-cjk")
        options = webdriver.ChromeOptions()
        for flag in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--lang=en",
        ):
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={profile}")
        options.binary_location = shutil.which("chromium") or ""
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = Service(shutil.which("chromedriver"), env={**os.environ, "HOME": str(profile)})
        self.driver = webdriver.Chrome(options=options, service=service)
        self.address = ""

    def opens(self, path: str) -> None:
        self.driver.get(self.address + path)

    def one(self, css: str, words: str = "") -> WebElement:
        """The first that is there and holds the words, waited for."""

        def found(_: Any) -> WebElement | bool:
            here = self.driver.find_elements(By.CSS_SELECTOR, css)
            return next((element for element in here if words in (element.text or "")), False)

        element = self._waits().until(found, f"{css} with {words!r}")
        assert isinstance(element, WebElement)
        return element

    def words(self, css: str) -> str:
        """Those of the first that is there now, also while a script puts another in its place."""
        found = self.driver.execute_script("return document.querySelector(arguments[0])?.textContent", css)
        return found or ""

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def until(self, holds: Callable[[], object], what: str) -> None:
        self._waits().until(lambda _: holds(), what)

    def _waits(self) -> WebDriverWait:
        """A look at a page that another takes the place of meanwhile is no look: it is looked again."""
        return WebDriverWait(self.driver, 20, ignored_exceptions=(StaleElementReferenceException,))

    def wide(self, width: int, height: int = 900, *, dark: bool = False) -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def complaints(self) -> list[str]:
        """What the console said since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def barriers(self) -> list[str]:
        """What axe-core finds serious on this page."""
        # Evaluated as a debugger does, past the page's own policy, which lets no script in.
        self.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE})
        found = self.driver.execute_async_script("axe.run(document).then(arguments[arguments.length - 1])")
        return [
            f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:200]}"
            for one in found["violations"]
            if one["impact"] in SERIOUS
            for node in one["nodes"][:3]
        ]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    profile = Path(tempfile.mkdtemp(prefix="yinuo-chromium-"))
    try:
        browser = Browser(profile)
        try:
            yield browser
        finally:
            browser.driver.quit()
    finally:
        shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def browser(chromium: Browser, site: Site) -> Iterator[Browser]:
    """On the site with the seeds, wide; nothing may have been said on the console at the end."""
    chromium.address = site.address
    chromium.complaints()
    chromium.wide(1280)
    yield chromium
    assert chromium.complaints() == []


def test_search_filter_and_evidence(browser: Browser) -> None:
    browser.opens("/pledges?lang=en")
    everything = int(browser.one(".total strong").text)
    box = browser.one("#q")
    box.send_keys("停车场", Keys.ENTER)
    browser.until(lambda: "q=" in browser.driver.current_url, "the search is in the address")
    assert 0 < int(browser.one(".total strong").text) < everything
    assert all("停车" in cell.text for cell in browser.all("td.quote"))
    browser.one(".chips a").click()
    browser.until(lambda: browser.one(".total strong").text == str(everything), "the search is taken away")
    facet = browser.one(".facets li a", "琅琊镇")
    often = facet.find_element(By.CSS_SELECTOR, ".often").text
    facet.click()
    browser.one(".facets li a[aria-current=true]", "琅琊镇")
    assert browser.one(".total strong").text == often
    browser.one("th a", "Due").click()
    browser.one("th[aria-sort=ascending]", "Due")
    words = browser.one("td.quote a").text
    browser.one("td.quote a").click()
    assert browser.one(".panel blockquote").text == words
    assert "".join(one.text for one in browser.all(".text .on")) == words


def test_hover_tap_and_keys_show_what_was_read(browser: Browser) -> None:
    browser.opens("/pledges?lang=en&q=停车场")
    browser.one("td.quote a").click()
    first = browser.one(".panel [data-key]").get_attribute("data-key")
    mark = next(one for one in browser.all(".text a.mark") if one.get_attribute("data-key") != first)
    key = mark.get_attribute("data-key")
    mark.send_keys(Keys.ENTER)
    browser.one(f".panel [data-key='{key}']")
    assert f"row={key}" in browser.driver.current_url, "what is shown can be shared"
    assert browser.all(".text .on")
    browser.opens(browser.driver.current_url[len(browser.address) :].partition("?")[0])
    assert not browser.all(".panel [data-key]")
    webdriver.ActionChains(browser.driver).move_to_element(browser.one(".text a.mark")).perform()
    browser.one(".panel .evidence")


def test_from_row_to_row(browser: Browser, site: Site) -> None:
    browser.opens("/pledges?lang=en&q=停车场")
    browser.one("td.quote a").click()
    place, total = (int(part) for part in browser.one(".beside .about").text.split(" / "))
    assert total > 20
    words = browser.one(".panel blockquote").text
    browser.one(".beside a[rel=next]").click()
    browser.until(
        lambda: browser.one(".beside .about").text == f"{place + 1} / {total}", "the next row is shown"
    )
    key = browser.one(".panel [data-key]").get_attribute("data-key")
    assert f"row={key}" in browser.driver.current_url
    shown = browser.driver.execute_script(
        "const box = document.querySelector('.text .on').getBoundingClientRect();"
        "return box.top >= 0 && box.bottom <= innerHeight && document.activeElement.rel === 'next'"
    )
    assert shown, "its words are in sight, and Enter goes on"
    browser.one(".beside a[rel=prev]").click()
    browser.until(lambda: browser.words(".panel blockquote") == words, "back again")


def test_inherited_values_have_lines_to_where_they_were_read(browser: Browser, site: Site) -> None:
    rows = site.ask("/api/pledges?sort=published").json["rows"]
    row = next(row for row in rows if row["inherited"])
    browser.opens(f"/articles/{quote(row['article_id'])}?row=p-{row['pledge_id']}")
    assert len(browser.all("svg.lines path")) == len(row["inherited"])
    assert browser.all(".text .from")
    browser.one(".elsewhere a[data-at]").click()
    browser.one(".text .flash")


def test_the_timeline_leads_to_its_pledges(browser: Browser) -> None:
    browser.opens("/?lang=en")
    bar = browser.all("svg.timeline a.bar")[-1]
    often = bar.find_element(By.CSS_SELECTOR, "text.often").text
    webdriver.ActionChains(browser.driver).move_to_element(
        bar.find_element(By.CSS_SELECTOR, "rect.body")
    ).click().perform()
    browser.until(lambda: "due_from=" in browser.driver.current_url, "the bar is a link")
    assert browser.one(".total strong").text == often


def test_lists_and_lights_lead_on(browser: Browser) -> None:
    browser.opens("/?lang=en")
    browser.one("nav a", "Promisers").click()
    browser.one("th[aria-sort=descending]", "Pledges")
    box = browser.one("#q")
    box.send_keys("琅琊", Keys.ENTER)
    browser.until(lambda: "q=" in browser.driver.current_url, "the search is in the address")
    browser.one(".listed td.figure a").click()
    browser.one("h1", "Pledges")
    browser.one("nav a", "Due").click()
    nearest = browser.one("td.day time").text
    browser.one(".lights a", "day gone by").click()
    browser.one(".lights a[aria-current]", "day gone by")
    assert browser.one("td.day time").text < nearest
    browser.one(".tag.l-past")
    browser.one("nav a", "Indicators").click()
    name = browser.one(".listed td.quote a").text
    browser.one(".listed td.quote a").click()
    assert browser.one("h1").text == name
    browser.one("nav a", "Targets").click()
    words = browser.one("td.quote a").text
    browser.one("td.quote a").click()
    assert words in browser.one(".panel blockquote").text
    browser.one("nav a", "Silent").click()
    browser.one("td.quote", "looked for")


def test_the_language_stays(browser: Browser) -> None:
    browser.opens("/?lang=en")
    browser.one("nav .language").click()
    browser.one("h1", "概览")
    browser.one("nav a", "承诺").click()
    browser.one("h1", "承诺")
    browser.opens("/?lang=en")


def test_script_in_an_article_does_not_run(browser: Browser) -> None:
    browser.opens("/articles/" + quote("hostile<b>&\"'", safe=""))
    assert "broken" not in browser.driver.title.partition("·")[2]
    assert browser.driver.title.startswith("</title><script>")
    browser.one("a.mark").click()
    browser.one(".panel .evidence")
    assert not browser.all("main img, main b, main i, main script")


def test_each_article_is_reached_whatever_its_name(chromium: Browser, database: str) -> None:
    from yinuo_schemas import Article

    text = "霁川市将在2027年底前建成{}所学校。霁川市确保2028年建成{}座桥。"
    articles = [Article(article_id=name, text=text.format(n, n)) for n, name in enumerate(sites.ODD_IDS, 2)]
    sites.stock(database, articles)
    with sites.running(database) as own:
        chromium.address = own.address
        chromium.complaints()
        chromium.wide(1280)
        for name in sites.ODD_IDS:
            chromium.opens(f"/pledges?lang=en&article={quote(name, safe='')}")
            chromium.one("td.quote a").click()
            assert chromium.one("p.about code").text == name
            other = chromium.all(".text a.mark")[-1]
            key = other.get_attribute("data-key")
            other.click()
            chromium.one(f".panel [data-key='{key}']")
            chromium.one(".switch a", "Cleaned").click()
            chromium.one(".switch a[aria-current]", "Cleaned")
            assert chromium.one("p.about code").text == name
        assert chromium.complaints() == []


def test_replay_and_ignore(
    chromium: Browser, database: str, embedded_broker: servers.Broker, topic_prefix: str
) -> None:
    letters = [sites.dead_letter(n, topic=f"{topic_prefix}articles.raw") for n in (1, 2)]
    sites.stock(database, [], letters)
    with sites.running(database, kafka_url=embedded_broker.bootstrap, topic_prefix=topic_prefix) as own:
        assert own.post(b'{"text": "a"}').status == 202
        chromium.address = own.address
        chromium.complaints()
        chromium.wide(1280)
        for button, done, state in (
            ("Send it again", "sent again", "replayed"),
            ("Set it aside", "set aside", "ignored"),
        ):
            chromium.opens("/dead?lang=en")
            chromium.one("td.quote a").click()
            assert "\\xff<script>" in chromium.one("pre.bytes").text
            chromium.one(".switch a", "As hex").click()
            chromium.one("pre.hex", "00 ff 3c 73")
            chromium.one("button", button).click()
            assert done in chromium.one(".done").text
            chromium.opens(f"/dead?state={state}")
            assert len(chromium.all("tbody tr")) == 1
        chromium.opens("/dead")
        chromium.one(".empty")
        assert chromium.complaints() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_stands_in_anybodys_way(browser: Browser, site: Site, width: int, dark: bool) -> None:
    """axe finds nothing serious, and no page is wider than its window."""
    pledge = next(row for row in site.ask("/api/pledges").json["rows"] if row["inherited"])
    metric = next(row for row in site.ask("/api/metrics").json["rows"] if row["indicator"])
    article = f"/articles/{quote(pledge['article_id'])}"
    paths = [
        "/",
        "/pledges?firmness=aim&sort=due",
        f"{article}?row=p-{pledge['pledge_id']}&ledger",
        f"/indicator?name={quote(metric['indicator'])}",
        "/dead/c1:articles.raw:0:901?view=hex",
    ]
    if not dark:
        paths += [
            "/metrics",
            "/promiser?name=" + quote("琅琊镇"),
            "/dead",
            "/api",
            "/search?q=" + quote("学校"),
            "/due",
            "/due?light=past&sort=-due",
            "/targets",
            "/silent",
            "/promisers",
            "/speakers?sort=name",
            "/indicators",
            "/pledges?q=zzz",
        ]
    browser.wide(width, dark=dark)
    for path in paths:
        browser.opens(path)
        assert browser.barriers() == [], path
        shown = browser.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
        assert shown[0] <= shown[1], path


def test_what_stands_in_the_way_is_found(browser: Browser) -> None:
    browser.opens("/")
    browser.driver.execute_script(
        "document.querySelector('h1').append(new Image()); document.querySelector('.brand').replaceChildren()"
    )
    assert {line.partition(":")[0] for line in browser.barriers()} == {"image-alt", "link-name"}


def test_with_nothing_there(chromium: Browser, bare: Site) -> None:
    chromium.address = bare.address
    chromium.complaints()
    chromium.wide(1280)
    for path in ("/?lang=en", "/pledges", "/metrics", "/dead", "/search"):
        chromium.opens(path)
        assert chromium.barriers() == [], path
    assert chromium.complaints() == []
