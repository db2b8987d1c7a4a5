"""What is recorded by choice: a filter, packet sizes, WebSockets as bytes; abrupt ends and every close code."""

from __future__ import annotations

import asyncio
import base64
import http.client
import socket
import ssl
import struct
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

import inspector
from inspector.model.ending import Ending
from inspector.model.websocket import CLOSE
from inspector.recording.http import http_exchanges
from inspector.recording.websockets import read_websockets
from tests.addons.running import Proxy, command, proxy, require_mitmproxy, settled
from tests.tshark import require_tshark, tshark_rows

_CODES = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999)
"""Close codes that may be sent (RFC 6455 section 7.4 and its registry)."""


async def _with_echo(record: Path, arguments: list[str], use: Callable[[Proxy], Awaitable[None]]) -> None:
    async def echo(websocket: ServerConnection) -> None:
        try:
            async for message in websocket:
                if str(message).startswith("close "):
                    await websocket.close(int(str(message)[6:]), "서버")
                await websocket.send(message)
        except ConnectionClosed:
            pass

    def answer(_connection: ServerConnection, request: Request) -> Response | None:
        if request.path.startswith("/ws"):
            return None
        return Response(200, "OK", Headers({"Content-Length": "2", "Connection": "close"}), b"ok")

    async with serve(echo, "127.0.0.1", 0, process_request=answer, ping_interval=None, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        async with proxy(record, "--reverse", f"http://127.0.0.1:{port}", *arguments) as running:
            await use(running)
            await settled(running.process.pid)
            assert await running.stop() == 0, running.said


def test_only_connections_with_a_matching_exchange_are_recorded(tmp_path: Path) -> None:
    require_mitmproxy()

    async def use(running: Proxy) -> None:
        def ask(path: str) -> None:
            client = http.client.HTTPConnection("127.0.0.1", running.port)
            client.request("GET", path)
            client.getresponse().read()

        for path in ("/one", "/two", "/three"):
            await asyncio.to_thread(ask, path)
        async with connect(f"ws://127.0.0.1:{running.port}/ws/two") as websocket:
            await websocket.send("안녕")
            await websocket.recv()

    asyncio.run(_with_echo(tmp_path / "r.pcapng", ["--filter", "~u /two"], use))

    capture = inspector.open(tmp_path / "r.pcapng")
    targets = [found.exchange.request.target for found in http_exchanges(capture) if found.exchange.request is not None]
    assert sorted(targets, key=str) == [b"/two", b"/two", b"/ws/two", b"/ws/two"]
    assert len(read_websockets(capture).messages) == 4
    assert len(capture.connections) == 4


_BODIES = {"/one": b"first", "/two": b"second" * 1000, "/three": b"", "/until-end": b"closed"}


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await reader.readuntil(b"\r\n\r\n"):
        path = head.split()[1].decode()
        body = _BODIES[path]
        if path == "/until-end":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + body)
            break
        begin = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        writer.write((begin if body else b"HTTP/1.1 204 No Content\r\n\r\n") + body)
    writer.close()


