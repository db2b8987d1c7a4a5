"""Flow control of HTTP/2 in time: when a sender that had more to send was not allowed to (RFC 9113 section 5.2).

The windows are counted as the capture point saw the frames. Beside the sender this is what it knew itself. Elsewhere an
update is seen before it reaches the sender, so its real wait lasts longer, by up to a round trip.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from inspector.model.http import HttpMessage
from inspector.model.http2 import WindowChange
from inspector.recording.application import Application
from inspector.wire.http2 import Http2Connection

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Stall", "flow_control_stalls"]

_FIRST_WINDOW = 65_535
"""Every window's size at first (RFC 9113 section 6.9.2)."""
_ALL_STREAMS = -1
_SOON_NS = 200_000_000
"""DATA within this time of the window's opening was waiting for it; what comes later may be new. Senders answer within a
round trip, which is rarely longer."""
_MOST_STALLS = 100_000
"""Stalls kept of one connection; each is two packets at least."""


@dataclass(frozen=True, slots=True)
class Stall:
    """A time in which a sender had data for a stream and no window for it.

    Args:
        stream_id: The stream.
        by_client: The client was the sender.
        blocked_by: Whose window was used up: ``"stream"``, ``"connection"`` or ``"both"``, when it began.
        pending: How it is known that there was more to send: ``"content_length"`` (the announced length was not yet
            reached) or ``"resumed"`` (DATA followed soon after the window opened).
        first_packet: Of the DATA frame that used up the window, or of the message's beginning when none was left then.
        last_packet: Of the frame that opened it again; None when it never did.
        start_ns, end_ns: Their times; of a stall without end, the end of the capture.
    """

    stream_id: int
    by_client: bool
    blocked_by: str
    pending: str
    first_packet: int
    last_packet: int | None
    start_ns: int
    end_ns: int

    @property
    def duration_ns(self) -> int:
        """How long it lasted at the capture point."""
        return self.end_ns - self.start_ns


@dataclass(slots=True)
class _Sender:
    """The windows one side has to keep to."""

    by_client: bool
    connection: int = _FIRST_WINDOW
    initial: int = _FIRST_WINDOW
    streams: dict[int, int] = field(default_factory=dict)
    sent: dict[int, int] = field(default_factory=dict)
    stalled: dict[int, Stall] = field(default_factory=dict)
    ended: list[Stall] = field(default_factory=list)

    def window(self, stream_id: int) -> int:
        return self.streams.setdefault(stream_id, self.initial)


def flow_control_stalls(
    capture: Capture, application: Application, http2: Http2Connection
) -> tuple[dict[int, tuple[Stall, ...]], bool]:
    """When senders of a connection had to wait for a window.

    A window that is small but not used up counts as open, though some senders wait for a larger one.

    Args:
        capture, application: Where the connection is.
        http2: What ``read_http2`` gave for it.

    Returns:
        Stalls by stream, in the order of time; and whether the windows are known: they are not when the connection's
        beginning or later frames were not captured, and then no stall is told.
    """
    beginning_seen = application.client.from_start and application.server.from_start
    if not beginning_seen or any(anomaly.code == "h2.bytes_missing" for _, anomaly in http2.anomalies):
        return {}, False
    events = _in_time(capture, application, http2.windows + _announced(http2))
    data = _data_times(events)
    senders = {True: _Sender(True), False: _Sender(False)}
    for change, packet, time_ns in events:
        if change.amount < 0:
            if change.stream_id > 0:  # the same DATA comes again as a change of the connection's window
                _take(senders[change.from_client], change, packet, time_ns, http2)
        elif change.amount == 0 and change.stream_id > 0:
            sender = senders[change.from_client]
            sender.sent.setdefault(change.stream_id, 0)
            if min(sender.connection, sender.window(change.stream_id)) <= 0:
                _begin(sender, change.stream_id, packet, time_ns, http2)
        else:
            # Windows are given by the receiver: they are the other side's to use.
            _give(senders[not change.from_client], change, packet, time_ns)
    times = capture.packets.time_ns
    last_ns = int(times[capture.connections.last_packet[application.connection]])
    found: dict[int, list[Stall]] = defaultdict(list)
    for sender in senders.values():
        still = (replace(stall, end_ns=max(last_ns, stall.start_ns)) for stall in sender.stalled.values())
        for stall in (*sender.ended, *still):
            pending = stall.pending or _resumed(stall, data.get((stall.by_client, stall.stream_id), []))
            if pending:
                found[stall.stream_id].append(replace(stall, pending=pending))
    return {number: tuple(sorted(stalls, key=lambda s: s.start_ns)) for number, stalls in found.items()}, True


