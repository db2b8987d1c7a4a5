"""What the proxy records equals what both ends logged, byte for byte, on both legs."""

from __future__ import annotations

import asyncio
import re
import signal
import stat
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

import inspector
from inspector.model.websocket import CLOSE, PING, PONG, TEXT
from inspector.recording.capture import Capture
from inspector.recording.websockets import Direction, WebSockets, read_websockets
from tests.addons.running import LoggedClient, LoggedServer, Proxy, proxy, require_mitmproxy, settled
from tests.tshark import require_tshark, tshark_rows

_KOREAN = "받은 메시지는 그대로 기록된다. " * 300
"""More than 4,000 bytes, at which mitmproxy cuts what an addon changed."""
_LARGE = bytes(range(256)) * 4096

Client = Callable[[LoggedClient], Coroutine[None, None, None]]


class _Talk:
    """One WebSocket through the proxy, and what its ends logged."""

    def __init__(self, record: Path) -> None:
        self.record = record
        self.client: LoggedClient
        self.server: LoggedServer
        self.received: list[str | bytes] = []

    async def run(self, client: Client, compression: str | None, kill: bool = False) -> None:
        ended = asyncio.Event()

        async def echo(websocket: ServerConnection) -> None:
            assert isinstance(websocket, LoggedServer)
            self.server = websocket
            try:
                async for message in websocket:
                    self.received.append(message)
                    if message == "close me":
                        await websocket.close(4001, "안녕")
                        return
                    if message == "cut me":
                        websocket.transport.abort()
                        return
                    await websocket.send(message)
            except ConnectionClosed:
                pass
            finally:
                ended.set()

        async with serve(
            echo, "127.0.0.1", 0, create_connection=LoggedServer, compression=compression, max_size=None
        ) as server:
            port = server.sockets[0].getsockname()[1]
            async with proxy(self.record, "--reverse", f"http://127.0.0.1:{port}") as running:
                await self._speak(running, client, compression)
                if kill:
                    assert await running.stop(signal.SIGKILL) == -signal.SIGKILL
                await asyncio.wait_for(ended.wait(), 60)
                if not kill:
                    await settled(running.process.pid)
                    assert await running.stop() == 0, running.said
                    assert re.fullmatch(r"\d+ packets recorded to .*\n", running.said)

    async def _speak(self, running: Proxy, client: Client, compression: str | None) -> None:
        uri = f"ws://127.0.0.1:{running.port}/room?name=민"
        self.client = await connect(  # type: ignore[assignment]
            uri, create_connection=LoggedClient, compression=compression, max_size=None
        )
        await client(self.client)

    def read(self) -> tuple[Capture, WebSockets]:
        capture = inspector.open(self.record)
        found = read_websockets(capture)
        assert len(found.connections) == 2
        return capture, found

    def check_bytes(self) -> WebSockets:
        """Compare all bytes after the handshakes; what the peer sent last the proxy may not have read any more."""
        capture, found = self.read()
        legs = {socket.connection: socket for socket in found.connections}
        ports = {capture.connections[number].client.port: number for number in legs}
        client = ports[self.client.local_address[1]]
        server = ports[self.server.remote_address[1]]
        assert client != server
        sent, received = _after_head(self.client.bytes_sent), _after_head(self.client.bytes_received)
        assert _recorded(capture, legs[client].client) == sent
        assert _recorded(capture, legs[client].server)[: len(received)] == received
        sent, received = _after_head(self.server.bytes_sent), _after_head(self.server.bytes_received)
        assert _recorded(capture, legs[server].client)[: len(received)] == received
        recorded = _recorded(capture, legs[server].server)
        assert sent.startswith(recorded)
        # mitmproxy does not read the answer to a Close that it passed on.
        assert sent[len(recorded) :] in (b"", b"\x88\x05\x0f\x9f" + "끝".encode())
        return found


def _after_head(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]


def _recorded(capture: Capture, direction: Direction) -> bytes:
    role = "client" if direction.is_client else "server"
    stream = capture.stream(direction.connection, role)
    return stream.read(direction.start, stream.end)


