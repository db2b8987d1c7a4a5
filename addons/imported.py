"""A session that another program recorded, written as a pcapng: exchanges and messages become packets anew.

All of it is of the grade ``reconstructed``: the other program kept its own view of HTTP and WebSocket, no packets.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import quote

from addons.wire_packets import Address, SyntheticTcp
from inspector import __version__
from inspector.model.grade import Grade, grade_comment
from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter
from inspector.wire.websocket.handshake import accept_value

__all__ = ["ImportedExchange", "ImportedFrame", "Written", "write_imported", "write_session"]

_LINKTYPE_RAW = 101
_WHY = (
    "Read from a file of {origin}, which keeps no packets: HTTP is written as HTTP/1.1 without TLS, WebSocket messages as one "
    "frame each with a masking key of zeros, TCP and IP headers are made by the writer. Times are those of the file."
)
_BLOCK = 40
"""Bytes of an Enhanced Packet Block around its packet, padding included."""
_LATEST_NS = 9_223_372_000 * 10**9
"""pcapng is read with 64-bit nanoseconds."""
_LONGEST_GAP = 1 << 30
"""Bytes of a body that was not kept which are shown as missing; more cannot be told from another connection."""
_MADE_UP_PORTS = range(49152, 65536)
"""Dynamic ports (RFC 6335 section 6)."""
_DOCUMENTATION = ipaddress.ip_network("198.51.100.0/24")
_CLIENTS = {4: "192.0.2.1", 6: "2001:db8::1"}
"""Addresses for documentation (RFC 5737, RFC 3849): they are seen to be made up."""
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_VALUES = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]+")
_IN_TARGETS = "!\"#$%&'()*+,/:;<=>?@[\\]^_`{|}~"
_REFRAMED = (b"content-length", b"transfer-encoding")
_OF_HOP = (b"connection", b"keep-alive", b"proxy-connection")

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class ImportedFrame:
    """A WebSocket message or control frame.

    Args:
        from_client: Who sent it.
        time_ns: When it had come.
        opcode: As in RFC 6455 section 5.2.
        payload: Unmasked, not compressed.
        comment: What else the file says of it.
    """

    from_client: bool
    time_ns: int
    opcode: int
    payload: bytes
    comment: str | None = None


@dataclass(slots=True)
class ImportedExchange:
    """A request, what answered it, and what a WebSocket said afterwards.

    Args:
        connection: What the file calls its connection; exchanges with the same name share one where they do not overlap.
        host, port: Of the server, from the URL.
        client, server: Addresses where the file tells them.
        times_ns: Begin and end of the request, begin and end of the response.
        method, target: Of the request.
        request, response: Header fields.
        request_body, response_body: None: not kept; content codings as the headers say.
        request_size, response_size: Bytes of a body that was not kept.
        status: None: there was no response.
        reason: Of the status line.
        frames: Of a WebSocket, in the order of the file.
        websocket: It became one.
        raw: Bytes instead of HTTP, as ``(from client, time, bytes)``: a TCP connection that was only passed through.
        comment: What the file says of it.
    """

    connection: str
    host: str
    port: int
    times_ns: tuple[int, int, int, int]
    client: Address | None = None
    server: Address | None = None
    method: bytes = b"GET"
    target: bytes = b"/"
    request: Headers = field(default_factory=list)
    response: Headers = field(default_factory=list)
    request_body: bytes | None = b""
    response_body: bytes | None = b""
    request_size: int = 0
    response_size: int = 0
    status: int | None = None
    reason: bytes = b""
    frames: list[ImportedFrame] = field(default_factory=list)
    websocket: bool = False
    raw: list[tuple[bool, int, bytes]] = field(default_factory=list)
    comment: str | None = None


@dataclass(slots=True)
class Written:
    """What was written: exchanges, WebSocket messages, packets."""

    exchanges: int = 0
    messages: int = 0
    packets: int = 0


_Packet = tuple[int, bytes, str | None]


def write_imported(exchanges: Iterable[ImportedExchange], path: str | os.PathLike[str], origin: str) -> Written:
    """Write a pcapng, readable by its owner only.

    Args:
        exchanges: In any order.
        path: File to write; emptied where it exists.
        origin: Name of the format read.

    Raises:
        OSError: If the file cannot be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
        os.fchmod(descriptor, 0o600)
        return write_session(exchanges, file, origin)