def _announced(http2: Http2Connection) -> list[WindowChange]:
    """A change of nothing where each message begins: from there on it may have DATA to send."""
    return [
        WindowChange(from_client, message.start, stream.id, 0)
        for stream in http2.streams.values()
        for from_client, message in ((True, stream.request), (False, stream.response))
        if message is not None and not (message.complete and not message.body_length)
    ]


def _in_time(
    capture: Capture, application: Application, changes: list[WindowChange]
) -> list[tuple[WindowChange, int, int]]:
    """Changes of both sides in the order of packets: (change, packet number, time)."""
    keyed: list[tuple[int, WindowChange, int]] = []
    for from_client, stream in ((True, application.client), (False, application.server)):
        mine = sorted((c for c in changes if c.from_client is from_client), key=lambda change: change.position)
        numbers = stream.packets_at(np.array([change.position for change in mine], np.int64))
        # A frame cannot be read before those in front of it, even where its segment came first.
        packets = np.maximum.accumulate(numbers).astype(np.int64) if len(mine) else numbers
        times = capture.packets.time_ns[np.maximum(packets, 1) - 1] if len(mine) else packets
        keyed += zip(packets.tolist(), mine, times.tolist(), strict=True)
    keyed.sort(key=lambda item: (item[0], item[1].position))
    return [(change, packet, time_ns) for packet, change, time_ns in keyed]


def _data_times(events: list[tuple[WindowChange, int, int]]) -> dict[tuple[bool, int], list[int]]:
    """Times of DATA frames by sender and stream."""
    found: dict[tuple[bool, int], list[int]] = defaultdict(list)
    for change, _packet, time_ns in events:
        if change.amount < 0 and change.stream_id > 0:
            found[change.from_client, change.stream_id].append(time_ns)
    return found


def _take(sender: _Sender, change: WindowChange, packet: int, time_ns: int, http2: Http2Connection) -> None:
    """DATA was sent, which counts for the windows of its stream and of the connection."""
    sender.connection += change.amount
    sender.streams[change.stream_id] = sender.window(change.stream_id) + change.amount
    sender.sent[change.stream_id] = sender.sent.get(change.stream_id, 0) - change.amount
    if sender.connection <= 0:
        for stream_id in sender.sent:
            _begin(sender, stream_id, packet, time_ns, http2)
    elif sender.streams[change.stream_id] <= 0:
        _begin(sender, change.stream_id, packet, time_ns, http2)


def _begin(sender: _Sender, stream_id: int, packet: int, time_ns: int, http2: Http2Connection) -> None:
    stream = http2.streams.get(stream_id)
    message = None if stream is None else stream.request if sender.by_client else stream.response
    if message is None or stream_id in sender.stalled or len(sender.ended) >= _MOST_STALLS:
        return
    of_stream, of_connection = sender.window(stream_id) <= 0, sender.connection <= 0
    announced = _content_length(message)
    more = announced is not None and sender.sent[stream_id] < announced
    if announced is not None and not more:
        return
    sender.stalled[stream_id] = Stall(
        stream_id,
        sender.by_client,
        "both" if of_stream and of_connection else "stream" if of_stream else "connection",
        "content_length" if more else "",
        packet,
        None,
        time_ns,
        time_ns,
    )


def _content_length(message: HttpMessage) -> int | None:
    text = message.header("content-length")
    return int(text) if text is not None and text.isdigit() and len(text) < 20 else None


def _give(sender: _Sender, change: WindowChange, packet: int, time_ns: int) -> None:
    """A WINDOW_UPDATE, or a new initial size, which changes all streams' windows by the difference (section 6.9.2)."""
    if change.stream_id == _ALL_STREAMS:
        for stream_id in sender.streams:
            sender.streams[stream_id] += change.amount - sender.initial
        sender.initial = change.amount
    elif change.stream_id:
        sender.streams[change.stream_id] = sender.window(change.stream_id) + change.amount
    else:
        sender.connection += change.amount
    if sender.connection > 0:
        for stream_id in [number for number in sender.stalled if sender.window(number) > 0]:
            sender.ended.append(replace(sender.stalled.pop(stream_id), last_packet=packet, end_ns=time_ns))


def _resumed(stall: Stall, data_ns: list[int]) -> str:
    """Evidence by what followed: DATA soon after the window opened."""
    if stall.last_packet is None:
        return ""
    following = int(np.searchsorted(np.array(data_ns, np.int64), stall.end_ns, "left"))
    soon = following < len(data_ns) and data_ns[following] - stall.end_ns <= _SOON_NS
    return "resumed" if soon else ""
