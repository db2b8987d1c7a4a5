"""What control frames tell about a WebSocket: round-trip times of pings, who closed it and how TCP ended."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from inspector.model.anomaly import Anomaly
from inspector.model.ending import Ending
from inspector.model.websocket import PING, PONG, Close
from inspector.recording.http2 import StreamEnd
from inspector.recording.websockets import Direction, WebSocket, WebSockets
from inspector.refs import Ref

__all__ = ["Closing", "Ping", "closing", "pings"]


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping and what answered it (RFC 6455 sections 5.5.2 and 5.5.3).

    Args:
        sender: ``"client"`` or ``"server"``.
        frame: Row of the ping.
        pong: Row of the pong with the same payload, None when none came.
        rtt_ns: From the ping's last byte to the pong's first, as the capture saw them; None when not observed.
        skipped: No pong of its own, but a later ping was answered, which the standard allows.
    """

    sender: str
    frame: int
    pong: int | None
    rtt_ns: int | None
    skipped: bool = False


def pings(websockets: WebSockets, websocket: WebSocket) -> list[Ping]:
    """All pings of a connection, in the order in which they were sent, the client's first."""
    found: list[Ping] = []
    for asking, answering in ((websocket.client, websocket.server), (websocket.server, websocket.client)):
        found += _pings(websockets, asking, answering)
    return found


def _pings(websockets: WebSockets, asking: Direction, answering: Direction) -> list[Ping]:
    sent, received = _rows(websockets, asking, PING), _rows(websockets, answering, PONG)
    first_ns, last_ns = websockets.frame_times
    pongs = [(row, websockets.control_payload(row), int(first_ns[row])) for row in received]
    open_pings: dict[bytes, deque[int]] = {}
    answers: dict[int, int] = {}
    next_ping, newest = 0, -1
    for row, payload, time_ns in pongs:
        while next_ping < len(sent) and (time_ns < 0 or int(last_ns[sent[next_ping]]) <= time_ns):
            open_pings.setdefault(websockets.control_payload(sent[next_ping]), deque()).append(sent[next_ping])
            next_ping += 1
        waiting = open_pings.get(payload)
        if waiting:
            # Pongs come in the order of pings; equal payloads (often empty) are answered first come, first served.
            ping = waiting.popleft()
            answers[ping] = row
            newest = max(newest, ping)
    return [
        Ping(
            asking.sender,
            row,
            answers.get(row),
            _rtt(int(last_ns[row]), int(first_ns[answers[row]])) if row in answers else None,
            row not in answers and row < newest,
        )
        for row in sent
    ]


def _rtt(sent_ns: int, received_ns: int) -> int | None:
    return received_ns - sent_ns if 0 <= sent_ns <= received_ns else None


def _rows(websockets: WebSockets, direction: Direction, opcode: int) -> list[int]:
    rows = slice(direction.frames.start, direction.frames.stop)
    opcodes = websockets.frames.first_byte[rows] & np.uint8(0x0F)
    found: list[int] = (np.flatnonzero(opcodes == opcode) + direction.frames.start).tolist()
    return found


@dataclass(frozen=True, slots=True)
class Closing:
    """How a WebSocket ended (RFC 6455 section 7).

    Args:
        client, server: Each side's first Close frame, None when it sent none.
        first: Who sent the first Close frame: ``"client"``, ``"server"``, None when neither did.
        ending: How TCP ended.
        tcp_by: Who ended TCP; None when nobody did, or it is not observed.
        end_packet: Number of the packet that ended TCP, None when there is none.
        end_ns: Its time.
        after_close_ns: From the second Close frame to the end of TCP; None when either is missing, or over HTTP/2,
            where TCP goes on with other streams.
        stream: How the HTTP/2 stream that carried it ended, None over HTTP/1.1.
        anomalies: What the closing lacked, with the side in whose stream the span is.
    """

    client: Close | None
    server: Close | None
    first: str | None
    ending: Ending
    tcp_by: str | None
    end_packet: int | None
    end_ns: int | None
    after_close_ns: int | None
    stream: StreamEnd | None = None
    anomalies: list[tuple[str | None, Anomaly]] = field(default_factory=list)


def closing(websockets: WebSockets, websocket: WebSocket) -> Closing:
    """Tell who closed a WebSocket, with which code, and how TCP ended."""
    table = websockets.capture.connections
    number = websocket.connection
    client, server = (next(iter(websockets.closes(d)), None) for d in (websocket.client, websocket.server))
    first_ns, last_ns = websockets.frame_times
    closes = sorted(
        ((int(first_ns[close.frame]), who) for close, who in ((client, "client"), (server, "server")) if close)
    )
    by, packet = int(table.ended_by[number]), int(table.end_packet[number])
    end_ns = int(websockets.capture.packets.time_ns[packet]) if packet >= 0 else None
    done_ns = max(int(last_ns[client.frame]), int(last_ns[server.frame])) if client and server else None
    if websocket.stream is not None:
        done_ns = None
    stream = websocket.stream_end
    ended = end_ns is not None or (stream is not None and stream.ending != "open")
    both = bool(table.packets_a[number]) and bool(table.packets_b[number])  # else the other's Close was not looked for
    return Closing(
        client,
        server,
        closes[0][1] if closes else None,
        Ending(int(table.ending[number])),
        None if by < 0 else ("client" if by == websocket.client_side else "server"),
        packet + 1 if packet >= 0 else None,
        end_ns,
        end_ns - done_ns if end_ns is not None and done_ns is not None and end_ns >= done_ns else None,
        stream,
        _anomalies(websockets, client, server, closes[0][1] if closes else None, ended and both),
    )


def _anomalies(
    websockets: WebSockets, client: Close | None, server: Close | None, first: str | None, ended: bool
) -> list[tuple[str | None, Anomaly]]:
    if client and server:
        # The answer normally echoes the code (RFC 6455 section 5.5.1); without a code there is nothing to echo.
        if client.code == server.code:
            return []
        code, detail = "ws.close_code_differs", f"{client.code} {server.code}"
        side, close = ("server", server) if first == "client" else ("client", client)
    elif ended and client:
        code, detail, side, close = "ws.close_not_answered", str(client.code or ""), "client", client
    elif ended and server:
        code, detail, side, close = "ws.close_not_answered", str(server.code or ""), "server", server
    elif ended:
        return [(None, Anomaly("ws.closed_without_close_frame", 0, 0, Ref("RFC 6455", "7.1.5")))]
    else:
        return []
    start, end = int(websockets.frames.start[close.frame]), int(websockets.frames.end[close.frame])
    return [(side, Anomaly(code, start, end, Ref("RFC 6455", "5.5.1"), detail))]