def _contents(found: WebSockets, direction: Direction) -> list[str | bytes | None]:
    return [
        content.decode() if content is not None and found.messages.opcode[row] == TEXT else content
        for row in direction.messages
        for content in [found.content(row)]
    ]


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_messages_frames_and_bytes_equal_what_both_ends_logged(tmp_path: Path, compression: str | None) -> None:
    require_mitmproxy()
    echoed: list[str | bytes] = []

    async def client(websocket: LoggedClient) -> None:
        for message in ("안녕", b"\x00\x01", _KOREAN, b"", _LARGE):
            await websocket.send(message)
            echoed.append(await websocket.recv())

        async def parts() -> AsyncIterator[str]:
            yield "한 글자씩 "
            await (await websocket.ping(b"between"))
            yield "나누어 보낸다"

        await websocket.send(parts())
        echoed.append(await websocket.recv())
        await websocket.close(3999, "끝")

    talk = _Talk(tmp_path / "session.pcapng")
    asyncio.run(talk.run(client, compression))

    expected = ["안녕", b"\x00\x01", _KOREAN, b"", _LARGE, "한 글자씩 나누어 보낸다"]
    assert echoed == talk.received == expected
    found = talk.check_bytes()
    for direction in found.directions:
        assert _contents(found, direction) == expected
    for socket in found.connections:
        frames = [found.frame(row) for row in socket.client.frames]
        assert [frame.payload for frame in frames if frame.opcode == PING] == [b"between"]
        answers = [found.frame(row) for row in socket.server.frames]
        assert [frame.payload for frame in answers if frame.opcode == PONG] == [b"between"]
        assert [frame.payload for frame in frames if frame.opcode == CLOSE] == [b"\x0f\x9f" + "끝".encode()]
    assert not found.frames.faults.any()
    assert stat.S_IMODE(talk.record.stat().st_mode) == 0o600


@pytest.mark.parametrize("word", ["close me", "cut me"])
def test_the_server_ends_it(tmp_path: Path, word: str) -> None:
    require_mitmproxy()

    async def client(websocket: LoggedClient) -> None:
        await websocket.send(word)
        with pytest.raises(ConnectionClosed):
            await websocket.recv()

    talk = _Talk(tmp_path / "session.pcapng")
    asyncio.run(talk.run(client, None))

    _capture, found = talk.read()
    closes = {
        (socket.connection, direction.sender): found.frame(row).payload
        for socket in found.connections
        for direction in (socket.client, socket.server)
        for row in direction.frames
        if found.frame(row).opcode == CLOSE
    }
    from_server = [payload for (_number, sender), payload in closes.items() if sender == "server"]
    if word == "close me":
        assert from_server == [b"\x0f\xa1" + "안녕".encode()] * 2
    else:
        # The proxy tells the client of a clean end (python-hyper/wsproto issue 182); the server's leg shows the truth.
        assert from_server == [b"\x03\xe8"]


def test_what_was_forwarded_before_a_kill_is_in_the_file(tmp_path: Path) -> None:
    require_mitmproxy()
    for attempt in range(3):
        echoed: list[str | bytes] = []

        async def client(websocket: LoggedClient, echoed: list[str | bytes] = echoed) -> None:
            for number in range(100):
                await websocket.send(f"{number} 번째")
                if number > 20:
                    echoed.append(await websocket.recv())

        talk = _Talk(tmp_path / f"{attempt}.pcapng")
        asyncio.run(talk.run(client, "deflate", kill=True))

        capture, found = talk.read()
        assert capture.damage is None
        by_port = {capture.connections[s.connection].client.port: s for s in found.connections}
        to_server = _contents(found, by_port[talk.server.remote_address[1]].client)
        to_client = _contents(found, by_port[talk.client.local_address[1]].server)
        assert len(echoed) == 79
        assert to_server[: len(talk.received)] == talk.received
        assert to_client[: len(echoed)] == echoed


def test_tshark_finds_nothing_wrong_and_reads_the_same_texts(tmp_path: Path) -> None:
    require_mitmproxy()
    require_tshark()

    async def client(websocket: LoggedClient) -> None:
        for message in ("hello", _LARGE, _LARGE, "bye"):
            await websocket.send(message)
            await websocket.recv()
        await websocket.close()

    talk = _Talk(tmp_path / "session.pcapng")
    asyncio.run(talk.run(client, None))

    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    done = subprocess.run(
        ["tshark", "-n", "-r", str(talk.record), *checks, "-z", "expert,warn", "-q"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout.strip() == ""
    rows = tshark_rows(talk.record, ["frame.interface_name", "data-text-lines"], "websocket.opcode == 1")
    assert [row[0] for row in rows].count("client leg") == [row[0] for row in rows].count("server leg") == 4
    statuses = tshark_rows(talk.record, ["http.response.code"], "http.response")
    assert statuses == [["101"], ["101"]]
    bad = tshark_rows(talk.record, ["frame.number"], "tcp.analysis.flags or _ws.malformed or tcp.checksum.status == 0")
    assert bad == []
