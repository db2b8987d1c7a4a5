"""The HTML report in Chromium: links land, keys suffice, nothing is blocked, axe finds nothing.

Screenshots stay in .artefacts/report/.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest

import inspector
from inspector.i18n import speaking
from inspector.report.build import build_report
from inspector.report.data_blocks import report_of
from inspector.report.explain import explain
from inspector.report.html import render_html
from inspector.report.options import ReportOptions
from tests.browsers import chromium
from tests.report.pages import open_page, violations
from tests.report.samples import SAMPLES, chat_capture
from tools.bench.scrolling import MOST_DRAW_MS, measure_scrolling

ARTEFACTS = Path(__file__).parents[2] / ".artefacts" / "report"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on a chat that breaks off, a refused connection, an HTTP exchange and a compressed chat."""
    folder = tmp_path_factory.mktemp("report")
    names = ("chat-aborted.pcap", "korean-http.pcap", "refused.pcap")
    captures = [inspector.open(SAMPLES / name) for name in names]
    captures.append(inspector.open(chat_capture(folder / "chat.pcap", messages=300)))
    path = folder / "report.html"
    path.write_text(render_html(build_report(captures, ReportOptions(language="en"))), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("place", "target", "words"),
    [
        ("finding-1", "#finding-1", None),
        ("connection-0", "#connection-0", "10.0.0.0:20000"),
        ("connection-3.0", "[id='connection-3.0']", "10.0.0.1:40000"),
        ("packet-8", "#packet-8", "Transmission Control Protocol"),
        ("packet-8-byte-22", "#packet-8 .field.hit", "Time to live"),
        ("packet-8-bytes-14-34", "#packet-8 .octet.hit", "45"),
        ("packet-1.4", "[id='packet-1.4']", "GET"),
        ("message-0-client-1", "#message-detail", "안녕하세요, 패킷 여러분!"),
        ("message-3.0-server-300", "#message-detail", "299번째"),
        ("message-3.0-server-frame301", "#message-detail", "alive?"),
        ("exchange-1.1", "#exchange-detail", "안녕하세요, 세계!"),
        ("ladder-0", "#ladder-0", "SYN"),
        ("appendix", "#appendix", "Rules run"),
        ("explain-close_code-1011", "[id='explain-close_code-1011']", "exception in the application"),
    ],
)
def test_a_link_lands(browser: Any, page_file: Path, place: str, target: str, words: str | None) -> None:
    with open_page(browser, page_file, place) as page:
        found = page.locator(target).first
        found.wait_for(state="visible")
        if words is not None:
            assert words in found.text_content()
        assert page.evaluate("R.landed") == place


@pytest.mark.parametrize("language", ["en", "ko"])
def test_narrow_screens_need_no_scrolling_sideways(browser: Any, page_file: Path, language: str) -> None:
    """320 CSS pixels, as WCAG 1.4.10 says; tables and ladders scroll on their own."""
    with open_page(browser, page_file, viewport={"width": 320, "height": 640}) as page:
        page.click(f"[data-language={language}]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_link_to_nothing_says_so(browser: Any, page_file: Path) -> None:
    with open_page(browser, page_file, "packet-99999") as page:
        toast = page.locator(".toast")
        toast.wait_for()
        assert toast.inner_text() == "There is no packet-99999 in this report."


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, page_file: Path, language: str, theme: str) -> None:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    with open_page(browser, page_file, color_scheme=theme, viewport={"width": 1360, "height": 900}) as page:
        page.click(f"[data-language={language}]")
        assert page.get_attribute("html", "lang") == language
        page.screenshot(path=ARTEFACTS / f"{language}-{theme}.png")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.evaluate("R.plots.draw()")
        page.evaluate("R.go('message-3.0-client-1')")
        page.locator("#message-detail .steps").wait_for()
        page.evaluate("R.go('exchange-1.1')")
        page.locator("#exchange-detail .pairs").first.wait_for()
        page.evaluate("R.go('packet-8-byte-22')")
        page.locator("#packet-8 .field.hit").wait_for()
        assert violations(page) == []
        page.screenshot(path=ARTEFACTS / f"{language}-{theme}-packet.png")


def test_dialogs_have_nothing_for_axe_either(browser: Any, page_file: Path) -> None:
    with open_page(browser, page_file) as page:
        page.keyboard.press("/")
        page.fill("#search-text", "packet")
        page.locator(".hits li").first.wait_for()
        assert violations(page) == []


