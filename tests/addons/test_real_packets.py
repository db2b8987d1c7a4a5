"""The recording and the real packets, captured at the same time, are decoded to the same frames and messages."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

import inspector
from captures.live import CaptureRequest, LiveCapture
from inspector.chat.external import free_port
from inspector.errors import MissingPart
from inspector.model.grade import Grade
from inspector.model.websocket import CLOSE
from inspector.recording.capture import Capture
from inspector.recording.grades import connection_grades
from inspector.recording.websockets import read_websockets
from tests.addons.running import proxy, require_mitmproxy, settled
from tests.certificates import make_certificate

_LARGE = bytes(range(256)) * 4 * 1024 * 5
_MESSAGES: list[str | bytes] = ["안녕", b"\x00", "글" * 3000, _LARGE, ""]


@contextmanager
def _packets(path: Path, ports: tuple[int, ...]) -> Iterator[LiveCapture]:
    wanted = " or ".join(f"tcp port {port}" for port in ports)
    try:
        with LiveCapture(CaptureRequest("lo", path, wanted)) as live:
            yield live
    except MissingPart as error:
        pytest.skip(str(error))


async def _talk(port: int, scheme: str, compression: str | None, tls: ssl.SSLContext | None) -> None:
    async def parts() -> AsyncIterator[str]:
        yield "나누어 "
        await (await websocket.ping(b"between"))
        yield "보낸다"

    async with connect(
        f"{scheme}://127.0.0.1:{port}/", compression=compression, max_size=None, ping_interval=None, ssl=tls
    ) as websocket:
        for message in _MESSAGES:
            await websocket.send(message)
            assert await websocket.recv() == message
        await websocket.send(parts())
        assert await websocket.recv() == "나누어 보낸다"
        await websocket.close(3000, "끝")


async def _session(folder: Path, scheme: str, compression: str | None) -> None:
    async def echo(websocket: ServerConnection) -> None:
        try:
            async for message in websocket:
                await websocket.send(message)
        except ConnectionClosed:
            pass

    outer = inner = None
    if scheme == "wss":
        outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        outer.load_cert_chain(make_certificate(folder, "localhost"))
        inner = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        inner.check_hostname, inner.verify_mode = False, ssl.CERT_NONE
    listen = free_port()
    async with serve(echo, "127.0.0.1", 0, compression=compression, max_size=None, ssl=outer) as server:
        port = server.sockets[0].getsockname()[1]
        target = f"{scheme.replace('ws', 'http')}://127.0.0.1:{port}"
        arguments = ["--reverse", target, "--insecure", "--listen", f"127.0.0.1:{listen}"]
        with _packets(folder / "real.pcapng", (port, listen)):
            async with proxy(folder / "session.pcapng", *arguments) as running:
                await _talk(running.port, scheme, compression, inner)
                await settled(running.process.pid)
                assert await running.stop() == 0, running.said


def _decoded(capture: Capture) -> dict[int, tuple[list[object], list[tuple[int, bytes | None]]]]:
    """Frames and messages of each WebSocket, by the client's port, which real and recorded packets share."""
    found = read_websockets(capture)
    decoded = {}
    for socket in found.connections:
        frames: list[object] = []
        messages: list[tuple[int, bytes | None]] = []
        for direction in (socket.client, socket.server):
            for row in direction.frames:
                frame = found.frame(row)
                frames.append((frame.fin, frame.rsv, frame.opcode, frame.masking_key, frame.length, frame.payload))
            messages += [(int(found.messages.opcode[row]), found.content(row)) for row in direction.messages]
        decoded[capture.connections[socket.connection].client.port] = frames, messages
    return decoded


@pytest.mark.parametrize("scheme", ["ws", "wss"])
@pytest.mark.parametrize("compression", [None, "deflate"])
def test_same_frames_and_messages(tmp_path: Path, scheme: str, compression: str | None) -> None:
    require_mitmproxy()
    asyncio.run(_session(tmp_path, scheme, compression))

    recording = inspector.open(tmp_path / "session.pcapng")
    keys = tmp_path / "keys.log"
    keys.write_bytes(b"".join(secret.data for secret in recording.metadata.secrets))
    real = inspector.open(tmp_path / "real.pcapng", keys=keys)

    assert set(connection_grades(recording).tolist()) == {Grade.TAPPED}
    assert set(connection_grades(real).tolist()) == {Grade.CAPTURED}
    taken, seen = _decoded(recording), _decoded(real)
    assert len(seen) == 2
    assert set(taken) == set(seen)
    sent = [m.encode() if isinstance(m, str) else m for m in (*_MESSAGES, "나누어 보낸다")]
    missing = []
    for port, (frames, messages) in seen.items():
        assert [message[1] for message in messages] == [*sent, *sent]
        assert taken[port][1] == messages
        assert frames[: len(taken[port][0])] == taken[port][0]
        missing += frames[len(taken[port][0]) :]
    # The server's answer to the Close: mitmproxy does not read it any more.
    assert missing in ([], [(True, 0, CLOSE, None, 5, b"\x0b\xb8" + "끝".encode())])
