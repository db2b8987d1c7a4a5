"""What fields need to know about the whole capture: stream numbers, first sequence numbers, times of a stream."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.accurate_ecn import accurate_ecn
from inspector.analysis.fields.relative import Bases, bases
from inspector.analysis.fields.scale import window_scales
from inspector.analysis.tcp_flags import TcpFlags, tcp_flags
from inspector.model.tables import SEGMENT_QUOTED, SEGMENT_UNNUMBERED
from inspector.recording.capture import Capture

__all__ = ["Facts", "StreamTimes"]


class StreamTimes:
    """Per row of segments or datagrams: nanoseconds since the first and the previous row of its stream.

    Args:
        stream: Stream number per row.
        time_ns: Time per row.
        counted: Which rows are a previous row to the next one; the first row of a stream always is.
    """

    def __init__(self, stream: NDArray[np.integer], time_ns: NDArray[np.int64], counted: NDArray[np.bool_]) -> None:
        order = np.argsort(stream, kind="stable")
        sorted_time = time_ns[order]
        begins = np.diff(stream[order], prepend=-2) != 0  # -1 is no stream
        rows = np.arange(len(order))
        first = np.maximum.accumulate(np.where(begins, rows, 0))
        last_counted = np.maximum.accumulate(np.where(begins | counted[order], rows, 0))
        previous = np.where(begins, rows, np.roll(last_counted, 1))
        self.relative = np.empty(len(order), np.int64)
        self.relative[order] = sorted_time - sorted_time[first]
        self.delta = np.empty(len(order), np.int64)
        self.delta[order] = sorted_time - sorted_time[previous]


class Facts:
    """Facts about a capture, each made when first asked for.

    Args:
        capture: The recording.
    """

    def __init__(self, capture: Capture) -> None:
        self.capture = capture

    @cached_property
    def datagram_stream(self) -> NDArray[np.int64]:
        """``udp.stream`` per row of datagrams: flows in order of their first whole header; -1 for others."""
        rows = self.capture.datagrams
        numbered = np.flatnonzero(rows.marks & SEGMENT_UNNUMBERED == 0)
        flows, first = np.unique(rows.flow[numbered], return_index=True)
        number = np.full(len(self.capture.flows), -1, np.int64)
        number[flows[np.argsort(first)]] = np.arange(len(flows))
        stream = np.full(len(rows), -1, np.int64)
        stream[numbered] = number[rows.flow[numbered]]
        return stream

    @cached_property
    def datagram_timed(self) -> NDArray[np.bool_]:
        """Which datagrams tshark times: those with data, unless an ICMP error quotes them."""
        rows = self.capture.datagrams
        return np.asarray((rows.length > 0) & (rows.marks & (SEGMENT_QUOTED | SEGMENT_UNNUMBERED) == 0))

    @cached_property
    def datagram_times(self) -> StreamTimes:
        """Times within a UDP stream, per row of datagrams."""
        times = self.capture.packets.time_ns[self.capture.datagrams.packet]
        return StreamTimes(self.datagram_stream, times, self.datagram_timed)

    @cached_property
    def segment_times(self) -> StreamTimes:
        """Times within a TCP connection, per row of segments."""
        times = self.capture.packets.time_ns[self.capture.segments.packet]
        return StreamTimes(self.capture.segment_connection, times, np.ones(len(times), bool))

    @cached_property
    def bases(self) -> Bases:
        """What relative sequence and acknowledgment numbers count from."""
        return bases(self.capture)

    @cached_property
    def window_scale(self) -> NDArray[np.int8]:
        """Shift of the window field per row of segments; -1 unknown, -2 not in use."""
        return window_scales(self.capture)

    @cached_property
    def accurate_ecn(self) -> NDArray[np.bool_]:
        """Whether the connection had turned to accurate ECN before, per row of segments."""
        return accurate_ecn(self.capture)

    @property
    def tcp_flags(self) -> TcpFlags:
        """Rule set "ws-4.0" per row of segments."""
        return tcp_flags(self.capture)