def test_the_receiver_chooses_language_and_colours(browser: Any, page_file: Path) -> None:
    with open_page(browser, page_file, locale="en-US", color_scheme="light") as page:
        page.locator(".finding h3", has_text="The connection was refused").wait_for()
        assert "연결이 거부되었습니다" not in page.inner_text("#findings")
        page.click("[data-language=ko]")
        assert "연결이 거부되었습니다" in page.inner_text("#findings")
        assert "The connection was refused" not in page.inner_text("#findings")
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.click("[data-theme-choice=dark]")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_search_finds_korean_text_in_messages_headers_and_bodies(browser: Any, page_file: Path) -> None:
    with open_page(browser, page_file) as page:
        page.keyboard.press("/")
        page.keyboard.type("여러분")
        page.locator(".hits li", has_text="message 0-client-1").wait_for()
        page.fill("#search-text", "세계!")
        hit = page.locator(".hits li", has_text="exchange 1.1")
        hit.wait_for()
        hit.locator("a").click()
        page.locator("#exchange-detail", has_text="안녕하세요, 세계!").wait_for()
        page.fill("#message-search", "이 메시지는")
        page.locator("#messages [role=status]", has_text="1 of 7").wait_for()
        page.check("#message-regex")
        page.fill("#message-search", "^\\{.*(안녕|Why)")
        page.locator("#messages [role=status]", has_text="4 of 7").wait_for()


def test_the_keyboard_is_enough(browser: Any, page_file: Path) -> None:
    with open_page(browser, page_file) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("j")
        page.locator("#finding-1.here").wait_for()
        page.keyboard.press("j")
        page.locator("#finding-2.here").wait_for()
        page.keyboard.press("k")
        page.locator("#finding-1.here").wait_for()
        page.keyboard.press("]")
        page.locator("#packet-view .panel").wait_for()
        page.keyboard.press("?")
        page.locator("#keys[open]").wait_for()
        page.keyboard.press("Escape")
        assert page.locator("#keys[open]").count() == 0
        # A list is one stop of the Tab key; arrows go by rows and Enter opens one.
        page.locator("#messages .grid").focus()
        for key in ("ArrowDown", "ArrowDown", "Enter"):
            page.keyboard.press(key)
        page.locator("#message-detail", has_text="0-server-1").wait_for()
        page.locator("#packet-list .grid").focus()
        page.keyboard.press("End")
        assert page.locator("#packet-list .grid-row.active").inner_text().startswith("22")
        page.keyboard.press("g")
        page.keyboard.type("4")
        page.keyboard.press("Enter")
        page.locator("#packet-4").wait_for()
        field = page.locator("#packet-4 .field", has_text="Window").first
        field.focus()
        assert "Window" in page.inner_text(".explain")
        assert page.locator("#packet-4 .octet.hit").count() == 2
        page.locator("#packet-4 .bytes").first.focus()
        page.keyboard.press("ArrowRight")
        assert "Destination address" in page.inner_text(".explain")


def test_scrolling_writes_only_the_rows_that_come_into_view(browser: Any, page_file: Path) -> None:
    with open_page(browser, page_file, "message-3.0-client-1") as page:
        written = page.evaluate("""() => {
            const list = R.messages.list, written = [], write = list.write;
            list.grid.scrollTop = 100 * 24;
            list.draw();
            list.write = function (slot, index) { written.push(index); write.call(this, slot, index); };
            for (const pixels of [24, 24, 0, -24]) { list.grid.scrollTop += pixels; list.draw(); }
            list.grid.scrollTop = 150 * 24;
            list.draw();
            const rows = [...list.body.querySelectorAll(".grid-row:not([hidden])")];
            const seen = rows.map((row) => [Number(row.dataset.index), row.getBoundingClientRect().top, row.children[0].textContent]);
            return { written, seen: seen.sort((a, b) => a[0] - b[0]), count: list.pool.length, messages: list.count };
        }""")
        assert written["messages"] > 600
        assert len(written["written"]) <= 3 + written["count"], "a row for each step, a screenful for the jump"
        # Each row stands under the one before, and says what it is the row of.
        seen = written["seen"]
        assert [round(after[1] - before[1]) for before, after in pairwise(seen)] == [24] * (len(seen) - 1)
        assert [row[0] for row in seen] == list(range(seen[0][0], seen[0][0] + len(seen)))
        assert seen[0][0] <= 150 - 6 + 1 and seen[-1][0] > 160
        scrolled = measure_scrolling(page, "messages", "#messages .grid", steps=30)
        # The median, and the thread's processor time: other programs on the machine hardly count.
        assert scrolled.draws_ms
        assert median(scrolled.draws_ms) < MOST_DRAW_MS, str(scrolled)
        assert scrolled.busy_ms < 1000 / 60, str(scrolled)


