"""Crafts captures with times for the rules: connections as scripts, packets built byte by byte."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from inspector.model.grade import Grade, grade_comment
from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter
from tests.packets import ACK, FIN, PSH, RST, SYN, ethernet, ipv4, tcp
from tests.websockets import KEY, frame

__all__ = ["CLIENT", "SERVER", "START_NS", "Film", "Tcp"]

CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
START_NS = 1_700_000_000_000_000_000
_KEY = base64.b64encode(bytes(range(16))).decode()
_ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Film:
    """Packets with their times, in seconds from the start.

    Args:
        packets: Time, bytes, and length on the wire of each.
        order: By what they are sorted in the file.
        start_ns: The start.
        grade: What the packets were made from.
        keys: Of TLS.
        trace: What the server's trace tells, in lines.
        beside: Packets of a second interface.
        tail: What the file ends with behind its packets.
    """

    packets: list[tuple[float, bytes, int]] = field(default_factory=list)
    order: Callable[[tuple[float, bytes, int]], float] = lambda item: item[0]
    start_ns: int = START_NS
    grade: Grade = Grade.CAPTURED
    keys: bytes = b""
    trace: list[str] = field(default_factory=list)
    beside: Film | None = None
    tail: bytes = b""
    _ports: int = 40000
    _identification: int = 0

    def add(self, at: float, packet: bytes, length: int | None = None) -> None:
        """One packet; ``length`` is that on the wire where less was captured."""
        self.packets.append((at, packet, length if length is not None else len(packet)))

    def tcp(
        self, server_port: int = 80, rtt: float = 0.01, *, client: str = CLIENT, server: str = SERVER, port: int = 0
    ) -> Tcp:
        """A connection, captured at the client: answers take a round trip."""
        self._ports += 1
        return Tcp(self, client, server, port or self._ports, server_port, rtt)

    def tell(self, kind: str, at: float, /, **fields: object) -> None:
        """An event of the server's trace (docs/trace.md)."""
        event = {"v": 1, "e": kind, "t": self.start_ns + round(at * 1e9), "pid": 7, "seq": len(self.trace)}
        self.trace.append(json.dumps(event | fields))

    def identification(self) -> int:
        """A new IP identification."""
        self._identification += 1
        return self._identification & 0xFFFF

    def write(self, path: Path) -> Path:
        """Write a pcap with nanoseconds, packets by time; a pcapng where there is more to say of interfaces."""
        if self.grade is not Grade.CAPTURED or self.beside is not None:
            return self._write_recorded(path)
        parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)]
        for at, packet, length in sorted(self.packets, key=self.order):
            time_ns = self.start_ns + round(at * 1e9)
            parts.append(struct.pack("<IIII", time_ns // 10**9, time_ns % 10**9, len(packet), length) + packet)
        path.write_bytes(b"".join(parts) + self.tail)
        return path

    def _write_recorded(self, path: Path) -> Path:
        with PcapngWriter(path) as writer:
            for film in (self, self.beside):
                if film is not None:
                    note = grade_comment(film.grade, "a proxy")
                    interface = writer.add_interface(Interface(link_type=1, snaplen=0, comments=(note,)))
                    for at, packet, length in sorted(film.packets, key=film.order):
                        writer.write_packet(interface, self.start_ns + round(at * 1e9), packet, length=length)
        with path.open("ab") as file:
            file.write(self.tail)
        return path

    def number(self, at: float) -> int:
        """Number of the first packet at or after a time."""
        return 1 + sum(time < at - 1e-9 for time, _, _ in self.packets)


@dataclass
class Tcp:
    """One connection; every method appends packets and moves the sequence numbers on."""

    film: Film
    client: str
    server: str
    port: int
    server_port: int
    rtt: float
    seq: dict[bool, int] = field(default_factory=lambda: {True: 1000, False: 5000})
    seen: dict[bool, int] = field(default_factory=lambda: {True: 1000, False: 5000})
    window: dict[bool, int] = field(default_factory=lambda: {True: 65535, False: 65535})
    ttl: dict[bool, int] = field(default_factory=lambda: {True: 64, False: 64})
    websocket_key: str = _KEY
    """The same on both legs of a proxy, and on no other two connections to different servers."""

    def packet(
        self,
        at: float,
        from_client: bool,
        flags: int,
        data: bytes = b"",
        *,
        seq: int | None = None,
        ack: int | None = None,
        window: int | None = None,
        options: bytes = b"",
        ttl: int | None = None,
        identification: int | None = None,
    ) -> None:
        """A packet exactly as told; nothing moves on."""
        ends = (self.client, self.server) if from_client else (self.server, self.client)
        ports = (self.port, self.server_port) if from_client else (self.server_port, self.port)
        segment = tcp(
            data,
            *ends,
            ports,
            self.seq[from_client] if seq is None else seq,
            self.seq[not from_client] if ack is None else ack,
            flags,
            self.window[from_client] if window is None else window,
            options,
        )
        number = self.film.identification() if identification is None else identification
        datagram = bytearray(ipv4(segment, *ends, identification=number))
        datagram[8] = self.ttl[from_client] if ttl is None else ttl
        self.film.add(at, ethernet(bytes(datagram)))

    def open(self, at: float, *, mss: int = 1460) -> Tcp:
        """The three-way handshake, with a window scale of 7."""
        options = struct.pack(">BBH", 2, 4, mss) + bytes([1, 3, 3, 7])
        self.packet(at, True, SYN, ack=0, options=options)
        self.seq[True] += 1
        self.packet(at + self.rtt, False, SYN | ACK, options=options)
        self.seq[False] += 1
        self.packet(at + self.rtt + 0.0001, True, ACK)
        return self

    def say(self, at: float, from_client: bool, data: bytes, *, acked: bool = True) -> Tcp:
        """Data in one segment of any size up to 1460 bytes and as many as needed, acknowledged a round trip later."""
        for start in range(0, len(data), 1460):
            part = data[start : start + 1460]
            self.packet(at + start * 1e-9, from_client, PSH | ACK, part)
            self.seq[from_client] += len(part)
        if acked:
            self.packet(at + (self.rtt if from_client else 0.0001), not from_client, ACK)
        return self

    def fin(self, at: float, from_client: bool, *, answered: bool = True) -> Tcp:
        """A FIN, and the other side's."""
        self.packet(at, from_client, FIN | ACK)
        self.seq[from_client] += 1
        if answered:
            later = at + (self.rtt if from_client else 0.0001)
            self.packet(later, not from_client, FIN | ACK)
            self.seq[not from_client] += 1
            self.packet(later + (0.0001 if from_client else self.rtt), from_client, ACK)
        return self

    def rst(self, at: float, from_client: bool, **fields: int) -> Tcp:
        """A reset."""
        self.packet(at, from_client, RST | ACK, **fields)  # type: ignore[arg-type]  # numbers only
        return self

    # --- HTTP and WebSocket ----------------------------------------------------------------------------------------

    def get(self, at: float, path: str = "/", headers: str = "", *, method: str = "GET", body: bytes = b"") -> Tcp:
        """A request."""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        return self.say(
            at, True, f"{method} {path} HTTP/1.1\r\nHost: chat.example\r\n{headers}{length}\r\n".encode() + body
        )

    def answer(self, at: float, status: str = "200 OK", headers: str = "", body: bytes = b"") -> Tcp:
        """A response with a Content-Length."""
        return self.say(at, False, f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def ask(self, at: float, path: str = "/ws/chat/", headers: str = "", *, host: str = "chat.example") -> Tcp:
        """A request for a WebSocket."""
        return self.say(
            at,
            True,
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {self.websocket_key}\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n".encode(),
        )

    def switch(self, at: float, headers: str = "Server: daphne\r\n", *, upgrade: str = "WebSocket") -> Tcp:
        """The 101."""
        accept = base64.b64encode(hashlib.sha1((self.websocket_key + _ACCEPT_GUID).encode()).digest()).decode()
        return self.say(
            at,
            False,
            f"HTTP/1.1 101 Switching Protocols\r\n{headers}Upgrade: {upgrade}\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode(),
        )

    def socket(self, at: float, path: str = "/ws/chat/", headers: str = "", server: str = "Server: daphne\r\n") -> Tcp:
        """Handshakes of TCP and WebSocket; done 40 ms after ``at``."""
        return self.open(at).ask(at + 0.02, path, headers).switch(at + 0.04, server)

    def frame(self, at: float, from_client: bool, opcode: int, payload: bytes = b"", **fields: int) -> Tcp:
        """A WebSocket frame, masked when the client sends it."""
        return self.say(at, from_client, frame(opcode, payload, KEY if from_client else None, **fields))  # type: ignore[arg-type]

    def text(self, at: float, from_client: bool, text: str) -> Tcp:
        """A text message."""
        return self.frame(at, from_client, 1, text.encode())

    def close(self, at: float, from_client: bool, code: int | None = 1000, reason: bytes = b"") -> Tcp:
        """A Close frame."""
        return self.frame(at, from_client, 8, b"" if code is None else struct.pack(">H", code) + reason)

    def closed(self, at: float, from_client: bool = True, code: int = 1000) -> Tcp:
        """A complete closing as Daphne does it: Close, Close, then its FIN or RST."""
        self.close(at, from_client, code).close(at + 0.011, not from_client, 1000)
        return self.fin(at + 0.03, False) if from_client else self.rst(at + 0.03, False)