async def _with_keep_alive(path: Path, wanted: str, ask: Callable[[int], None]) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with proxy(path, "--reverse", f"http://127.0.0.1:{port}", "--filter", wanted) as running:
        await asyncio.to_thread(ask, running.port)
        await settled(running.process.pid)
        assert await running.stop() == 0, running.said
    server.close()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("~u /two", ["/two", "/two"]),
        ("!~u /two", ["/one", "/three", "/until-end"]),
        ("~c 204 | ~u /until-end", ["/three", "/until-end"]),
        ("~bs first", ["/one"]),
    ],
)
def test_on_a_connection_that_is_kept_alive_each_exchange_is_recorded_by_itself(
    tmp_path: Path, wanted: str, expected: list[str]
) -> None:
    require_mitmproxy()
    require_tshark()

    def ask(port: int) -> None:
        client = http.client.HTTPConnection("127.0.0.1", port)
        for path in ("/one", "/two", "/three", "/two", "/until-end"):
            client.request("GET", path)
            client.getresponse().read()
        client.close()

    path = tmp_path / "r.pcapng"

    asyncio.run(_with_keep_alive(path, wanted, ask))

    capture = inspector.open(path)
    assert len(capture.connections) == 2
    found: dict[int, list[str]] = {}
    for item in http_exchanges(capture):
        request, response = item.exchange.request, item.exchange.response
        assert request is not None and response is not None
        assert (item.body(response) or b"") == _BODIES[(request.target or b"").decode()]
        found.setdefault(item.connection, []).append((request.target or b"").decode())
    assert list(found.values()) == [expected, expected]
    assert tshark_rows(path, ["frame.number"], "tcp.analysis.flags or _ws.malformed") == []
    left_out = [text for number in capture.comments for text in capture.comments[number] if "do not match" in text]
    assert sum(int(text.rpartition(": ")[2]) for text in left_out) == 2 * (5 - len(expected))


def test_of_tls_a_connection_with_a_match_is_recorded_whole_on_both_legs(tmp_path: Path) -> None:
    require_mitmproxy()

    def ask(port: int) -> None:
        for paths in (("/one", "/two", "/three"), ("/one", "/three")):
            client = http.client.HTTPSConnection("127.0.0.1", port, context=ssl._create_unverified_context())
            for path in paths:
                client.request("GET", path)
                client.getresponse().read()
            client.close()

    asyncio.run(_with_keep_alive(tmp_path / "r.pcapng", "!~u one & !~u three", ask))

    found: dict[int, list[bytes | None]] = {}
    for item in http_exchanges(inspector.open(tmp_path / "r.pcapng")):
        assert item.exchange.request is not None
        found.setdefault(item.connection, []).append(item.exchange.request.target)
    assert list(found.values()) == [[b"/one", b"/two", b"/three"]] * 2


def test_a_wrong_filter_is_one_line(tmp_path: Path) -> None:
    require_mitmproxy()
    words = command("proxy", "--record", str(tmp_path / "r"), "--filter", "~~(", "--confdir", str(tmp_path / "c"))
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("inspector: ~~( is not a filter of mitmproxy's")
    assert done.stderr.count("\n") == 1


def test_packets_are_cut_to_the_size_asked_for(tmp_path: Path) -> None:
    require_mitmproxy()
    require_tshark()

    async def use(running: Proxy) -> None:
        async with connect(f"ws://127.0.0.1:{running.port}/ws", compression=None) as websocket:
            await websocket.send("x" * 100_000)
            await websocket.recv()

    path = tmp_path / "r.pcapng"
    asyncio.run(_with_echo(path, ["--mtu", "1500"], use))

    sizes = [int(row[0]) for row in tshark_rows(path, ["frame.len"], "tcp")]
    assert max(sizes) == 1500
    assert tshark_rows(path, ["frame.number"], "tcp.analysis.flags or _ws.malformed") == []
    found = read_websockets(inspector.open(path))
    assert found.messages.length.tolist() == [100_000] * 4


@pytest.mark.parametrize("who", ["client", "server"])
@pytest.mark.parametrize("how", [[], ["--faithful"]])
def test_every_close_code_is_recorded_as_it_passed(tmp_path: Path, who: str, how: list[str]) -> None:
    require_mitmproxy()
    # mitmproxy takes 1014 (bad gateway) for a fault of the peer, and tells both a 1002.
    codes = [code for code in _CODES if how or code != 1014]

    async def use(running: Proxy) -> None:
        for code in codes:
            websocket = await connect(f"ws://127.0.0.1:{running.port}/ws")
            if who == "client":
                await websocket.close(code, "클라")
            else:
                await websocket.send(f"close {code}")
                with pytest.raises(ConnectionClosed) as closed:
                    await websocket.recv()
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == code

    path = tmp_path / "r.pcapng"
    asyncio.run(_with_echo(path, how, use))

    found = read_websockets(inspector.open(path))
    assert len(found.connections) == 2 * len(codes)
    reason = ("클라" if who == "client" else "서버").encode()
    closes = [
        next(found.frame(row).payload for row in getattr(socket, who).frames if found.frame(row).opcode == CLOSE)
        for socket in found.connections
    ]
    expected = [code.to_bytes(2, "big") + reason for code in codes for _leg in range(2)]
    assert sorted(closes) == sorted(expected)