def test_words_lead_to_their_explanation(browser: Any, page_file: Path) -> None:
    with open_page(browser, page_file, "message-3.0-server-frame302") as page:
        page.click("[data-language=ko]")
        page.locator("#message-detail a.term", has_text="opcode").first.click()
        told = page.locator("[id='explain-field-websocket.opcode']")
        told.locator("dl").wait_for(state="visible")
        assert str(_explained("websocket.opcode", "ko")) in told.inner_text()
        # A status, and a header field of HTTP in any case of letters.
        page.evaluate("R.go('exchange-3.1')")
        page.locator("#exchange-detail a.term", has_text="Sec-WebSocket-Accept").click()
        page.locator("[id='explain-idea-Sec-WebSocket-Accept'] dl").wait_for(state="visible")
        assert page.locator("#exchanges a.term", has_text="101").count()
        page.evaluate("R.go('exchange-3.1')")
        page.locator("#exchange-detail a.term").get_by_text("Upgrade", exact=True).first.click()
        page.locator("[id='explain-http_header-Upgrade'] dl").wait_for(state="visible")
        # A field in the view of bytes tells the same, with how Wireshark shows it.
        page.evaluate("R.go('packet-8-byte-22')")
        box = page.locator(".explain details")
        assert box.get_attribute("open") is None
        box.locator("summary").click()
        assert "ip.ttl" in box.inner_text()
        assert "Wireshark에서" in box.inner_text()


def _explained(term: str, language: str) -> str:
    with speaking(language):
        return str(explain(term)[0].what)


def test_for_learners_explanations_are_open(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    options = ReportOptions(language="ko", level="learn")
    path.write_text(render_html(build_report(inspector.open(SAMPLES / "close-1006.pcapng"), options)), encoding="utf-8")
    with open_page(browser, path, scripts=False) as page:
        assert page.locator("#findings details.learn:not([open])").count() == 0
        assert "frame.number in {" in page.inner_text("#findings")
        assert page.locator("#explanations details[open] dl").first.is_visible()
        assert _explained("1006", "ko") in page.inner_text("#explanations")
    with open_page(browser, path) as page:
        page.evaluate("R.go('packet-8-byte-22')")
        page.locator(".explain details[open]").wait_for()
        assert violations(page) == []


def test_bytes_fields_and_bits_mark_each_other(browser: Any, page_file: Path) -> None:
    with open_page(browser, page_file, "packet-8") as page:
        page.locator("#packet-8 .octet").nth(22).hover()
        assert "Time to live" in page.inner_text(".explain")
        assert page.locator("#packet-8 .field.hit").text_content().startswith("Time to live")
        assert page.locator("#packet-8 .bits g.hit title").text_content() == "Time to live = 64"
        page.locator("#packet-8 .bits g", has_text="Protocol").first.hover()
        assert page.locator("#packet-8 .octet.hit").inner_text() == "06"


def test_without_scripts_the_page_is_complete(browser: Any, page_file: Path) -> None:
    with open_page(browser, page_file, scripts=False) as page:
        text = page.inner_text("body")
        excerpt = report_of(page_file.read_text("utf-8"))["findings"][0]["evidence"][0]["excerpt"]["hex"]
        assert bytes.fromhex(excerpt[:16]).hex(" ") in text
        for words in (
            "The connection was refused",
            "RFC 9293 §3.10.7.1",
            "198.51.100.1:80",
            "Rules run",
        ):
            assert words in text
        assert page.locator("svg.ladder").first.is_visible()
        assert not page.locator(".needs-script:visible").count()


def test_paper_shows_everything_that_is_folded(browser: Any, page_file: Path, tmp_path: Path) -> None:
    with open_page(browser, page_file) as page:
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
        assert not page.locator(".tools").is_visible()
        assert page.locator("#messages .grid-row:visible").count() == 7
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.locator("details:not([open])").count() > 0
        page.pdf(path=tmp_path / "report.pdf", format="A4")
        assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_citation_survives_a_ticket(browser: Any, page_file: Path) -> None:
    with open_page(browser, page_file) as page:
        page.evaluate("R.copy = (text) => { window.copied = text; }")
        page.locator("[data-cite=finding-1]").click()
        cited = page.evaluate("window.copied")
        assert "SHA-256" in cited and "packet" in cited and "+0." in cited
