"""Two Chromium pages talk in the reference chat through the proxy; HTTP/2 to the browser where the server has it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import inspector
from inspector.chat.launch import ChatServer
from inspector.chat.options import ServerOptions
from inspector.recording.capture import Capture
from inspector.recording.http import http_exchanges
from inspector.recording.websockets import read_websockets
from tests.addons.running import proxy, require_mitmproxy, settled

pytest.importorskip("daphne", reason="the chat server's packages are not installed")
pytest.importorskip("playwright.async_api", reason="playwright is not installed")

_ROOM = "한글 대화방"
_TEXTS = {"alice": "안녕하세요, 밥", "bob": "반가워요 🙂 " * 20}


async def _enter(browser: Any, base: str, name: str, log: list[tuple[bool, str | bytes]]) -> Any:
    """Log in and open the room; every frame that the page sends (True) and receives is logged."""
    context = await browser.new_context(locale="ko-KR", ignore_https_errors=True)
    page = await context.new_page()

    def follow(socket: Any) -> None:
        socket.on("framesent", lambda payload: log.append((True, payload)))
        socket.on("framereceived", lambda payload: log.append((False, payload)))

    page.on("websocket", follow)
    page.set_default_timeout(60_000)
    await page.goto(f"{base}accounts/login/")
    await page.click(f"#demo button[value={name}]")
    await page.wait_for_url(base)
    if name == "alice":  # whoever names a room makes it
        await page.fill("#room-name", _ROOM)
        await page.click("#enter button")
    else:
        await page.goto(f"{base}chat/{quote(_ROOM)}/")
    await page.wait_for_selector("#status:has-text('연결됨')")
    return page


async def _talk(base: str, through: str | None, program: str) -> dict[str, list[tuple[bool, str | bytes]]]:
    from playwright.async_api import async_playwright

    logs: dict[str, list[tuple[bool, str | bytes]]] = {name: [] for name in _TEXTS}
    arguments = ["--no-sandbox"]
    if through is not None:
        arguments += [f"--proxy-server={through}", "--proxy-bypass-list=<-loopback>"]
    async with async_playwright() as running:
        browser = await running.chromium.launch(executable_path=program, args=arguments)
        pages = {name: await _enter(browser, base, name, logs[name]) for name in _TEXTS}
        for name, text in _TEXTS.items():
            await pages[name].fill("#text", text)
            await pages[name].press("#text", "Enter")
            for page in pages.values():
                await page.locator("#messages .text", has_text=text.strip()).wait_for()
        await browser.close()
    return logs


async def _session(record: Path, server: ChatServer, kind: str) -> dict[str, list[tuple[bool, str | bytes]]]:
    import shutil

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed")
    how = ["--reverse", server.url.rstrip("/")] if kind == "reverse" else []
    async with proxy(record, *how, "--insecure", "--quiet") as running:
        here = f"127.0.0.1:{running.port}"
        if kind == "reverse":
            logs = await _talk(f"{server.url.partition(':')[0]}://{here}/", None, program)
        else:
            logs = await _talk(server.url, f"http://{here}", program)
        await settled(running.process.pid)
        assert await running.stop() == 0, running.said
    return logs


def _texts(capture: Capture, server_port: int) -> dict[str, list[tuple[list[bytes], list[bytes]]]]:
    """What was sent and received on each WebSocket, by leg."""
    found = read_websockets(capture)
    legs: dict[str, list[tuple[list[bytes], list[bytes]]]] = {"client": [], "server": []}
    for socket in found.connections:
        leg = "server" if capture.connections[socket.connection].server.port == server_port else "client"
        sides = [[found.content(row) or b"" for row in side.messages] for side in (socket.client, socket.server)]
        legs[leg].append((sides[0], sides[1]))
    return legs


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "tls"), [("reverse", True), ("regular", False)])
def test_what_the_pages_logged_is_recorded_on_both_legs(tmp_path: Path, kind: str, tls: bool) -> None:
    require_mitmproxy()
    record = tmp_path / "session.pcapng"
    options = ServerOptions(data=tmp_path / "chat", port=0, server="hypercorn" if tls else "daphne", tls=tls)
    with ChatServer(options) as server:
        logs = asyncio.run(_session(record, server, kind))
        port = server.port

    capture = inspector.open(record)
    legs = _texts(capture, port)
    logged = [
        ([_bytes(data) for sent, data in log if sent], [_bytes(data) for sent, data in log if not sent])
        for log in logs.values()
    ]
    assert all(text.encode()[:20] in b"".join(received) for text in _TEXTS.values() for _sent, received in logged)
    for leg in ("client", "server"):
        recorded = sorted(legs[leg])
        assert len(recorded) == len(logged)
        for (sent, received), (page_sent, page_received) in zip(recorded, sorted(logged), strict=True):
            assert sent == page_sent
            # A page that is closed does not log what comes then.
            assert received[: len(page_received)] == page_received
    multiplexed = [found for found in http_exchanges(capture) if found.stream is not None]
    assert bool(multiplexed) == tls
    if tls:
        ports = {capture.connections[found.connection].server.port == port for found in multiplexed}
        assert ports == {False, True}  # HTTP/2 on both legs


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data
