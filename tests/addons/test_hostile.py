"""Hostile peers neither take the proxy down nor fill its memory, and other connections go on."""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import struct
import zlib
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

import inspector
from inspector.recording.proxy_notes import proxy_notes
from tests.addons.running import Proxy, proxy, require_mitmproxy

_PORTION = bytes(1 << 16)
_MOST_MEMORY = 500e6
"""Start-up is 90 MB; a message of 64 MiB is there several times while it is put together. Without bounds the bomb alone
would need a gigabyte."""
_END_S = 240
"""A message of 64 MiB takes seconds, and a minute where eight programs share two cores."""

Attack = Callable[[Proxy], Coroutine[None, None, bytes]]


def _peak_bytes(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found
    return int(found[1]) * 1024


async def _pour(port: int, head: bytes, portion: bytes, most: int) -> bytes:
    """Send without end, until the proxy ends it or ``most`` bytes are sent; what it answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    sent = 0

    async def send() -> None:
        nonlocal sent
        while sent < most:
            writer.write(portion)
            sent += len(portion)
            await writer.drain()

    sending = asyncio.create_task(send())
    answer = await _rest(reader)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    writer.close()
    assert sent < most, "the proxy did not end it"
    return answer


def _upgrade(deflate: bool) -> bytes:
    key = base64.b64encode(bytes(16)).decode()
    extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else ""
    return (
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{extension}\r\n"
    ).encode()


async def _endless_head(running: Proxy) -> bytes:
    return await _pour(running.port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"a" * (1 << 16), 64 << 20)


async def _giant_frame(running: Proxy) -> bytes:
    # A binary frame of 2**62 bytes, masked with zeros.
    frame = b"\x82\xff" + struct.pack(">Q", 1 << 62) + bytes(4)
    return await _pour(running.port, _upgrade(False) + frame, _PORTION, 256 << 20)


async def _bomb(running: Proxy) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    # After a full flush the same bytes may follow again and again: 1 GiB of zeros in 1 MiB.
    packed = (packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)) * 1024
    assert len(packed) < 1 << 21
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(_upgrade(True) + b"\xc2\xff" + struct.pack(">Q", len(packed)) + bytes(4) + packed)
    answer = await _rest(reader)
    writer.close()
    return answer


async def _after_close(running: Proxy) -> bytes:
    """A Close, and in the same moment more than mitmproxy reads at a time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(_upgrade(False))
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"\x88\x82" + bytes(4) + b"\x03\xe8" + _PORTION * 8)
    answer = await _rest(reader)
    writer.close()
    return answer


async def _rest(reader: asyncio.StreamReader) -> bytes:
    """What comes until the end; where it is a reset, what came before may be lost."""
    answer = b""
    try:
        while data := await asyncio.wait_for(reader.read(1 << 16), _END_S):
            answer += data
    except ConnectionError:
        pass
    return answer


async def _resets(running: Proxy) -> bytes:
    for number in range(200):
        with socket.create_connection(("127.0.0.1", running.port)) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.sendall(_upgrade(True)[: number * 2])
        if number % 20 == 0:
            await asyncio.sleep(0)
    return b""


async def _drip(running: Proxy) -> bytes:
    """Many that send a byte now and then: they only have to wait."""
    writers = [(await asyncio.open_connection("127.0.0.1", running.port))[1] for _number in range(50)]
    for byte in _upgrade(True)[:30]:
        for writer in writers:
            writer.write(bytes((byte,)))
        await asyncio.sleep(0.01)
    for writer in writers:
        writer.close()
    return b""


async def _endless_answer(running: Proxy) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(b"GET /endless HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), _END_S)
    writer.close()
    return answer


async def _bad_frames(running: Proxy) -> bytes:
    """Reserved bits, unknown opcodes, bad UTF-8, unmasked: each ends its own connection."""
    for frame in (
        b"\xf1\x80" + bytes(4),
        b"\x83\x80" + bytes(4),
        b"\x81\x81" + bytes(4) + b"\xff",
        b"\x81\x01a",
        b"\x89\xfe",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(_upgrade(True) + frame + _PORTION)
        await _rest(reader)
        writer.close()
    return b""


_ATTACKS: dict[str, tuple[Attack, str]] = {
    "endless head": (_endless_head, "without an end of what they are"),
    "giant frame": (_giant_frame, "ended the WebSocket with code 1009"),
    "bomb": (_bomb, "ended the WebSocket with code 1009"),
    "after close": (_after_close, "ended the WebSocket with code 1000"),
    "resets": (_resets, ""),
    "drip": (_drip, ""),
    "endless answer": (_endless_answer, "without an end of what they are"),
    "bad frames": (_bad_frames, "ended the WebSocket with code 1002"),
}
"""By name, and what the recording's notes tell of it."""


async def _front(target: int) -> asyncio.Server:
    """Stands before the WebSocket server: ``/endless`` gets a head without an end."""

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begin = await reader.read(1 << 16)
        if b" /endless " in begin:
            try:
                writer.write(b"HTTP/1.1 200 OK\r\nX: ")
                while True:
                    writer.write(b"a" * (1 << 16))
                    await writer.drain()
            except ConnectionError:
                return
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", target)
        inner_writer.write(begin)
        await asyncio.gather(pipe(reader, inner_writer), pipe(inner_reader, writer))

    return await asyncio.start_server(serve_one, "127.0.0.1", 0)


async def _session(record: Path, attack: Attack) -> tuple[bytes, int, int]:
    async def echo(websocket: ServerConnection) -> None:
        try:
            async for message in websocket:
                await websocket.send(message)
        except ConnectionClosed:
            pass

    async with serve(echo, "127.0.0.1", 0, max_size=1 << 40, ping_interval=None) as server:
        front = await _front(server.sockets[0].getsockname()[1])
        port = front.sockets[0].getsockname()[1]
        async with (
            proxy(record, "--reverse", f"http://127.0.0.1:{port}", "--quiet") as running,
            connect(f"ws://127.0.0.1:{running.port}/ws", ping_interval=None) as good,
        ):
            attacking = asyncio.create_task(attack(running))
            talked = 0
            while not attacking.done() or talked < 5:
                await good.send(f"{talked} 번째")
                assert await asyncio.wait_for(good.recv(), _END_S) == f"{talked} 번째"
                talked += 1
                await asyncio.sleep(0.01)
            answer = await attacking
            await good.send("last")
            assert await asyncio.wait_for(good.recv(), _END_S) == "last"
            peak = _peak_bytes(running.process.pid)
            await good.close()
            assert await running.stop() == 0, running.said
        front.close()
    return answer, peak, talked


@pytest.mark.parametrize("name", _ATTACKS)
def test_it_stays_and_others_go_on(tmp_path: Path, name: str) -> None:
    require_mitmproxy()
    attack, told = _ATTACKS[name]
    record = tmp_path / "session.pcapng"
    answer, peak, _talked = asyncio.run(_session(record, attack))

    assert name != "endless answer" or b"HTTP/1.1 502 " in answer
    assert peak < _MOST_MEMORY
    capture = inspector.open(record)
    assert capture.damage is None
    texts = [note.text for note in proxy_notes(capture)]
    assert any(told in text for text in texts), texts
