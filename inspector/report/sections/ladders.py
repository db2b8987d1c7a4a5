"""Sequence ladders: what the two sides of a connection sent each other, with long runs folded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from inspector.analysis.tcp_flags import TcpFlag, tcp_flags
from inspector.i18n import _, ngettext
from inspector.model.http import HttpMessage
from inspector.model.tables import SEGMENT_FROM_B
from inspector.model.websocket import CLOSE, CLOSE_CODES, OPCODES, PING, PONG
from inspector.recording.websockets import WebSocket
from inspector.report.both import Text, both
from inspector.report.sections.connections import chosen_connections
from inspector.report.sections.subject import Json, Subject

__all__ = ["ladder_json", "ladders_json"]

_MOST_LADDERS = 12
_MOST_ARROWS = 40
"""Arrows on a page; more is a table."""
_EDGE_FRAMES = 4
"""Data frames shown at the beginning and the end of a WebSocket."""
_MOST_CONTROL = 8
_MOST_EXCHANGES = 8
_MOST_SEGMENTS = 10
_GAP_FACTOR = 10
"""A pause is drawn when it is so many times longer than the median between arrows."""

_TROUBLE = (
    (TcpFlag.RETRANSMISSION | TcpFlag.FAST_RETRANSMISSION | TcpFlag.SPURIOUS_RETRANSMISSION, "resent"),
    (TcpFlag.ZERO_WINDOW, "zero window"),
    (TcpFlag.LOST_SEGMENT, "bytes before it not captured"),
)
_MOST_TROUBLE = 6


@dataclass(slots=True)
class _Arrow:
    packet: int
    time_ns: int
    from_client: bool
    kind: str
    label: Text
    detail: Text = ""
    weight: int = 1
    count: int = 1
    target: str | None = None
    folded: dict[str, int] = field(default_factory=dict)


def ladders_json(subject: Subject) -> list[Json]:
    """The ladders of the connections that matter most, each with at most forty arrows."""
    numbers = chosen_connections(subject, _MOST_LADDERS)
    return [ladder for number in numbers if (ladder := ladder_json(subject, number)) is not None]


def ladder_json(subject: Subject, number: int) -> Json | None:
    """The ladder of one connection; None when nothing was sent on it."""
    connection = subject.capture.connections[number]
    arrows = [*_tcp_arrows(subject, number), *_http_arrows(subject, number)]
    for websocket in subject.websockets_of.get(number, ()):
        arrows += _websocket_arrows(subject, websocket)
    if number not in subject.websockets_of and number not in subject.exchanges_of:
        arrows += _segment_arrows(subject, number)
    arrows.sort(key=lambda arrow: (arrow.packet, arrow.weight < 3))
    arrows, left_out = _limited(arrows)
    if not arrows:
        return None
    return {
        "id": subject.key(number),
        "source": subject.index,
        "connection": subject.key(number),
        "client": str(connection.client),
        "server": str(connection.server),
        "left_out": left_out,
        "arrows": _with_pauses(subject, arrows),
    }


def _limited(arrows: list[_Arrow]) -> tuple[list[_Arrow], int]:
    """The weightiest arrows, in order of time; how many others there are."""
    if len(arrows) <= _MOST_ARROWS:
        return arrows, 0
    by_weight = sorted(range(len(arrows)), key=lambda index: (-arrows[index].weight, index))[:_MOST_ARROWS]
    return [arrows[index] for index in sorted(by_weight)], len(arrows) - _MOST_ARROWS


def _with_pauses(subject: Subject, arrows: list[_Arrow]) -> list[Json]:
    times = np.array([arrow.time_ns for arrow in arrows], np.int64)
    waits = np.diff(times, prepend=times[:1])
    typical = float(np.median(waits[waits > 0])) if (waits > 0).any() else 0.0
    return [
        {
            "packet": subject.key(arrow.packet),
            "number": arrow.packet,
            "after_ns": arrow.time_ns - subject.start_ns,
            "pause_ns": int(wait) if typical and wait > _GAP_FACTOR * typical and wait > 1_000_000 else None,
            "from_client": arrow.from_client,
            "kind": arrow.kind,
            "label": arrow.label,
            "detail": arrow.detail,
            "count": arrow.count,
            "target": arrow.target,
            "marked": _marked(subject, arrow.packet),
        }
        for arrow, wait in zip(arrows, waits.tolist(), strict=True)
    ]


def _marked(subject: Subject, packet: int) -> bool:
    return packet in subject.evidence


# --- TCP ---------------------------------------------------------------------------------------------------------------


def _tcp_arrows(subject: Subject, number: int) -> Iterator[_Arrow]:
    capture = subject.capture
    table, times = capture.connections, capture.packets.time_ns
    client = capture.connections[number].client_side

    def arrow(row: int, from_client: bool, label: str, detail: Text = "", weight: int = 5) -> _Arrow:
        return _Arrow(row + 1, int(times[row]), from_client, "tcp", label, detail, weight)

    for name, from_client, label in (
        ("syn_packet", True, "SYN"),
        ("syn_ack_packet", False, "SYN, ACK"),
        ("ack_packet", True, "ACK"),
    ):
        row = int(getattr(table, name)[number])
        if row >= 0:
            yield arrow(row, from_client, label)
    for side, name in enumerate(("fin_a_packet", "fin_b_packet")):
        row = int(getattr(table, name)[number])
        if row >= 0:
            yield arrow(row, side == client, "FIN")
    row = int(table.rst_packet[number])
    if row >= 0:
        yield arrow(row, int(table.rst_from[number]) == client, "RST", weight=6)
    yield from _trouble_arrows(subject, number, client)


def _trouble_arrows(subject: Subject, number: int, client: int) -> Iterator[_Arrow]:
    capture = subject.capture
    rows = capture.rows_of_connection(number)
    flags = tcp_flags(capture).flags[rows]
    segments = capture.segments
    for mask, words in _TROUBLE:
        for index in np.flatnonzero(flags & np.uint16(mask))[:_MOST_TROUBLE].tolist():
            segment = int(rows[index])
            packet = int(segments.packet[segment])
            from_client = bool(segments.marks[segment] & SEGMENT_FROM_B) == bool(client)
            detail = both(lambda segment=segment: _bytes_text(int(segments.length[segment])))  # type: ignore[misc]
            yield _Arrow(
                packet + 1,
                int(capture.packets.time_ns[packet]),
                from_client,
                "trouble",
                both(lambda words=words: _trouble_text(words)),  # type: ignore[misc]
                detail,
                4,
            )


def _trouble_text(words: str) -> str:
    return {
        "resent": _("resent"),
        "zero window": _("zero window"),
        "bytes before it not captured": _("bytes before it not captured"),
    }[words]


def _bytes_text(count: int) -> str:
    return ngettext("{count} byte", "{count} bytes", count).format(count=f"{count:,}")


def _segment_arrows(subject: Subject, number: int) -> Iterator[_Arrow]:
    """Payload of a connection whose protocol is not decoded: its first segments."""
    capture = subject.capture
    rows = capture.rows_of_connection(number)
    client = capture.connections[number].client_side
    loaded = rows[capture.segments.length[rows] > 0]
    for segment in loaded[:_MOST_SEGMENTS].tolist():
        packet, length = int(capture.segments.packet[segment]), int(capture.segments.length[segment])
        yield _Arrow(
            packet + 1,
            int(capture.packets.time_ns[packet]),
            bool(capture.segments.marks[segment] & SEGMENT_FROM_B) == bool(client),
            "data",
            both(lambda length=length: _bytes_text(length)),  # type: ignore[misc]
            weight=2,
        )
    rest = loaded[_MOST_SEGMENTS:]
    if len(rest):
        packet = int(capture.segments.packet[rest[0]])
        size = int(capture.segments.length[rest].sum(dtype=np.int64))
        yield _Arrow(
            packet + 1,
            int(capture.packets.time_ns[packet]),
            True,
            "folded",
            both(lambda: _("{count} more segments with {size} bytes").format(count=f"{len(rest):,}", size=f"{size:,}")),
            weight=3,
            count=len(rest),
        )


# --- HTTP --------------------------------------------------------------------------------------------------------------


def _http_arrows(subject: Subject, number: int) -> Iterator[_Arrow]:
    items = subject.exchanges_of.get(number, [])
    for item in items[:_MOST_EXCHANGES]:
        target = f"exchange-{subject.key(item.number)}"
        request, response = item.exchange.request, item.exchange.response
        if request is not None and item.request_packets and item.request_ns:
            yield _Arrow(
                item.request_packets[0],
                item.request_ns[0],
                True,
                "http",
                _first_line(subject, request),
                _upgrade_detail(subject, request, b"sec-websocket-key"),
                5,
                target=target,
            )
        if response is not None and item.response_packets and item.response_ns:
            yield _Arrow(
                item.response_packets[0],
                item.response_ns[0],
                False,
                "http",
                _first_line(subject, response),
                _upgrade_detail(subject, response, b"sec-websocket-accept"),
                5,
                target=target,
            )
    rest = items[_MOST_EXCHANGES:]
    if rest and rest[0].request_packets and rest[0].request_ns:
        text = both(lambda: _("{count} more exchanges").format(count=f"{len(rest):,}"))
        yield _Arrow(rest[0].request_packets[0], rest[0].request_ns[0], True, "folded", text, "", 3, len(rest))


_LONGEST_LABEL = 64


def _first_line(subject: Subject, message: HttpMessage) -> str:
    line = subject.text(message.first_line) or ""
    line = line.removesuffix(" HTTP/1.1").removeprefix("HTTP/1.1 ")
    return line if len(line) <= _LONGEST_LABEL else line[: _LONGEST_LABEL - 1] + "…"


def _upgrade_detail(subject: Subject, message: HttpMessage, name: bytes) -> str:
    value = message.header(name.decode())
    return f"{name.decode()}: {subject.text(value)}"[:_LONGEST_LABEL] if value else ""


# --- WebSocket ---------------------------------------------------------------------------------------------------------


def _websocket_arrows(subject: Subject, websocket: WebSocket) -> Iterator[_Arrow]:
    websockets = subject.capture.websockets
    frames = websockets.frames
    rows = np.concatenate(
        [np.arange(d.frames.start, d.frames.stop, dtype=np.int64) for d in (websocket.client, websocket.server)]
    )
    rows = rows[frames.first_packet[rows] > 0]
    rows = rows[np.argsort(frames.first_packet[rows], kind="stable")]
    shown = _shown_frames(subject, rows)
    opcodes = frames.opcode[rows]
    last = -1
    for index in [*np.flatnonzero(shown).tolist(), len(rows)]:
        folded = rows[last + 1 : index]
        if len(folded):
            yield _folded(subject, folded, opcodes[last + 1 : index])
        if index < len(rows):
            yield _frame_arrow(subject, int(rows[index]))
        last = index


def _shown_frames(
    subject: Subject, rows: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which frames get an arrow of their own: the first, the last, control frames, and evidence."""
    frames = subject.capture.websockets.frames
    opcodes = frames.opcode[rows]
    shown = np.zeros(len(rows), np.bool_)
    data = np.flatnonzero(opcodes < CLOSE)
    shown[data[:_EDGE_FRAMES]] = True
    shown[data[-_EDGE_FRAMES:]] = True
    shown[np.flatnonzero((opcodes == PING) | (opcodes == PONG))[:_MOST_CONTROL]] = True
    shown[opcodes == CLOSE] = True
    shown[np.flatnonzero(frames.faults[rows])[:_MOST_CONTROL]] = True
    shown[np.flatnonzero(np.isin(frames.first_packet[rows], subject.evidence))[:_MOST_CONTROL]] = True
    # One frame is not worth folding.
    alone = np.flatnonzero(~shown)
    for index in alone.tolist():
        before = index == 0 or shown[index - 1]
        after = index + 1 == len(rows) or shown[index + 1]
        if before and after:
            shown[index] = True
    return shown


