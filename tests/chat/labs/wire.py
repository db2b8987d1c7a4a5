"""A small reader of lab captures that shares nothing with the analyser: tshark gives packets, this puts them together."""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from ...tshark import tshark_rows

__all__ = ["Connection", "Frame", "Packet", "read"]

_FIELDS = (
    "frame.time_epoch", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "tcp.flags", "tcp.seq_raw", "tcp.payload",
    "tcp.window_size",
)  # fmt: skip
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


@dataclass(frozen=True)
class Packet:
    """One TCP segment; ``sender`` is ``client`` or ``server``."""

    time: float
    sender: str
    flags: int
    seq: int
    payload: bytes
    window: int


@dataclass(frozen=True)
class Frame:
    """One WebSocket frame, unmasked, and when its last byte passed."""

    time: float
    opcode: int
    first: int
    masked: bool
    payload: bytes

    @property
    def code(self) -> int | None:
        """Of a Close frame."""
        return int.from_bytes(self.payload[:2], "big") if self.payload else None


@dataclass
class Connection:
    """One TCP connection."""

    client: str
    server: str
    packets: list[Packet] = field(default_factory=list)

    def _bytes(self, sender: str) -> list[tuple[int, float]]:
        """(byte, time) of this direction, each byte once."""
        start = next((p.seq + 1 for p in self.packets if p.sender == sender and p.flags & SYN), None)
        found: list[tuple[int, float]] = []
        for packet in self.packets:
            if packet.sender != sender or not packet.payload or packet.flags & SYN:
                continue
            start = packet.seq if start is None else start
            at = (packet.seq - start) % 2**32
            fresh = packet.payload[max(0, len(found) - at) :] if at <= len(found) else b""
            found += [(byte, packet.time) for byte in fresh]
        return found

    def stream(self, sender: str) -> bytes:
        """What one side sent."""
        return bytes(byte for byte, _ in self._bytes(sender))

    @property
    def request(self) -> str:
        """The head of the first HTTP request."""
        return self.stream("client").partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def response(self) -> str:
        """The head of the first HTTP response."""
        return self.stream("server").partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def status(self) -> int | None:
        """Of the first HTTP response; None when there was none."""
        words = self.response.split(" ", 2)
        return int(words[1]) if len(words) > 1 else None

    def header(self, name: str, *, response: bool = True) -> str | None:
        """A header of the first request or response."""
        for line in (self.response if response else self.request).split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    def frames(self, sender: str) -> list[Frame]:
        """The frames of one side, after the handshake."""
        data = self._bytes(sender)
        raw = bytes(byte for byte, _ in data)
        at = raw.find(b"\r\n\r\n") + 4
        found = []
        while at + 2 <= len(raw):
            first, second = raw[at], raw[at + 1]
            length, head = second & 0x7F, 2
            if length == 126:
                length, head = int.from_bytes(raw[at + 2 : at + 4], "big"), 4
            elif length == 127:
                length, head = int.from_bytes(raw[at + 2 : at + 10], "big"), 10
            masked = bool(second & 0x80)
            body = at + head + 4 * masked
            if body + length > len(raw):
                break
            payload = raw[body : body + length]
            if masked:
                key = raw[at + head : body]
                payload = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
            end = body + length
            found.append(Frame(data[end - 1][1], first & 0x0F, first & 0xF0, masked, payload))
            at = end
        return found

    def lengths(self, sender: str) -> list[int]:
        """The payload lengths that frames claim, also of the last one when it is not all there."""
        raw = self.stream(sender)
        at = raw.find(b"\r\n\r\n") + 4
        found = []
        while at + 10 <= len(raw):
            length, head = raw[at + 1] & 0x7F, 2
            if length == 126:
                length, head = int.from_bytes(raw[at + 2 : at + 4], "big"), 4
            elif length == 127:
                length, head = int.from_bytes(raw[at + 2 : at + 10], "big"), 10
            found.append(length)
            at += head + 4 * bool(raw[at + 1] & 0x80) + length
        return found

    def texts(self, sender: str) -> list[tuple[float, str]]:
        """Text messages of one side with their times, decompressed where both sides agreed to compress."""
        agreed = "permessage-deflate" in (self.header("Sec-WebSocket-Extensions") or "")
        inflate = zlib.decompressobj(-15)
        found = []
        for frame in self.frames(sender):
            if frame.opcode != 1:
                continue
            payload = frame.payload
            if agreed and frame.first & 0x40:
                payload = inflate.decompress(payload + b"\x00\x00\xff\xff")
            found.append((frame.time, payload.decode()))
        return found

    def closes(self, sender: str) -> list[Frame]:
        """Close frames of one side."""
        return [frame for frame in self.frames(sender) if frame.opcode == 8]

    def ends(self) -> list[tuple[float, str, str]]:
        """(time, sender, ``fin`` or ``rst``) in order."""
        return [(p.time, p.sender, "rst" if p.flags & RST else "fin") for p in self.packets if p.flags & (FIN | RST)]

    @property
    def first_end(self) -> tuple[float, str, str]:
        """The first FIN or RST."""
        return self.ends()[0]


def read(path: Path) -> dict[str, Connection]:
    """Every connection of a capture by its client's address."""
    opened: dict[tuple[str, str], Connection] = {}
    order: dict[str, Connection] = {}
    waiting: dict[tuple[str, str], list[Packet]] = defaultdict(list)
    for row in tshark_rows(path, _FIELDS):
        time, source, source_port, target, target_port, flags, seq, payload, window = row
        here, there = f"{source}:{source_port}", f"{target}:{target_port}"
        number = int(flags, 16)
        if number & SYN and not number & ACK:
            opened[here, there] = order[here] = Connection(here, there)
        sender = "client" if (here, there) in opened else "server"
        connection = opened.get((here, there)) or opened.get((there, here))
        packet = Packet(float(time), sender, number, int(seq), bytes.fromhex(payload), int(window or 0))
        if connection is None:
            waiting[here, there].append(packet)
        else:
            connection.packets.append(packet)
    assert not waiting, f"packets of connections whose beginning was not captured: {sorted(waiting)}"
    return order
