"""The live view: what it says, that it fits, and that it never holds up the traffic."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.cells import cell_len
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from addons.live import Counters, LiveView
from addons.live_frames import FrameWatcher
from addons.live_lines import Line, frame_line, json_type, note_line
from addons.session_file import CLIENT_LEG, SERVER_LEG
from tests.addons.running import command, require_mitmproxy, settled
from tests.websockets import KEY, frame

_WAIT_S = 60


@pytest.fixture(autouse=True)
def _patient_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine what is left to show takes longer than people wait for it."""
    monkeypatch.setattr("addons.live._END_S", 60.0)


class _Shown:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.counters = Counters()
        self.go_on = threading.Event()
        self.go_on.set()

    def show(self, lines: list[Line], counters: Counters) -> None:
        self.go_on.wait()
        self.lines += lines
        self.counters = counters


def _flow(status: int | None = 101, path: str = "/ws", error: str | None = None) -> Any:
    request = SimpleNamespace(
        method="GET", scheme="http", host_header="h", host="h", path=path, timestamp_start=time.time(), raw_content=b"",
        headers=SimpleNamespace(fields=((b"Upgrade", b"websocket"),)),
    )  # fmt: skip
    headers = SimpleNamespace(fields=(), get=lambda _name, _default: "text/html; charset=utf-8")
    response = SimpleNamespace(status_code=status, reason="R", raw_content=b"12345", headers=headers)
    return SimpleNamespace(
        request=request, response=response if status else None, error=SimpleNamespace(msg=error),
        client_conn=SimpleNamespace(id="c"), websocket=None,
    )  # fmt: skip


def _run(steps: Any) -> _Shown:
    shown = _Shown()
    view = LiveView(shown.show)
    view.opened(CLIENT_LEG, "c", ("127.0.0.1", 1), ("127.0.0.1", 2), 0)
    view.start()
    steps(view)
    view.stop()
    return shown


def test_a_socket_is_told_frame_by_frame() -> None:
    def steps(view: LiveView) -> None:
        view.flow("response", _flow(), time.time_ns())
        for from_client, at_ms, data in (
            (True, 0, frame(1, b'{"type": "chat.message", "text": "hi"}', KEY)),
            (False, 1, frame(9, b"p")),
            (True, 3, frame(10, b"p", KEY)),
            (False, 4, frame(2, b"\x00\xff")),
            (True, 5, frame(1, b"unmasked")),
            (False, 6, frame(8, b"\x03\xf3why")),
        ):
            view.websocket(CLIENT_LEG, "c", from_client, at_ms * 1_000_000, data)
            view.websocket(SERVER_LEG, "s", from_client, at_ms * 1_000_000, data)

    shown = _run(steps)
    texts = [line.text for line in shown.lines]
    assert texts[0].startswith("GET http://h/ws  101 R  ")
    assert texts[1] == '> text   38 B  [chat.message]  {"type": "chat.message", "text": "hi"}'
    assert texts[2:] == [
        "< ping   1 B  p",
        "> pong   1 B  p  after 2.00 ms",
        "< binary 2 B  00 ff",
        "> text   8 B  unmasked  ! ws.unmasked_client_frame",
        "< close  5 B  1011 (internal error) why",
    ]
    assert [line.finding for line in shown.lines] == [False] * 5 + [True] * 2
    assert {line.connection for line in shown.lines} == {0}
    counters = shown.counters
    assert (counters.exchanges, counters.sockets, counters.open_sockets, counters.messages) == (1, 1, 0, 3)
    assert shown.lines[3].data["rtt_ns"] == 2_000_000
    assert shown.lines[1].data["message"]["json_type"] == "chat.message"


def test_exchanges_that_fail_are_findings() -> None:
    def steps(view: LiveView) -> None:
        view.flow("request", _flow(), 0)
        view.flow("response", _flow(200, "/a"), time.time_ns())
        view.flow("response", _flow(403, "/b"), time.time_ns())
        view.flow("error", _flow(None, "/c", "connection refused"), time.time_ns())
        view.flow("tcp_start", SimpleNamespace(), 0)

    shown = _run(steps)
    assert [line.finding for line in shown.lines] == [False, True, True]
    assert re.fullmatch(r"GET http://h/a  200 R  5 B  text/html  [\d.]+ ms", shown.lines[0].text)
    assert "failed: connection refused" in shown.lines[2].text
    assert (shown.counters.exchanges, shown.counters.failed) == (3, 1)


