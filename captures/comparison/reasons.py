"""Why Wireshark says something else where it does so on purpose or by a known fault: a table, each row with a test.

A test must be so narrow that it cannot hide a fault of ours: it looks at what TCP and the wire say for themselves, or does
the step in question once more by other means (zlib on the bytes that Wireshark shows), never only at our result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from captures.comparison.gather import Gathered
from captures.comparison.reasons_http import after_pipelined_head, folded_line, in_order, until_close
from captures.comparison.reasons_websocket import (
    after_an_empty_fragment,
    cut_at_256_kib,
    inflated_otherwise,
    last_of_the_packet,
    opcode_of_the_other_side,
    unseen_handshake,
)
from captures.comparison.unit import ONLY_OURS, ONLY_WIRESHARK, Difference
from captures.parsers import WiresharkHttp
from inspector.i18n import N_
from inspector.model.http import HttpMessage
from inspector.model.tls import ServerHello
from inspector.model.websocket import Frame
from inspector.recording.derived import ByteStream, Tail
from inspector.recording.dns import DNS_PORTS
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.wire.tls.suites import SUITES

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

_TLS_1_2, _HANDSHAKE = 0x0303, 22

__all__ = ["COLUMN_REASONS", "REASONS", "ColumnReason", "Reason", "explain"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a difference is not a fault of ours.

    Args:
        id: Stable name.
        text: What Wireshark does (translatable).
        ref: The section that says what is right.
        kinds: Units it can be about.
        test: Whether it explains a difference.
    """

    id: str
    text: str
    ref: Ref
    kinds: tuple[str, ...]
    test: Callable[[Gathered, Difference], bool]


@dataclass(frozen=True, slots=True)
class ColumnReason:
    """As ``Reason``, for columns.

    Args:
        id, text, ref: As there.
        words: What the names of the fields it can be about have in them.
        since: The first packet that it can be about; None where the capture has no cause for it.
    """

    id: str
    text: str
    ref: Ref
    words: tuple[str, ...]
    since: Callable[[Capture], int | None]


def explain(found: Gathered, differences: list[Difference]) -> None:
    """Write the reason into every difference that has one."""
    columns = [(reason, since) for reason in COLUMN_REASONS if (since := reason.since(found.capture)) is not None]
    for item in differences:
        if item.kind == "field":
            names = (
                reason.id
                for reason, since in columns
                if item.packet >= since and any(word in item.field for word in reason.words)
            )
        else:
            names = (reason.id for reason in REASONS if item.kind in reason.kinds and reason.test(found, item))
        item.reason = next(names, None)


# --- HTTP --------------------------------------------------------------------------------------------------------------


def _our_message(difference: Difference) -> tuple[HttpExchange, HttpMessage, ByteStream] | None:
    """The message that only we have, with the stream it came from."""
    if difference.field != ONLY_OURS or difference.unit is None or not isinstance(difference.unit.source, tuple):
        return None
    exchange, message = difference.unit.source
    if not isinstance(exchange, HttpExchange) or not isinstance(message, HttpMessage):
        return None
    application = exchange.application
    return exchange, message, application.client if message is exchange.exchange.request else application.server


def _unfinished(_found: Gathered, difference: Difference) -> bool:
    """The stream itself shows it: bytes within the message are missing, or it ends with the message still open."""
    ours = _our_message(difference)
    if ours is None:
        return False
    _exchange, message, stream = ours
    if any(start < message.end and end > message.start for start, end in stream.gaps):
        return True
    return not message.complete and message.end >= stream.end


def _after_impossible_chunk(found: Gathered, difference: Difference) -> bool:
    """The same packet holds, before this message, a chunk size beyond 64 bits, and Wireshark gave it up as malformed."""
    ours = _our_message(difference)
    if ours is None or difference.packet not in found.malformed:
        return False
    exchange, message, stream = ours
    before = [
        unit.source[1]
        for unit in found.ours
        if unit.kind == "http.message"
        and difference.unit is not None
        and unit.where == difference.unit.where
        and isinstance(unit.source, tuple)
        and unit.source[0].connection == exchange.connection
        and unit.source[1].start < message.start
    ]
    sizes = [_first_chunk_size(stream, one) for one in before]
    return any(size is not None and size >= 1 << 64 for size in sizes)