def write_session(
    exchanges: Iterable[ImportedExchange], file: BinaryIO, origin: str, most_bytes: int | None = None
) -> Written:
    """Write a pcapng into an open file.

    Args:
        exchanges: In any order.
        file: Where to write.
        origin: Name of the format read.
        most_bytes: What there is room for, or None where nobody has looked.

    Raises:
        OSError: If it cannot be written, or needs more room; nothing is written then.
    """
    session = _Session()
    for exchange in sorted(exchanges, key=lambda exchange: exchange.times_ns[0]):
        session.add(exchange)
    if (
        most_bytes is not None
        and sum(len(packet) + _BLOCK for _time_ns, packet, _comment in session.packets) > most_bytes
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    writer = PcapngWriter(file, application=f"Inspector {__version__} import")
    comment = grade_comment(Grade.RECONSTRUCTED, _WHY.format(origin=origin))
    writer.add_interface(Interface(link_type=_LINKTYPE_RAW, snaplen=0, name=origin, comments=(comment,)))
    if session.names:
        writer.write_names(session.names)
    # Within a connection times never go back, so that sorting keeps its packets in order.
    for time_ns, packet, comment_ in sorted(session.packets, key=lambda packet: packet[0]):
        writer.write_packet(0, time_ns, packet, comments=(comment_,) if comment_ else ())
    session.written.packets = len(session.packets)
    return session.written


class _Session:
    """Puts exchanges onto connections."""

    def __init__(self) -> None:
        self.packets: list[_Packet] = []
        self.names: dict[str, list[str]] = {}
        self.written = Written()
        self._reusable: dict[tuple[str, str, int], _Connection] = {}
        self._made_up: dict[str, str] = {}
        self._taken: set[tuple[Address, Address]] = set()
        self._next_port = -1
        self._used_up: set[tuple[str, Address]] = set()

    def add(self, exchange: ImportedExchange) -> None:
        key = (exchange.connection, exchange.host, exchange.port)
        connection = self._reusable.get(key)
        if connection is None or connection.time_ns > exchange.times_ns[0] or exchange.raw:
            connection = self._connection(exchange)
            self._reusable[key] = connection
        keeps = connection.exchange(exchange)
        if not keeps:
            del self._reusable[key]
        self.written.exchanges += not exchange.raw
        self.written.messages += sum(frame.opcode < 8 for frame in exchange.frames)

    def _connection(self, exchange: ImportedExchange) -> _Connection:
        server = exchange.server or (self._address(exchange.host), exchange.port)
        version = ipaddress.ip_address(server[0]).version
        client = exchange.client
        if client is None or (client, server) in self._taken:
            client = self._free(client[0] if client else _CLIENTS[version], server)
        self._taken.add((client, server))
        return _Connection(self.packets, client, server, exchange.times_ns[0])

    def _free(self, host: str, server: Address) -> Address:
        # Looking again where there was none would take its time for each of a hundred thousand exchanges.
        for _attempt in _MADE_UP_PORTS if (host, server) not in self._used_up else ():
            self._next_port += 1
            port = _MADE_UP_PORTS[self._next_port % len(_MADE_UP_PORTS)]
            if ((host, port), server) not in self._taken:
                return host, port
        self._used_up.add((host, server))
        self._next_port += 1
        return host, _MADE_UP_PORTS[self._next_port % len(_MADE_UP_PORTS)]  # sequence numbers tell them apart

    def _address(self, host: str) -> str:
        """An address for a host of which only the name is known."""
        try:
            return str(ipaddress.ip_address(host.strip("[]").partition("%")[0]))
        except ValueError:
            pass
        known = self._made_up.get(host)
        if known is None:
            known = str(_DOCUMENTATION[1 + len(self._made_up) % 254])
            self._made_up[host] = known
            self.names.setdefault(known, []).append(_ascii(host).decode())
        return known


class _Connection:
    def __init__(self, packets: list[_Packet], client: Address, server: Address, time_ns: int) -> None:
        self._packets = packets
        self._tcp = SyntheticTcp(client, server, time_ns)
        self.time_ns = time_ns
        self._put(time_ns, self._tcp.open())

    def _put(self, time_ns: int, packets: Iterable[bytes], comment: str | None = None) -> None:
        self.time_ns = max(self.time_ns, min(time_ns, _LATEST_NS))
        for packet in packets:
            self._packets.append((self.time_ns, packet, comment))
            comment = None

    def _say(self, from_client: bool, time_ns: int, data: bytes, comment: str | None = None) -> None:
        self._put(time_ns, self._tcp.data(from_client, data), comment)

    def exchange(self, exchange: ImportedExchange) -> bool:
        """Write an exchange; whether another may follow."""
        begin, end, answer, last = exchange.times_ns
        for from_client, time_ns, data in exchange.raw:
            self._say(from_client, time_ns, data)
        if exchange.raw:
            return self._end(last)
        head, body, missing = _request(exchange)
        self._say(True, begin, head, exchange.comment)
        self._body(True, end, body, missing)
        if exchange.status is None:
            return self._end(last)
        head, body, missing = _response(exchange)
        self._say(False, answer, head)
        self._body(False, last, body, missing)
        if not exchange.websocket:
            return True
        for frame in sorted(exchange.frames, key=lambda frame: frame.time_ns):
            self._say(frame.from_client, frame.time_ns, _frame(frame), frame.comment)
        return self._end(self.time_ns) if any(frame.opcode == 8 for frame in exchange.frames) else False

    def _body(self, from_client: bool, time_ns: int, body: bytes, missing: int) -> None:
        if body:
            self._say(from_client, time_ns, body)
        self._tcp.skip(from_client, missing)

    def _end(self, time_ns: int) -> bool:
        for from_client in (True, False):
            self._put(time_ns, self._tcp.finish(from_client))
        return False


def _request(exchange: ImportedExchange) -> tuple[bytes, bytes, int]:
    headers = [pair for pair in exchange.request if pair[0].lower() not in _OF_HOP or exchange.websocket]
    if exchange.websocket:
        headers = list(_with(headers, {b"Upgrade": b"websocket", b"Connection": b"Upgrade",
                                       b"Sec-WebSocket-Version": b"13", b"Sec-WebSocket-Key": _key(exchange)}))  # fmt: skip
    host = _ascii(exchange.host)
    usual = exchange.port in (80, 443)
    headers = list(_with(headers, {b"Host": host if usual else host + b":%d" % exchange.port}, first=True))
    method = exchange.method if _TOKEN.fullmatch(exchange.method) else b"UNKNOWN"
    head = b" ".join((method, _target(exchange.target), b"HTTP/1.1"))
    return _framed(
        head, headers, exchange.request_body, exchange.request_size, needed=method in (b"POST", b"PUT", b"PATCH")
    )


def _key(exchange: ImportedExchange) -> bytes:
    """The key of the handshake; of zeros where the file does not tell it."""
    return next((value for name, value in exchange.request if name.lower() == b"sec-websocket-key"), b"A" * 22 + b"==")


def _response(exchange: ImportedExchange) -> tuple[bytes, bytes, int]:
    headers, status = exchange.response, exchange.status or 0
    if exchange.websocket:
        status = 101
        accept = accept_value(_key(exchange))
        headers = list(_with(headers, {b"Upgrade": b"websocket", b"Connection": b"Upgrade",
                                       b"Sec-WebSocket-Accept": accept}))  # fmt: skip
    else:
        headers = [pair for pair in headers if pair[0].lower() not in _OF_HOP]
    reason = exchange.reason or (b"Switching Protocols" if status == 101 else b"")
    head = b"HTTP/1.1 %03d " % min(max(status, 100), 999) + _NOT_IN_VALUES.sub(b" ", reason)
    # RFC 9112 section 6.3: these have no body, whatever their headers say.
    if status < 200 or status in (204, 304) or exchange.method == b"HEAD":
        return head + b"\r\n" + b"".join(_lines(headers)) + b"\r\n", b"", 0
    return _framed(head, headers, exchange.response_body, exchange.response_size, needed=True)


def _framed(head: bytes, headers: Headers, body: bytes | None, size: int, *, needed: bool) -> tuple[bytes, bytes, int]:
    """A message's head, its body, and the bytes missing of it: of the length that is kept, not of that which was told."""
    missing = 0 if body is not None else min(max(size, 0), _LONGEST_GAP)
    length = missing if body is None else len(body)
    fields = [pair for pair in headers if pair[0].lower() not in _REFRAMED]
    if length or needed:
        fields.append((b"Content-Length", b"%d" % length))
    return head + b"\r\n" + b"".join(_lines(fields)) + b"\r\n", body or b"", missing


def _lines(headers: Headers) -> Iterator[bytes]:
    for name, value in headers:
        # A name that is none would end the head, or begin another message.
        if _TOKEN.fullmatch(name):
            yield name + b": " + _NOT_IN_VALUES.sub(b" ", value) + b"\r\n"


def _with(headers: Headers, needed: dict[bytes, bytes], *, first: bool = False) -> Iterator[tuple[bytes, bytes]]:
    there = {name.lower() for name, _value in headers}
    missing = [(name, value) for name, value in needed.items() if name.lower() not in there]
    yield from [*missing, *headers] if first else [*headers, *missing]


def _ascii(host: str) -> bytes:
    """A host name as it travels: in punycode where it is not ASCII (RFC 5891), an IPv6 address in brackets."""
    if ":" in host:
        return b"[%b]" % quote(host, safe=":").encode()
    try:
        return quote(host.encode("idna"), safe="").encode()
    except UnicodeError:
        return quote(host, safe="", errors="replace").encode()


def _target(target: bytes) -> bytes:
    """A request target without what would end it: spaces and control characters percent-encoded."""
    return quote(target, safe=_IN_TARGETS).encode() or b"/"


def _frame(frame: ImportedFrame) -> bytes:
    """One frame (RFC 6455 section 5.2); the masking key of zeros leaves it readable."""
    bit, size = 0x80 if frame.from_client else 0, len(frame.payload)
    if size < 126:
        length = bytes((bit | size,))
    elif size < 1 << 16:
        length = bytes((bit | 126,)) + size.to_bytes(2, "big")
    else:
        length = bytes((bit | 127,)) + size.to_bytes(8, "big")
    return bytes((0x80 | frame.opcode & 15,)) + length + (bytes(4) if frame.from_client else b"") + frame.payload
