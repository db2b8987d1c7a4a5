"""Flow files and HARs that mitmproxy itself wrote, against what the peers said."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

import inspector
from addons.flow_file import looks_like_flows, read_flows
from addons.har_file import read_har
from addons.imported import ImportedExchange, write_imported
from inspector.errors import CaptureError
from inspector.recording.http import http_exchanges
from inspector.recording.websockets import read_websockets
from tests.addons.running import require_mitmproxy

_MESSAGES: list[str | bytes] = ["hi", "안녕하세요 " * 1000, b"\x00\x01\xff", "bye"]
_PYTHON = os.environ.get("INSPECTOR_PROXY_PYTHON", sys.executable)


async def _talk(folder: Path) -> None:
    """A request and a chat through mitmproxy."""

    async def echo(socket: ServerConnection) -> None:
        async for message in socket:
            await socket.send(message)
            if message == "bye":
                await socket.close(4001, "끝")

    def page(socket: ServerConnection, request: Request) -> Response | None:
        return socket.respond(HTTPStatus.OK, "세계\n") if request.path.startswith("/page") else None

    async with serve(echo, "127.0.0.1", 0, process_request=page) as server:
        target = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        process = await asyncio.create_subprocess_exec(
            _PYTHON, str(Path(__file__).with_name("flow_writer.py")), str(folder), target,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        port = int(await asyncio.wait_for(process.stdout.readline(), 60))
        await asyncio.to_thread(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/page?x=1").read())
        async with connect(f"ws://127.0.0.1:{port}/ws") as socket:
            for message in _MESSAGES:
                await socket.send(message)
                assert await socket.recv() == message
            await socket.wait_closed()
        await asyncio.wait_for(process.communicate(b"\n"), 60)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what mitmproxy saved."""
    require_mitmproxy()
    folder = tmp_path_factory.mktemp("mitmproxy")
    asyncio.run(_talk(folder))
    return folder


def _check(exchanges: list[ImportedExchange], path: Path, closes: list[tuple[int, bytes]]) -> None:
    written = write_imported(exchanges, path, "test")
    assert (written.exchanges, written.messages) == (2, 2 * len(_MESSAGES))
    capture = inspector.open(path)
    page, shake = (item.exchange for item in http_exchanges(capture))
    assert page.request is not None
    assert page.response is not None
    assert (page.request.target, page.response.status) == (b"/page?x=1", 200)
    assert next(http_exchanges(capture)).body(page.response) == "세계\n".encode()
    assert shake.response is not None
    websockets = read_websockets(capture)
    [socket] = websockets.connections
    expected = [message.encode() if isinstance(message, str) else message for message in _MESSAGES]
    for direction in (socket.client, socket.server):
        assert [websockets.content(row) for row in direction.messages] == expected
    found = [(close.code, close.reason) for close in websockets.closes(socket.server)]
    assert found == closes
    assert not websockets.frames.faults.any()


def test_a_flow_file(session: Path, tmp_path: Path) -> None:
    exchanges, left_out = read_flows((session / "session.mitm").read_bytes(), "x")
    assert left_out == 0
    _check(exchanges, tmp_path / "flows.pcapng", [(4001, "끝".encode())])
    with (session / "session.mitm").open("rb") as file:
        assert looks_like_flows(file.read(100))


def test_a_har_of_mitmproxy(session: Path, tmp_path: Path) -> None:
    exchanges, left_out = read_har((session / "session.har").read_bytes(), "x")
    assert left_out == 0
    _check(exchanges, tmp_path / "har.pcapng", [])


def test_a_cut_or_spoilt_flow_file_is_read_as_far_as_it_goes(session: Path, tmp_path: Path) -> None:
    data = (session / "session.mitm").read_bytes()
    path = tmp_path / "spoilt.mitm"
    path.write_bytes(data[:-10])
    assert len(read_flows(path.read_bytes(), "x")[0]) == 1
    rng = random.Random(4)
    for _round in range(200):
        spoilt = bytearray(data)
        for _byte in range(rng.randrange(1, 30)):
            spoilt[rng.randrange(len(spoilt))] = rng.choice(b"0123456789:,;#^!~]}\x00\xff\r\n")
        path.write_bytes(spoilt)
        try:
            exchanges, _left_out = read_flows(path.read_bytes(), "x")
        except CaptureError:
            continue
        write_imported(exchanges, tmp_path / "spoilt.pcapng", "test")
        read_websockets(inspector.open(tmp_path / "spoilt.pcapng"))