def _first_chunk_size(stream: ByteStream, message: HttpMessage) -> int | None:
    line = stream.read(message.head_end, message.head_end + 64).split(b"\r\n")[0].split(b";")[0].strip()
    try:
        return int(line, 16)
    except ValueError:
        return None


def _in_tunnel(found: Gathered, difference: Difference) -> bool:
    """Wireshark shows exactly the bytes of the message as plain data: it does not look into the tunnel."""
    ours = _our_message(difference)
    if ours is None:
        return False
    _exchange, message, stream = ours
    raw = stream.read(message.start, message.end)
    return isinstance(stream, Tail) and raw in found.data.get(difference.packet, ())


def _simple_request(_found: Gathered, difference: Difference) -> bool:
    """The request line names no version and nothing follows it."""
    if difference.field != ONLY_WIRESHARK or difference.other is None:
        return False
    source = difference.other.source
    if not isinstance(source, WiresharkHttp):
        return False
    words = source.message.first_line.split(b" ")
    return len(words) == 2 and words[0] == b"GET" and words[1][:1] == b"/" and not source.message.headers


# --- TLS ---------------------------------------------------------------------------------------------------------------


def _ssl2_hello(found: Gathered, difference: Difference) -> bool:
    """The stream begins with a record of SSL 2.0: two bytes of length with the top bit set, then type 1."""
    if difference.field != ONLY_WIRESHARK or difference.other is None:
        return False
    start = found.capture.stream(*difference.other.where[:2]).read(0, 3)
    return len(start) == 3 and start[0] & 0x80 != 0 and start[2] == 1


def _not_decrypted(found: Gathered, difference: Difference) -> bool:
    """The server's hello, in clear, chose a version before TLS 1.2 or a suite that is not in our table."""
    if difference.field != ONLY_WIRESHARK or difference.other is None:
        return False
    hellos = [
        unit.source
        for unit in found.theirs
        if unit.kind == "tls.server_hello" and unit.where[0] == difference.other.where[0]
    ]
    return any(
        isinstance(hello, ServerHello) and (hello.version < _TLS_1_2 or hello.cipher_suite not in SUITES)
        for hello in hellos
    )


def _lone_alert(found: Gathered, difference: Difference) -> bool:
    """Neither side's stream begins with a handshake record, and Wireshark shows no TLS on this connection."""
    unit = difference.unit
    if unit is None or difference.field != ONLY_OURS:
        return False
    starts = (found.capture.stream(unit.where[0], side).read(0, 1) for side in (0, 1))
    shown = any(one.kind.startswith("tls.") and one.where[0] == unit.where[0] for one in found.theirs)
    return not shown and all(start != bytes([_HANDSHAKE]) for start in starts)


def _unusual_port(found: Gathered, difference: Difference) -> bool:
    """None of the ports of the packet's datagram or segment is one of DNS, multicast DNS or LLMNR."""
    if difference.field != ONLY_WIRESHARK or difference.other is None:
        return False
    capture = found.capture
    for table in (capture.segments, capture.datagrams):
        for flow in table.flow[table.packet == difference.packet - 1].tolist():
            if {int(capture.flows.a_port[flow]), int(capture.flows.b_port[flow])} & set(DNS_PORTS):
                return False
    return True


# --- streams -----------------------------------------------------------------------------------------------------------