def _folded(
    subject: Subject,
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    opcodes: np.ndarray[tuple[int], np.dtype[np.uint8]],
) -> _Arrow:
    websockets = subject.capture.websockets
    names, counts = np.unique(opcodes, return_counts=True)
    parts = ", ".join(f"{count:,} {OPCODES.get(name, str(name))}" for name, count in zip(
        names.tolist(), counts.tolist(), strict=True
    ))  # fmt: skip
    first = int(rows[0])
    return _Arrow(
        int(websockets.frames.first_packet[first]),
        int(websockets.frame_times[0][first]),
        True,
        "folded",
        both(lambda: _("folded frames: {parts}").format(parts=parts)),
        "",
        3,
        len(rows),
    )


def _frame_arrow(subject: Subject, row: int) -> _Arrow:
    websockets = subject.capture.websockets
    frames = websockets.frames
    direction = websockets.directions[int(frames.direction[row])]
    opcode, length = int(frames.opcode[row]), int(frames.length[row])
    name = OPCODES.get(opcode, f"opcode {opcode}").upper()
    close = websockets.close(row)
    detail: Text = ""
    owner = int(frames.message[row])
    target = f"message-{subject.socket_of_direction[int(frames.direction[row])]}-"
    if close is not None:
        name = f"CLOSE {close.code}" if close.code is not None else "CLOSE"
        reason = subject.text(close.reason) or ""
        detail = both(lambda: " ".join(part for part in (_(CLOSE_CODES.get(close.code or 0, "")), reason) if part))
    else:
        detail = both(lambda: _bytes_text(length))
    if owner >= 0 and opcode < CLOSE:
        target += f"{direction.sender}-{owner - direction.messages.start + 1}"
    else:
        target += f"{direction.sender}-frame{row - direction.frames.start + 1}"
    return _Arrow(
        int(frames.first_packet[row]),
        int(websockets.frame_times[0][row]),
        direction.is_client,
        "close" if opcode == CLOSE else "websocket",
        name,
        detail,
        5 if opcode >= CLOSE else 3,
        target=target,
    )
