"""The clients of the labs: a real WebSocket library, and raw sockets where a fault needs bytes of its own."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from inspector.chat.labs.truth import Pair
from inspector.errors import InspectorError

__all__ = [
    "BINARY",
    "CLOSE",
    "PING",
    "PONG",
    "TEXT",
    "Ended",
    "LabFailed",
    "NotConnected",
    "Peer",
    "RawPeer",
    "Refusal",
    "open_peer",
    "open_raw",
    "tcp",
]

# Far above anything a lab waits for on purpose; a machine under load is slow, not wrong.
PATIENCE_S = 20.0


class LabFailed(InspectorError):
    """What should have happened did not: there is no truth to write."""


@dataclass(frozen=True)
class Ended:
    """How a connection ended, as its client saw it.

    Attributes:
        how: ``close`` (both Close frames), ``fin`` or ``rst`` (no Close frame from the server before it).
        code: Of the server's Close frame; None when it had none.
        reason: Of the server's Close frame.
        time_ns: When the client knew.
    """

    how: str
    code: int | None
    reason: str
    time_ns: int


@dataclass(frozen=True)
class Refusal:
    """A handshake that was answered with something else than 101."""

    pair: Pair
    status: int
    headers: Mapping[str, str]
    body: bytes
    time_ns: int


def _address(name: tuple[Any, ...]) -> str:
    return f"{name[0]}:{name[1]}"


class NotConnected(InspectorError):
    """A TCP connection that was refused.

    Attributes:
        pair: What it would have been.
    """

    def __init__(self, pair: Pair) -> None:
        super().__init__(f"nobody listens on {pair.server}")
        self.pair = pair


async def tcp(front: str, *, receive_buffer: int | None = None) -> tuple[socket.socket, Pair]:
    """Open a TCP connection to a front; the kernel's names for both ends.

    Raises:
        NotConnected: If it is refused.
    """
    host, _, port = front.rpartition(":")
    opened = socket.socket()
    opened.setblocking(False)
    try:
        if receive_buffer is not None:
            # Before connect(): the window scale is agreed on in the handshake.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Not left to connect(): the port of a refused attempt would be unknown.
        opened.bind((host, 0))
        pair = Pair(_address(opened.getsockname()), front)
        await asyncio.get_running_loop().sock_connect(opened, (host, int(port)))
    except ConnectionRefusedError:
        opened.close()
        raise NotConnected(pair) from None
    except BaseException:
        opened.close()
        raise
    return opened, pair


class Peer:
    """One WebSocket of the `websockets` library: answers pings, reads at once, notes when what arrived.

    Attributes:
        pair: Its TCP connection.
        received: (nanoseconds since the epoch, text or bytes) of every message.
    """

    def __init__(self, pair: Pair, connection: ClientConnection) -> None:
        self.pair = pair
        self.received: list[tuple[int, str | bytes]] = []
        self.subprotocol = connection.subprotocol
        self._connection = connection
        self._ended: Ended | None = None
        self._news = asyncio.Condition()
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        code, reason, error = None, "", None
        try:
            async for message in self._connection:
                self.received.append((time.time_ns(), message))
                async with self._news:
                    self._news.notify_all()
        except ConnectionClosed as closed:
            # What the library raised it from: the socket's own error, where there was one.
            error = closed.__cause__
        finally:
            # Also when a lab is interrupted: who waits for the end must not wait for a reader that is gone.
            received = self._connection.protocol.close_rcvd
            if received is not None:
                code, reason = (None if received.code == 1005 else received.code), received.reason
            how = "close" if received is not None else "rst" if isinstance(error, ConnectionResetError) else "fin"
            self._ended = Ended(how, code, reason, time.time_ns())
            async with self._news:
                self._news.notify_all()

    @property
    def texts(self) -> list[str]:
        """The text messages so far."""
        return [message for _, message in self.received if isinstance(message, str)]

    async def send(self, message: str | bytes | Mapping[str, Any]) -> int:
        """Send a message (a mapping as JSON); returns the time in nanoseconds."""
        data = json.dumps(message, ensure_ascii=False) if isinstance(message, Mapping) else message
        now = time.time_ns()
        await self._connection.send(data)
        return now

    async def wait(self, enough: Callable[[Peer], bool], what: str, seconds: float = PATIENCE_S) -> None:
        """Wait until enough has arrived.

        Raises:
            LabFailed: If it does not in time, or the connection ends before.
        """
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: enough(self) or self._ended is not None)
        except TimeoutError:
            raise LabFailed(f"{self.pair.client} waited {seconds:g} s in vain for {what}") from None
        if not enough(self):
            raise LabFailed(f"{self.pair.client} ended ({self._ended}) before {what}")

    async def wait_for(self, count: int, seconds: float = PATIENCE_S) -> list[str]:
        """Wait until this many text messages have arrived; all of them so far."""
        await self.wait(lambda peer: len(peer.texts) >= count, f"message {count}", seconds)
        return self.texts

    async def ask(self, message: str | bytes | Mapping[str, Any]) -> float:
        """Send a message and wait for the next one to arrive; the seconds between."""
        before, start = len(self.received), time.monotonic()
        await self.send(message)
        await self.wait(lambda peer: len(peer.received) > before, "an answer")
        return time.monotonic() - start

    async def ended(self, seconds: float = PATIENCE_S) -> Ended:
        """Wait until the connection has ended.

        Raises:
            LabFailed: If it does not in time.
        """
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: self._ended is not None)
        except TimeoutError:
            raise LabFailed(f"{self.pair.client} still stands after {seconds:g} s") from None
        assert self._ended is not None
        return self._ended

    @property
    def open(self) -> bool:
        """Whether it still stands."""
        return self._ended is None

    async def close(self, code: int = 1000, reason: str = "") -> Ended:
        """Close it as a browser's page does."""
        await self._connection.close(code, reason)
        return await self.ended()