_BROKEN = (
    b"\x81\x02hi"  # not masked
    + b"\xf3\x81" + bytes(4) + b"x"  # reserved bits, unknown opcode
    + b"\x01\x81" + b"\x01\x02\x03\x04" + b"a"  # a fragment
    + b"\x89\x83" + bytes(4) + b"???"  # a ping in between
    + b"\x80\x81" + bytes(4) + b"\xff"  # its end: bad UTF-8
    + b"\x88\x82" + bytes(4) + b"\x00\x01"  # a Close with a code that does not exist
)  # fmt: skip


def test_before_one_server_every_byte_of_http_passes_too(tmp_path: Path) -> None:
    require_mitmproxy()
    asked = b"GET /x?a=%zz HTTP/1.1\r\nhOsT:  a\r\nFolded: 1\r\n 2\r\nFolded:3\r\n\r\n"
    answered = b"HTTP/1.1 200 So  what\r\ncontent-LENGTH: 2\r\nX:\ta \r\n\r\nok"
    came = b""

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        came = await reader.readuntil(b"\r\n\r\n")
        writer.write(answered)
        writer.close()

    async def session() -> bytes:
        server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with proxy(tmp_path / "r.pcapng", "--mode", f"reverse:tcp://127.0.0.1:{port}") as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(asked)
            answer = await asyncio.wait_for(reader.read(), 20)
            writer.close()
            assert await running.stop() == 0, running.said
        server.close()
        return answer

    assert asyncio.run(session()) == answered
    assert came == asked
    found = list(http_exchanges(inspector.open(tmp_path / "r.pcapng")))
    assert [item.exchange.request and item.exchange.request.target for item in found] == [b"/x?a=%zz"] * 2
    assert [item.exchange.response and item.exchange.response.status for item in found] == [200, 200]


@pytest.mark.parametrize("abort", [False, True])
def test_faithful_passes_every_byte_and_records_it(tmp_path: Path, abort: bool) -> None:
    require_mitmproxy()
    path = tmp_path / "r.pcapng"
    came = b""

    async def session() -> None:
        nonlocal came
        over = asyncio.Event()

        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal came
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
            writer.write(b"Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n\r\n")
            writer.write(b"\x8a\x00")
            while data := await reader.read(1 << 16):
                came += data
                writer.write(data)
            writer.close()
            over.set()

        server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with proxy(path, "--reverse", f"http://127.0.0.1:{port}", "--faithful") as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            key = base64.b64encode(bytes(16))
            writer.write(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
            writer.write(b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            writer.write(_BROKEN)
            assert await reader.readexactly(2 + len(_BROKEN)) == b"\x8a\x00" + _BROKEN
            if abort:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()
            await asyncio.wait_for(over.wait(), 20)
            assert await running.stop() == 0, running.said
            assert "requests and responses are written anew" in running.said
        server.close()

    asyncio.run(session())

    assert came == _BROKEN
    capture = inspector.open(path)
    found = read_websockets(capture)
    assert len(found.connections) == 2
    for connection in found.connections:
        stream = capture.stream(connection.connection, "client")
        assert stream.read(connection.client.start, stream.end) == _BROKEN
        stream = capture.stream(connection.connection, "server")
        assert stream.read(connection.server.start, stream.end) == b"\x8a\x00" + _BROKEN
    endings = capture.connections.ending.tolist()
    assert endings[0] == (Ending.RESET if abort else Ending.CLOSED)  # the client's leg comes first