def test_who_does_not_read_holds_up_nothing_and_what_is_left_out_is_counted() -> None:
    shown = _Shown()
    shown.go_on.clear()
    view = LiveView(shown.show)
    view.opened(CLIENT_LEG, "c", ("127.0.0.1", 1), ("127.0.0.1", 2), 0)
    view.start()
    view.flow("response", _flow(), time.time_ns())
    data = frame(1, b"x" * 100)
    begun = time.monotonic()
    for number in range(60_000):
        view.websocket(CLIENT_LEG, "c", False, number, data)
    assert time.monotonic() - begun < 30  # each would wait for good
    shown.go_on.set()
    view.stop()
    assert shown.counters.skipped > 30_000
    told = [line.data["count"] for line in shown.lines if line.data["event"] == "skipped"]
    assert sum(told) == shown.counters.skipped


def test_a_reader_that_has_gone_ends_the_view_only() -> None:
    shown = []

    def show(lines: list[Line], _counters: Counters) -> None:
        shown.append(lines)
        raise BrokenPipeError

    view = LiveView(show)
    view.opened(CLIENT_LEG, "c", ("127.0.0.1", 1), ("127.0.0.1", 2), 0)
    view.start()
    view.flow("response", _flow(), time.time_ns())
    view.stop()
    view.websocket(CLIENT_LEG, "c", True, 0, b"x")
    assert len(shown) == 1
    assert "live view" not in {thread.name for thread in threading.enumerate()}


def test_lines_fit_and_are_clean() -> None:
    [seen] = FrameWatcher(False, None).feed(frame(1, "\x1b[2J\u202e한국어 메시지입니다 😀".encode() * 50))
    line = frame_line(0, 3, False, seen, None)
    for width in (20, 41, 80, 81, 200):
        text = line.as_text(width)
        assert cell_len(text) <= width
        assert text.isprintable()
    assert line.as_json().isprintable()
    assert "\x1b" not in note_line(0, None, "error", "\x1b]0;x\x07").as_text(None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b'{"type":"a.b"}', "a.b"), (b' {"x":1,"type" : "q"}', "q"), (b'{"x":1}', "object"), (b"[1]", "array"),
        (b"plain", None), (b"", None), (b'{"type":"cut', "object"),
    ],
)  # fmt: skip
def test_types_of_json(text: bytes, kind: str | None) -> None:
    assert json_type(text) == kind


async def _session(record: Path, *options: str) -> tuple[str, str, int]:
    """A chat through the real proxy; its standard output and error, and exit code."""

    async def echo(websocket: ServerConnection) -> None:
        async for message in websocket:
            await websocket.send(message)
            if message == "bye":
                await websocket.close(4001, "끝")
                return

    async with serve(echo, "127.0.0.1", 0, compression="deflate") as server:
        words = command(
            "proxy", "--listen", "127.0.0.1:0", "--record", str(record), "--confdir", str(record.parent / "ca")
        )
        words += ["--reverse", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", *options]
        process = await asyncio.create_subprocess_exec(
            *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUTF8": "1"}
        )
        assert process.stderr is not None
        said = ""
        while (found := re.search(r"listening on 127\.0\.0\.1:(\d+), ", said)) is None:
            line = await asyncio.wait_for(process.stderr.readline(), _WAIT_S)
            assert line, said
            said += line.decode()
        async with connect(f"ws://127.0.0.1:{found[1]}/ws", compression="deflate") as websocket:
            for message in ('{"type":"hello","text":"안녕"}', b"\x00\x01", "bye"):
                await websocket.send(message)
                await websocket.recv()
            await websocket.wait_closed()
        await settled(process.pid)
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), _WAIT_S)
    return out.decode(), said + err.decode(), process.returncode or 0


def test_the_real_proxy_shows_lines_json_or_nothing(tmp_path: Path) -> None:
    require_mitmproxy()
    out, said, code = asyncio.run(_session(tmp_path / "a.pcapng"))
    assert code == 0, said
    rows = [line[13:] for line in out.splitlines()]
    assert [row.split()[:3] for row in rows[1:8]] == [
        ["#0", ">", "text"], ["#0", "<", "text"], ["#0", ">", "binary"], ["#0", "<", "binary"],
        ["#0", ">", "text"], ["#0", "<", "text"], ["#0", "!", "<"],
    ]  # fmt: skip
    assert "[hello]" in rows[1]
    assert "ended by the server: 4001 (the application's own) 끝" in out
    assert out.splitlines()[-1].startswith("1 exchange · 1 WebSocket (0 open) · 6 messages · 2 findings")

    out, said, code = asyncio.run(_session(tmp_path / "b.pcapng", "--json"))
    assert code == 0, said
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events] == ["exchange", *["frame"] * 7, "websocket_end", "end"]
    assert events[1]["message"]["text"] == '{"type":"hello","text":"안녕"}'
    assert (events[-1]["messages"], events[-1]["skipped"]) == (6, 0)

    out, said, code = asyncio.run(_session(tmp_path / "c.pcapng", "--quiet"))
    assert (out, code) == ("", 0), said