class _Ports(list[int]):
    asked = 0

    def __getitem__(self, index: Any) -> Any:
        self.asked += 1
        return super().__getitem__(index)


def test_more_exchanges_at_a_time_than_there_are_ports_take_no_longer_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = _Ports(range(50000, 50016))
    monkeypatch.setattr("addons.imported._MADE_UP_PORTS", ports)
    begun = 1_760_000_000 * 10**9
    times = (begun, begun + 1, begun + 2, begun + 10**6)
    written = write_imported(
        [ImportedExchange("", "example.org", 80, times, status=204) for _exchange in range(200)],
        tmp_path / "x.pcapng",
        "x",
    )
    assert written.exchanges == 200
    assert ports.asked < 300


def _netstring(value: Any) -> bytes:
    if isinstance(value, (list, dict)):
        items = value if isinstance(value, list) else [part for pair in value.items() for part in pair]
        text, kind = b"".join(_netstring(item) for item in items), b"]" if isinstance(value, list) else b"}"
    elif isinstance(value, bytes):
        text, kind = value, b","
    elif isinstance(value, bool):
        text, kind = (b"true" if value else b"false"), b"!"
    elif value is None:
        text, kind = b"", b"~"
    else:
        text, kind = str(value).encode(), {str: b";", int: b"#", float: b"^"}[type(value)]
    return b"%d:%b%b" % (len(text), text, kind)


def test_an_older_format(tmp_path: Path) -> None:
    """As mitmproxy's own conversions describe format 14: other names of addresses, messages without a mark for injection."""
    flow = {
        "version": 14, "type": "http", "id": "a", "error": None, "mode": "regular", "comment": "note",
        "client_conn": {"id": "c", "address": [b"192.0.2.5", 50123], "timestamp_start": 1600000000.0},
        "server_conn": {"id": "s", "ip_address": ["192.0.2.6", 8000], "address": ["chat.example", 8000]},
        "request": {"method": b"GET", "path": b"/ws", "host": "chat.example", "port": 8000, "scheme": b"http",
                    "headers": [[b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="]], "content": b"", "authority": b"",
                    "timestamp_start": 1600000001.0, "timestamp_end": 1600000001.5, "http_version": b"HTTP/1.1"},
        "response": {"status_code": 101, "reason": b"", "headers": [], "content": b"", "http_version": b"HTTP/1.1",
                     "timestamp_start": 1600000002.0, "timestamp_end": 1600000002.0},
        "websocket": {"messages": [[1, True, b"hi", 1600000003.0, False], [1, False, b"no", 1600000004.0, True],
                                   [2.0, True, b"no opcode", 1600000004.5, False]],
                      "closed_by_client": True, "close_code": 1001, "close_reason": "", "timestamp_end": 1600000005.0},
    }  # fmt: skip
    path = tmp_path / "old.mitm"
    path.write_bytes(_netstring(flow))
    exchanges, left_out = read_flows(path.read_bytes(), "x")
    assert (len(exchanges), left_out) == (1, 0)
    write_imported(exchanges, tmp_path / "old.pcapng", "mitmproxy")
    capture = inspector.open(tmp_path / "old.pcapng")
    [connection] = capture.connections
    assert (str(connection.client), str(connection.server)) == ("192.0.2.5:50123", "192.0.2.6:8000")
    websockets = read_websockets(capture)
    [socket] = websockets.connections
    assert [websockets.content(row) for row in range(len(websockets.messages))] == [b"hi", b"no"]
    assert [close.code for close in websockets.closes(socket.client)] == [1001]
    dropped = int(websockets.frames.first_packet[socket.server.frames.start])
    assert capture.comments[dropped] == ("mitmproxy dropped it: it never arrived",)


@pytest.mark.parametrize("data", [b"", b"abc", b"12:5:hello,1:1#}", b"27:7:version;2:99#4:type;4:http;}"])
def test_what_is_no_flow_file_is_said(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.mitm"
    path.write_bytes(data)
    if data:
        with pytest.raises(CaptureError):
            read_flows(path.read_bytes(), "x")
    else:
        assert read_flows(path.read_bytes(), "x") == ([], 0)