async def open_peer(
    front: str,
    path: str,
    *,
    origin: str | None = "",
    cookie: str = "",
    subprotocols: Sequence[str] = (),
    patience: float = PATIENCE_S,
) -> Peer | Refusal:
    """Open a WebSocket.

    Args:
        front: ``address:port``.
        path: What to ask for.
        origin: The page's origin; ``""`` for one of this front, None for none, as a script has.
        cookie: The Cookie header.
        subprotocols: What to offer.
        patience: Seconds to wait for the answer.

    Raises:
        TimeoutError: If nothing is answered.
        OSError: If the connection is refused or ends before an answer.
    """
    opened, pair = await tcp(front)
    try:
        connection = await connect(
            f"ws://{front}{path}",
            sock=opened,
            origin=None if origin is None else Origin(origin or f"http://{front}"),
            additional_headers={"Cookie": cookie} if cookie else {},
            subprotocols=[Subprotocol(name) for name in subprotocols] or None,
            open_timeout=patience,
            ping_interval=None,
            max_queue=None,
            max_size=None,
        )
    except InvalidStatus as refused:
        answer = refused.response
        return Refusal(
            pair, answer.status_code, dict(answer.headers.raw_items()), bytes(answer.body or b""), time.time_ns()
        )
    return Peer(pair, connection)


# Opcodes (RFC 6455 section 5.2).
TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA


class RawPeer:
    """A WebSocket made by hand: it answers nothing by itself, and may break every rule.

    Attributes:
        pair: Its TCP connection.
        head: The handshake's answer.
    """

    def __init__(self, pair: Pair, opened: socket.socket) -> None:
        self.pair = pair
        self.head = b""
        self._socket = opened
        self._loop = asyncio.get_running_loop()
        self._buffer = b""

    async def write(self, data: bytes) -> int:
        """Send bytes; returns the time in nanoseconds."""
        now = time.time_ns()
        await self._loop.sock_sendall(self._socket, data)
        return now

    async def read(self) -> bytes:
        """The next bytes; empty at a FIN.

        Raises:
            ConnectionResetError: At a RST.
        """
        return await self._loop.sock_recv(self._socket, 65536)

    async def upgrade(self, path: str, *, headers: Mapping[str, str] | None = None, drop: Sequence[str] = ()) -> int:
        """Ask for a WebSocket; returns the time. ``drop`` names headers to leave out."""
        lines = {
            "Host": self.pair.server,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            "Origin": f"http://{self.pair.server}",
            **(headers or {}),
        }
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if name not in drop)
        return await self.write(f"GET {path} HTTP/1.1\r\n{text}\r\n".encode())

    async def answer(self, seconds: float = PATIENCE_S) -> int:
        """Read the handshake's answer; returns its status, 0 when the connection ends without one.

        Raises:
            TimeoutError: If nothing comes.
            ConnectionResetError: At a RST.
        """
        async with asyncio.timeout(seconds):
            while b"\r\n\r\n" not in self._buffer:
                data = await self.read()
                if not data:
                    return 0
                self._buffer += data
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        self.head = head + b"\r\n\r\n"
        return int(head.split(b" ", 2)[1])

    async def send(self, opcode: int, payload: bytes = b"", *, first: int = 0x80, masked: bool = True) -> int:
        """Send a frame; ``first`` holds FIN and the reserved bits of its first byte. Returns the time."""
        mask = 0x80 if masked else 0
        length = len(payload)
        if length < 126:
            head = struct.pack("!BB", first | opcode, mask | length)
        elif length < 65536:
            head = struct.pack("!BBH", first | opcode, mask | 126, length)
        else:
            head = struct.pack("!BBQ", first | opcode, mask | 127, length)
        if not masked:
            return await self.write(head + payload)
        key = os.urandom(4)
        whole = int.from_bytes((key * (length // 4 + 1))[:length], "big") if length else 0
        hidden = (int.from_bytes(payload, "big") ^ whole).to_bytes(length, "big")
        return await self.write(head + key + hidden)

    async def frame(self, seconds: float = PATIENCE_S) -> tuple[int, bytes] | None:
        """The next frame as (opcode, payload); None at a FIN.

        Raises:
            TimeoutError: If nothing comes.
            ConnectionResetError: At a RST.
        """
        async with asyncio.timeout(seconds):
            while (found := self._parse()) is None:
                data = await self.read()
                if not data:
                    return None
                self._buffer += data
        return found

    def _parse(self) -> tuple[int, bytes] | None:
        data = self._buffer
        if len(data) < 2:
            return None
        length, at = data[1] & 0x7F, 2
        if length == 126:
            length, at = int.from_bytes(data[2:4], "big"), 4
        elif length == 127:
            length, at = int.from_bytes(data[2:10], "big"), 10
        if len(data) < at + length:
            return None
        self._buffer = data[at + length :]
        return data[0] & 0x0F, data[at : at + length]

    async def until_end(self, seconds: float = PATIENCE_S, pong: Callable[[bytes], bool] | None = None) -> Ended:
        """Read frames until the connection ends; ``pong`` says whether a ping is answered.

        Raises:
            LabFailed: If it still stands after this time.
        """
        code, reason, closed = None, "", False
        try:
            async with asyncio.timeout(seconds):
                while (frame := await self.frame(seconds + 1)) is not None:
                    opcode, payload = frame
                    if opcode == CLOSE:
                        closed = True
                        code = int.from_bytes(payload[:2], "big") if payload else None
                        reason = payload[2:].decode(errors="replace")
                        with contextlib.suppress(OSError):
                            await self.send(CLOSE, payload[:2])
                    elif opcode == PING and pong is not None and pong(payload):
                        await self.send(PONG, payload)
        except TimeoutError:
            raise LabFailed(f"{self.pair.client} still stands after {seconds:g} s") from None
        except (ConnectionResetError, BrokenPipeError):
            return Ended("close" if closed else "rst", code, reason, time.time_ns())
        return Ended("close" if closed else "fin", code, reason, time.time_ns())

    def finish(self) -> None:
        """Close this side: a FIN, without a Close frame."""
        self._socket.close()

    def reset(self) -> None:
        """End with a RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


async def open_raw(front: str, *, receive_buffer: int | None = None) -> RawPeer:
    """Open a TCP connection for a `RawPeer`."""
    opened, pair = await tcp(front, receive_buffer=receive_buffer)
    return RawPeer(pair, opened)
