"""Scripts of TCP conversations, from which the large captures are stamped out."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["ACK", "FIN", "PSH", "RST", "SCRIPTS", "SYN", "Conversation", "Step", "chat_handshake", "frame"]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
_MSS = 1448
_TIMESTAMPS = bytes.fromhex("0101080a 00000001 00000001")
_SYN_OPTIONS = bytes.fromhex("020405b4 0402080a 00000001 00000000 01 030307")


@dataclass(frozen=True, slots=True)
class Step:
    """One packet of a conversation.

    Args:
        from_client: Who sends it.
        flags: TCP flags.
        seq, ack: Relative to the initial sequence numbers 0.
        payload: Application bytes.
        options: TCP options, a multiple of four bytes.
    """

    from_client: bool
    flags: int
    seq: int
    ack: int
    payload: bytes = b""
    options: bytes = _TIMESTAMPS


class Conversation:
    """Writes steps with right sequence numbers."""

    def __init__(self) -> None:
        self.steps = [
            Step(True, SYN, 0, 0, options=_SYN_OPTIONS),
            Step(False, SYN | ACK, 0, 1, options=_SYN_OPTIONS),
            Step(True, ACK, 1, 1),
        ]
        self._next = {True: 1, False: 1}

    def say(self, from_client: bool, data: bytes, acknowledge: bool = True) -> None:
        """Send data in segments; the other side acknowledges every second one."""
        for number, start in enumerate(range(0, len(data), _MSS)):
            part = data[start : start + _MSS]
            self.steps.append(Step(from_client, PSH | ACK, self._next[from_client], self._next[not from_client], part))
            self._next[from_client] += len(part)
            if acknowledge and (number % 2 or start + _MSS >= len(data)):
                self.steps.append(Step(not from_client, ACK, self._next[not from_client], self._next[from_client]))

    def reset(self, from_client: bool) -> None:
        """One side breaks the connection off."""
        self.steps.append(Step(from_client, RST | ACK, self._next[from_client], self._next[not from_client]))

    def sent(self, from_client: bool) -> int:
        """The next sequence number of one side."""
        return self._next[from_client]

    def close(self, more: int = 0) -> list[Step]:
        """Both sides finish, the server after ``more`` bytes that are not among the steps."""
        client, server = self._next[True], self._next[False] + more
        self.steps += [
            Step(True, FIN | ACK, client, server),
            Step(False, FIN | ACK, server, client + 1),
            Step(True, ACK, client + 1, server + 1),
        ]
        return self.steps


def frame(payload: bytes, mask: bytes | None, first: int) -> bytes:
    """A WebSocket frame of at most 65,535 bytes; ``first`` is its first byte (FIN, RSV, opcode)."""
    size = len(payload)
    bit = 0x80 if mask else 0
    head = bytes([first, bit | size]) if size < 126 else struct.pack(">BBH", first, bit | 126, size)
    if mask is None:
        return head + payload
    repeated = (mask * (size // 4 + 1))[:size]
    return head + mask + bytes(a ^ b for a, b in zip(payload, repeated, strict=True))


def chat_handshake(talk: Conversation, compressed: bool) -> None:
    """The upgrade to WebSocket, with the key and the answer of RFC 6455 section 1.3."""
    extension = b"Sec-WebSocket-Extensions: permessage-deflate\r\n" if compressed else b""
    talk.say(
        True,
        b"GET /ws/chat/room/ HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + extension + b"\r\n",
    )
    talk.say(
        False,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" + extension + b"\r\n",
    )


def websocket_chat(compressed: bool, messages: int = 300, seed: int = 6455) -> list[Step]:
    """A chat: each message of the client is answered by the server; text in English and Korean, JSON."""
    rng = random.Random(seed)
    talk = Conversation()
    chat_handshake(talk, compressed)
    deflate = {side: zlib.compressobj(wbits=-15) for side in (True, False)}
    words = [
        "hello",
        "room",
        "packet",
        "window",
        "socket",
        "close",
        "안녕하세요",
        "메시지",
        "서버",
        "연결",
        "받았어요",
        "오늘",
        "내일",
    ]
    for number in range(messages):
        text = " ".join(rng.choice(words) for _ in range(rng.randint(2, 24)))
        payload = f'{{"type":"chat.message","room":"room","number":{number},"text":"{text}"}}'.encode()
        for from_client in (True, False):
            data, first = payload, 0x81
            if compressed:
                codec = deflate[from_client]
                data = (codec.compress(payload) + codec.flush(zlib.Z_SYNC_FLUSH))[:-4]
                first = 0xC1
            talk.say(from_client, frame(data, rng.randbytes(4) if from_client else None, first), bool(number % 2))
    talk.say(True, frame(struct.pack(">H", 1000), rng.randbytes(4), 0x88))
    talk.say(False, frame(struct.pack(">H", 1000), None, 0x88))
    return talk.close()


def http_bulk(body: int = 2_000_000) -> list[Step]:
    """One large download."""
    talk = Conversation()
    talk.say(True, b"GET /large HTTP/1.1\r\nHost: files.example\r\n\r\n")
    talk.say(False, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % body + random.Random(9112).randbytes(body))
    return talk.close()


def short_connection() -> list[Step]:
    """One small request and its answer."""
    talk = Conversation()
    talk.say(True, b"GET /api/rooms HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n", acknowledge=False)
    talk.say(False, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]", acknowledge=False)
    return talk.close()


def small_packets(count: int = 500) -> list[Step]:
    """One byte at a time, as from a terminal."""
    talk = Conversation()
    for number in range(count):
        talk.say(bool(number % 2), b"x")
    return talk.close()


SCRIPTS: dict[str, Callable[[], list[Step]]] = {
    "websocket-chat": lambda: websocket_chat(compressed=False),
    "websocket-deflate": lambda: websocket_chat(compressed=True),
    "http-bulk": http_bulk,
    "short-connections": short_connection,
    "small-packets": small_packets,
}
"""Every kind of large capture, by name."""
