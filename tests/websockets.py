"""Builds WebSocket traffic byte by byte, and captures of it, without the project's own code."""

from __future__ import annotations

import base64
import hashlib
import random
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.packets import ACK, FIN, PSH, SYN, pcap, tcp_packet

__all__ = ["CLIENT", "KEY", "SERVER", "Talk", "compress", "frame", "handshake", "write_capture"]

KEY = b"\x37\xfa\x21\x3d"
"""The masking key of RFC 6455's examples (section 5.7)."""
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
_PORTS = (40000, 80)


def frame(
    opcode: int,
    payload: bytes = b"",
    key: bytes | None = None,
    *,
    fin: bool = True,
    rsv: int = 0,
    form: int | None = None,
) -> bytes:
    """One frame; ``rsv`` holds RSV1 in bit 2, ``form`` (7, 16 or 64) chooses how the length is written."""
    size = len(payload)
    form = form or (7 if size < 126 else 16 if size < 65536 else 64)
    first, mask = (0x80 if fin else 0) | rsv << 4 | opcode, 0x80 if key is not None else 0
    if form == 7:
        head = bytes([first, mask | size])
    elif form == 16:
        head = struct.pack(">BBH", first, mask | 126, size)
    else:
        head = struct.pack(">BBQ", first, mask | 127, size)
    if key is None:
        return head + payload
    repeated = (key * (size // 4 + 1))[:size]
    masked = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")
    return head + key + masked


def compress(codec: zlib._Compress, payload: bytes) -> bytes:
    """A message as RFC 7692 section 7.2.1 says: DEFLATE, sync flush, without the last four bytes."""
    data = codec.compress(payload) + codec.flush(zlib.Z_SYNC_FLUSH)
    assert data.endswith(b"\x00\x00\xff\xff")
    return data[:-4]


def handshake(
    offer: str | None = None, answer: str | None = None, *, request: str = "", response: str = "", path: str = "/chat"
) -> tuple[bytes, bytes]:
    """Request and 101 response; ``request`` and ``response`` are further header lines, each ending in CR LF."""
    key = base64.b64encode(bytes(range(16))).decode()
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    asked = f"Sec-WebSocket-Extensions: {offer}\r\n" if offer else ""
    given = f"Sec-WebSocket-Extensions: {answer}\r\n" if answer else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{asked}{request}\r\n".encode(),
        f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n{given}{response}\r\n".encode(),
    )


@dataclass
class Talk:
    """A TCP connection as the segments its sides sent: (from the client, position in its stream, bytes)."""

    segments: list[tuple[bool, int, bytes]] = field(default_factory=list)
    sent: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def say(self, from_client: bool, data: bytes, sizes: Iterable[int] = ()) -> Talk:
        """Send bytes, in segments of these sizes and the rest in segments of 1400."""
        at, plan = 0, iter(sizes)
        while at < len(data):
            size = next(plan, 1400)
            part = data[at : at + size]
            self.segments.append((from_client, self.sent[from_client], part))
            self.sent[from_client] += len(part)
            at += len(part)
        return self

    def packets(
        self,
        *,
        shuffle: random.Random | None = None,
        lost: Sequence[int] = (),
        opening: bool = True,
        fin: bool = True,
        ports: tuple[int, int] = _PORTS,
    ) -> list[bytes]:
        """The packets; ``shuffle`` swaps and repeats some, ``lost`` are indexes of segments that were not captured."""
        client, server = 0xFFFFFF00, 1000  # the client's sequence numbers wrap early
        found = []
        if opening:
            found = [
                _packet(True, client - 1, 0, SYN, b"", ports),
                _packet(False, server - 1, client, SYN | ACK, b"", ports),
                _packet(True, client, server, ACK, b"", ports),
            ]
        segments = [segment for index, segment in enumerate(self.segments) if index not in lost]
        if shuffle is not None:
            segments = _disorder(segments, shuffle)
        seen = {True: 0, False: 0}
        for from_client, position, data in segments:
            base, other = (client, server) if from_client else (server, client)
            found.append(_packet(from_client, base + position, other + seen[not from_client], PSH | ACK, data, ports))
            seen[from_client] = max(seen[from_client], position + len(data))
        if fin:
            ends = client + self.sent[True], server + self.sent[False]
            found.append(_packet(False, ends[1], ends[0], FIN | ACK, b"", ports))
            found.append(_packet(True, ends[0], ends[1] + 1, FIN | ACK, b"", ports))
            found.append(_packet(False, ends[1] + 1, ends[0] + 1, ACK, b"", ports))
        return found


def _packet(from_client: bool, seq: int, ack: int, flags: int, data: bytes, ports: tuple[int, int]) -> bytes:
    if from_client:
        return tcp_packet(CLIENT, SERVER, ports, seq, ack, flags, data)
    return tcp_packet(SERVER, CLIENT, ports[::-1], seq, ack, flags, data)


def _disorder(segments: list[tuple[bool, int, bytes]], rng: random.Random) -> list[tuple[bool, int, bytes]]:
    """Move segments by up to three places and repeat one in ten, the repetition cut or joined at random."""
    keyed = [(index + rng.uniform(0, 3), segment) for index, segment in enumerate(segments)]
    for index, (from_client, position, data) in enumerate(segments):
        if rng.random() < 0.1:
            start = rng.randrange(len(data))
            keyed.append((index + rng.uniform(0, 5), (from_client, position + start, data[start:])))
    return [segment for _, segment in sorted(keyed, key=lambda item: item[0])]


def write_capture(path: Path, *packets: list[bytes]) -> Path:
    """Write the packets of some connections into a pcap file, one connection after the other."""
    path.write_bytes(pcap(packet for one in packets for packet in one))
    return path