def _after_gap(found: Gathered, difference: Difference) -> bool:
    """TCP says that bytes of this side are missing, and the unit was complete in a packet behind the first of them.

    A WebSocket frame of which payload is missing has no such packet; what is joined from a whole stream must be less.
    """
    unit = difference.unit or difference.other
    if unit is None:
        return False
    stream = found.capture.stream(unit.where[0], unit.where[1])
    if not stream.gaps:
        return False
    if unit.kind in ("http2.data", "tls.plain"):
        mine, other = difference.ours, difference.wireshark
        return difference.field == ONLY_OURS or (
            isinstance(mine, bytes) and isinstance(other, bytes) and len(other) < len(mine)
        )
    if difference.field not in (ONLY_OURS, ONLY_WIRESHARK):
        return False
    frame = unit.source[-1] if isinstance(unit.source, tuple) else None
    if isinstance(frame, Frame) and len(frame.payload) < frame.length:
        return True
    behind = stream.packet[stream.start >= stream.gaps[0][0]]
    return bool((behind == unit.packet - 1).any())


# --- columns -----------------------------------------------------------------------------------------------------------


_BYTE_ORDERS = {b"\xd4\xc3\xb2\xa1": ("<u4", 10**6), b"\xa1\xb2\xc3\xd4": (">u4", 10**6),
                b"\x4d\x3c\xb2\xa1": ("<u4", 10**9), b"\xa1\xb2\x3c\x4d": (">u4", 10**9)}  # fmt: skip
"""By the magic number of a pcap file: how numbers are written, and how many units a second has."""


def _time_overflow(capture: Capture) -> int | None:
    """The first packet of which the record says a million microseconds (or 10**9 nanoseconds) or more in its second."""
    order, most = _BYTE_ORDERS.get(bytes(capture.source.data[:4]), ("", 0))
    if not order or not len(capture.packets):
        return None
    at = capture.packets.position[:, None] - 12 + np.arange(4)
    octets = np.frombuffer(capture.source.data, np.uint8)[at]
    bad = np.flatnonzero(np.ascontiguousarray(octets).view(order)[:, 0] >= most)
    return int(bad[0]) + 1 if len(bad) else None


