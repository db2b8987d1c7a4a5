"""Whatever a peer writes stays text: in the page, in Markdown, in the terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

import inspector
from inspector.report.annotate import write_annotated
from inspector.report.build import build_report
from inspector.report.html import render_html
from inspector.report.markdown import render_markdown
from inspector.report.options import ReportOptions
from inspector.report.text import render_text
from tests.browsers import chromium
from tests.report.hostile import TOKEN, hostile_capture
from tests.report.pages import open_page

_SCRIPTS = 1 + len(list((Path(inspector.__file__).parent / "report" / "static" / "report").glob("*.js")))
"""The library and our own."""
_ACTED_ON = ("Cf", "Cs", "Co", "Zl", "Zp")


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    name = "a<img src=x onerror=alert(1)>`b`\u202e](x).pcapng"
    return hostile_capture(tmp_path_factory.mktemp("hostile") / name)


@pytest.fixture(scope="module")
def report(capture: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(json.dumps(build_report(inspector.open(capture), ReportOptions(redact=False))))
    return report


def _acting(text: str) -> set[str]:
    """Characters that a terminal or browser acts on."""
    return {
        f"U+{ord(character):04X}"
        for character in set(text) - {"\n", "\t"}
        if unicodedata.category(character) in (*_ACTED_ON, "Cc")
    }


def test_the_report_holds_what_was_planted(report: dict[str, Any]) -> None:
    assert json.dumps(report["sections"][0]["exchanges"]).count(TOKEN) > 5
    assert json.dumps(report["sections"][0]["websockets"]).count(TOKEN) >= 2


def test_the_source_of_the_page_holds_no_markup_of_a_peer(report: dict[str, Any]) -> None:
    page = render_html(report)
    markup = page[: page.index('<script type="application/octet-stream"')]
    assert "&lt;img src=x onerror" in markup
    assert not re.search(r"<img|<svg/|<script>window|<b>", markup)
    assert _acting(markup) == set()
    assert len(page) < 4 << 20


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


def test_the_page_in_a_browser_runs_and_loads_nothing_of_a_peer(
    browser: Any, report: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(render_html(report), encoding="utf-8")
    with open_page(browser, path) as page:
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.evaluate("R.plots.draw()")
        places = ["exchange-1", "exchange-2", "message-1-client-1", "message-1-server-1", "message-1-server-2"]
        places += ["message-1-server-frame4", "message-1-client-2", "packet-4", "packet-5", "packet-99999"]
        for place in places:
            page.evaluate(f"R.go('{place}')")
            page.wait_for_timeout(150)
            _assert_inert(page)
        page.keyboard.press("/")
        page.fill("#search-text", TOKEN)
        page.locator(".hits li").first.wait_for()
        _assert_inert(page)
        page.click("#search button")
        page.evaluate("location.hash = '<img src=x onerror=window.pwned=1>'")
        page.locator(".toast", has_text="<img src=x").first.wait_for()
        _assert_inert(page)


def _assert_inert(page: Any) -> None:
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, b, i').length") == 0
    assert page.evaluate("[...document.querySelectorAll('script:not([type])')].length") == _SCRIPTS
    text = page.evaluate("document.body.innerText")
    assert _acting(text.replace("\r", "")) == set()
    attributes = page.evaluate(
        "[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes].map((a) => a.name + '=' + a.value)).join('\\n')"
    )
    assert _acting(attributes) == set()
    assert not [name for name in attributes.split("\n") if name.startswith(("onerror=", "onload=", "onmouseover="))]
    links = page.evaluate("[...document.links].map((a) => a.getAttribute('href'))")
    assert not [link for link in links if not link.startswith(("#", "https://www.rfc-editor.org/"))]


def test_markdown_of_hostile_traffic_makes_no_elements(report: dict[str, Any]) -> None:
    text = render_markdown(report)
    assert TOKEN in text
    assert _acting(text) == set()
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    tags = set(re.findall(r"<([a-zA-Z/]+)", rendered))
    allowed = {"p", "strong", "ul", "li", "ol", "pre", "code", "table", "thead", "tbody", "tr", "th", "td", "em"}
    assert {tag.strip("/") for tag in tags} - {""} <= allowed | {"details", "summary", "hr", "h"}
    outside = re.sub(r"<code.*?</code>", "", rendered, flags=re.DOTALL)
    assert "http://evil" not in outside and "@everyone" not in outside


def test_text_for_terminals_has_nothing_that_acts(report: dict[str, Any]) -> None:
    assert _acting(render_text(report)) == set()


def test_comments_of_an_annotated_capture_have_nothing_that_acts(
    report: dict[str, Any], capture: Path, tmp_path: Path
) -> None:
    opened = inspector.open(capture)
    write_annotated(report, [opened], tmp_path / "marked.pcapng")
    after = inspector.open(tmp_path / "marked.pcapng")
    assert len(after.packets) == len(opened.packets)
    for number in after.comments:
        assert _acting("".join(after.comments[number])) == set()
