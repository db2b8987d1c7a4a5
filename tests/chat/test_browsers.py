"""Two Chromium pages and one Firefox page hold a conversation in a room with a Korean name.

Screenshots stay in .artefacts/chat/.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from inspector.chat.launch import ChatServer

from .firefox import Firefox

ROOM = "한글 대화방"
ARTEFACTS = Path(__file__).parents[2] / ".artefacts" / "chat"

Page = Any  # Playwright's types are not followed by mypy here


@pytest.fixture
def chromium() -> Iterator[Any]:
    """Debian's Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as running:
        # The sandbox needs a user namespace that root in a container does not get.
        browser = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    """Debian's Firefox."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("firefox is not installed")
    with Firefox(program, tmp_path / "firefox") as running:
        yield running


def _log_in(browser: Any, server: ChatServer, name: str, locale: str) -> Page:
    page = browser.new_context(locale=locale).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{server.url}accounts/login/")
    page.click(f"#demo button[value={name}]")
    page.wait_for_url(server.url)
    return page


def _text(page: Page, text: str) -> Any:
    return page.locator("#messages .text", has_text=text)


@pytest.mark.slow
def test_a_conversation_of_three_browsers(server: ChatServer, chromium: Any, firefox: Firefox, tmp_path: Path) -> None:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    errors: list[str] = []
    alice = _log_in(chromium, server, "alice", "ko-KR")
    bob = _log_in(chromium, server, "bob", "en-US")
    for page in (alice, bob):
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    # Alice opens the room from the index page; the others come by its address.
    alice.fill("#room-name", ROOM)
    alice.click("#enter button")
    alice.wait_for_selector("#status:has-text('연결됨')")
    assert alice.inner_text("h1") == ROOM
    address = f"{server.url}chat/{quote(ROOM)}/"
    bob.goto(address)
    bob.wait_for_selector("#status:has-text('Connected')")
    firefox.goto(f"{server.url}accounts/login/?next=/chat/{quote(quote(ROOM))}/")
    firefox.run("document.querySelector('#demo button[value=\"민준\"]').click()")
    firefox.await_true("document.querySelector('#present') && document.querySelectorAll('#present li').length === 3")
    alice.wait_for_function("document.querySelectorAll('#present li').length === 3")

    # Everybody hears everybody; what looks like HTML stays text.
    alice.fill("#text", "안녕하세요 <img src=x onerror=alert(1)>")
    alice.press("#text", "Enter")
    bob.fill("#text", "hello from Chromium")
    bob.press("#text", "Enter")
    firefox.run("(text.value = '파이어폭스입니다', say.requestSubmit())")
    for page in (alice, bob):
        for words in ("안녕하세요 <img src=x onerror=alert(1)>", "hello from Chromium", "파이어폭스입니다"):
            _text(page, words).wait_for()
        assert page.locator("#messages img").count() == 0
    firefox.await_true("document.querySelectorAll('#messages .text').length === 3")
    assert firefox.run("document.querySelectorAll('#messages img').length") == 0

    # Typing is seen by the others, in their language.
    bob.type("#text", "th")
    alice.wait_for_selector("#typing:has-text('bob 님이 입력하는 중')")
    firefox.await_true("document.getElementById('typing').textContent.includes('bob')")
    bob.fill("#text", "")

    # To one person only.
    alice.check("#present label:has-text('민준') input")
    alice.fill("#text", "민준 님에게만 하는 말")
    alice.press("#text", "Enter")
    _text(alice, "민준 님에게만").wait_for()
    firefox.await_true(
        "[...document.querySelectorAll('#messages .private .text')].some(e => e.textContent.includes('에게만'))"
    )
    alice.uncheck("#present label:has-text('민준') input")

    # A file, and a like for it.
    file = tmp_path / "캡처.txt"
    file.write_text("packet 1\n", encoding="utf-8")
    alice.set_input_files("#file", str(file))
    alice.click("#send-file button")
    bob.wait_for_selector("#messages a.upload:has-text('캡처.txt')")
    firefox.await_true("document.querySelector('#messages a.upload')")
    assert firefox.run("fetch(document.querySelector('#messages a.upload').href).then(r => r.text())") == "packet 1\n"
    firefox.run("document.querySelector('#messages a.upload').closest('li').querySelector('.like').click()")
    alice.wait_for_selector("#messages li:has(a.upload) .like:has-text('♥ 1')")
    # Everything sent before this has arrived, and the private message was not among it.
    assert _text(bob, "민준 님에게만").count() == 0
    alice.screenshot(path=ARTEFACTS / "chromium-alice.png")
    bob.screenshot(path=ARTEFACTS / "chromium-bob.png")
    firefox.screenshot(ARTEFACTS / "firefox-minjun.png")

    # The owner closes the room; everybody reads why, and the page does not come back by itself.
    assert not bob.is_visible("#close")
    alice.fill("#reason", "회의가 끝났습니다")
    alice.click("#close button")
    alice.wait_for_selector("#status:has-text('방이 닫혔습니다: 회의가 끝났습니다 (코드 4000)')")
    bob.wait_for_selector("#status:has-text('This room was closed: 회의가 끝났습니다 (code 4000)')")
    firefox.await_true("document.getElementById('status').textContent.includes('회의가 끝났습니다')")
    assert bob.is_disabled("#text")
    alice.screenshot(path=ARTEFACTS / "chromium-alice-closed.png")
    firefox.screenshot(ARTEFACTS / "firefox-minjun-closed.png")
    assert errors == [], json.dumps(errors, ensure_ascii=False)


@pytest.mark.slow
def test_a_page_comes_back_after_the_server_was_away(tmp_path: Path, chromium: Any) -> None:
    from inspector.chat.external import free_port
    from inspector.chat.options import ServerOptions

    options = ServerOptions(data=tmp_path / "chat", port=free_port())
    with ChatServer(options) as server:
        page = _log_in(chromium, server, "alice", "en-US")
        page.fill("#room-name", "돌아오는 방")
        page.click("#enter button")
        page.wait_for_selector("#status:has-text('Connected')")
    page.wait_for_selector("#status:has-text('Connection lost')")
    with ChatServer(options):
        page.wait_for_selector("#status:has-text('Connected')")
        page.fill("#text", "다시 왔어요")
        page.press("#text", "Enter")
        _text(page, "다시 왔어요").wait_for()