REASONS: tuple[Reason, ...] = (
    Reason(
        "http.unfinished",
        N_("Wireshark shows a message when it has all of it; bytes of this one were not captured, or it never ended"),
        Ref("RFC 9112", "8"),
        ("http.message",),
        _unfinished,
    ),
    Reason(
        "http.chunk_size_overflow",
        N_(
            "Wireshark gives up a packet with a chunk size beyond 64 bits; the next request in it is found all the same"
        ),
        Ref("RFC 9112", "7.1"),
        ("http.message",),
        _after_impossible_chunk,
    ),
    Reason(
        "http.connect_tunnel",
        N_("Wireshark shows what passes through a CONNECT tunnel as plain data"),
        Ref("RFC 9110", "9.3.6"),
        ("http.message",),
        _in_tunnel,
    ),
    Reason(
        "http.simple_request",
        N_("Wireshark shows requests of HTTP/0.9, which HTTP/1.x does not have; they are not decoded here"),
        Ref("RFC 1945", "4.1"),
        ("http.message",),
        _simple_request,
    ),
    Reason(
        "http.pipelined_head",
        N_("The answer to HEAD has no body; Wireshark waits for one where the next request was sent before the answer"),
        Ref("RFC 9112", "6.3"),
        ("http.message",),
        after_pipelined_head,
    ),
    Reason(
        "http.until_close",
        N_(
            "A response without a length ends with the connection: Wireshark shows it with the FIN, and inside TLS or where"
            " there is no FIN not at all"
        ),
        Ref("RFC 9112", "6.3"),
        ("http.message",),
        until_close,
    ),
    Reason(
        "http.folded_line",
        N_("Wireshark takes the rest of a folded header line for a line of its own, or leaves it out"),
        Ref("RFC 9112", "5.2"),
        ("http.message",),
        folded_line,
    ),
    Reason(
        "tls.not_decrypted_here",
        N_("TLS before 1.2, and cipher suites that are seldom used, are decrypted by Wireshark but not here"),
        Ref("RFC 8996", "4"),
        (
            "http.message",
            "http2.frame",
            "http2.fields",
            "http2.data",
            "websocket.frame",
            "websocket.message",
            "tls.alert",
            "tls.plain",
        ),
        _not_decrypted,
    ),
    Reason(
        "tls.lone_alert",
        N_("Wireshark recognises TLS on an unusual port by a hello; this alert came without one"),
        Ref("RFC 8446", "6"),
        ("tls.alert",),
        _lone_alert,
    ),
    Reason(
        "dns.unusual_port",
        N_("Wireshark takes this for DNS on a port that is not that of DNS; it is not decoded here"),
        Ref("RFC 1035", "4.2"),
        ("dns.message",),
        _unusual_port,
    ),
    Reason(
        "tls.ssl2_hello",
        N_("Wireshark reads the hello of SSL 2.0, which no client may send; it is not decoded here"),
        Ref("RFC 6176", "3"),
        ("tls.client_hello",),
        _ssl2_hello,
    ),
    Reason(
        "ws.last_of_the_packet",
        N_(
            "Of several compressed messages in the TLS records of one packet Wireshark shows the last one's content for all"
        ),
        Ref("RFC 7692", "7.2.2"),
        ("websocket.message",),
        last_of_the_packet,
    ),
    Reason(
        "ws.empty_fragment",
        N_(
            "Wireshark shows no content of a message with an empty fragment, nor of any later one where that fragment was the last"
        ),
        Ref("RFC 6455", "5.4"),
        ("websocket.message",),
        after_an_empty_fragment,
    ),
    Reason(
        "ws.inflated_otherwise",
        N_(
            "Wireshark inflates with the wrong window: it swaps the two no_context_takeover parameters, reads RSV1 from the"
            " last fragment, and loses its place after a message of more than 256 KiB; zlib on the bytes that it shows gives"
            " what is shown here"
        ),
        Ref("RFC 7692", "7.2.2"),
        ("websocket.message",),
        inflated_otherwise,
    ),
    Reason(
        "ws.cut_at_256_kib",
        N_("Wireshark unmasks no more than 262,144 bytes of a frame"),
        Ref("RFC 6455", "5.3"),
        ("websocket.message", "websocket.frame"),
        cut_at_256_kib,
    ),
    Reason(
        "ws.opcode_of_the_other_side",
        N_("Wireshark keeps one opcode for both sides; a message in fragments gets the type of the other side's"),
        Ref("RFC 6455", "5.4"),
        ("websocket.message",),
        opcode_of_the_other_side,
    ),
    Reason(
        "ws.unseen_handshake",
        N_("The handshake was not captured; Wireshark takes these bytes for WebSocket only where it is told to"),
        Ref("RFC 6455", "4"),
        ("websocket.message", "websocket.frame"),
        unseen_handshake,
    ),
    Reason(
        "stream.in_order",
        N_("Bytes before this came later: Wireshark shows it with the packet that completed what came before"),
        Ref("RFC 9293", "3.4"),
        ("http.message", "http2.frame", "http2.fields", "websocket.frame", "websocket.message", "tls.alert"),
        in_order,
    ),
    Reason(
        "stream.after_gap",
        N_(
            "Bytes of this stream were not captured; behind them Wireshark loses its place, or waits for them to the end"
        ),
        Ref("RFC 9293", "3.4"),
        (
            "http.message",
            "http2.frame",
            "http2.fields",
            "http2.data",
            "websocket.frame",
            "websocket.message",
            "tls.alert",
            "tls.plain",
        ),
        _after_gap,
    ),
)
"""Reasons, the narrower ones first; docs/verification.md counts them."""

COLUMN_REASONS: tuple[ColumnReason, ...] = (
    ColumnReason(
        "frame.time_overflow",
        N_("The record says a million microseconds or more within its second, which overflow in Wireshark"),
        Ref("draft-ietf-opsawg-pcap", "5"),
        ("time", "rtt", "rto"),
        _time_overflow,
    ),
)
"""Reasons for columns."""
