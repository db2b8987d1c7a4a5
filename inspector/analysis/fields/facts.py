"""What fields need to know about the whole capture: stream numbers, first sequence numbers, times of a stream."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from inspector.model.tables import SEGMENT_FROM_B
from inspector.recording.capture import Capture

__all__ = ["Facts", "StreamTimes"]

_SYN, _ACK = 2, 16
_MODULO = np.int64(1 << 32)


class StreamTimes:
    """Per row of segments or datagrams: nanoseconds since the first and the previous row of its stream.

    Args:
        stream: Stream number per row.
        time_ns: Time per row.
    """

    def __init__(self, stream: NDArray[np.integer], time_ns: NDArray[np.int64]) -> None:
        order = np.argsort(stream, kind="stable")
        sorted_stream, sorted_time = stream[order], time_ns[order]
        starts = np.flatnonzero(np.diff(sorted_stream, prepend=-1))
        counts = np.diff(starts, append=len(order))
        self.relative = np.empty(len(order), np.int64)
        self.relative[order] = sorted_time - np.repeat(sorted_time[starts], counts)
        delta = np.diff(sorted_time, prepend=np.int64(0))
        delta[starts] = 0
        self.delta = np.empty(len(order), np.int64)
        self.delta[order] = delta


class Facts:
    """Facts about a capture, each made when first asked for.

    Args:
        capture: The recording.
    """

    def __init__(self, capture: Capture) -> None:
        self.capture = capture

    @cached_property
    def datagram_stream(self) -> NDArray[np.int64]:
        """``udp.stream`` per row of datagrams: flows are numbered in order of their first packet."""
        flows = self.capture.flows
        number = np.cumsum(flows.protocol == 17, dtype=np.int64) - 1
        return number[self.capture.datagrams.flow]

    @cached_property
    def segment_times(self) -> StreamTimes:
        """Times within a TCP connection, per row of segments."""
        packet = self.capture.segments.packet
        return StreamTimes(self.capture.segment_connection, self.capture.packets.time_ns[packet])

    @cached_property
    def datagram_times(self) -> StreamTimes:
        """Times within a UDP stream, per row of datagrams."""
        packet = self.capture.datagrams.packet
        return StreamTimes(self.datagram_stream, self.capture.packets.time_ns[packet])

    @cached_property
    def bases(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What relative sequence and acknowledgment numbers count from, per row of segments.

        A direction's base is set by its first segment (its sequence number when a SYN, else one below) or by the
        first acknowledgment from the other side (one below it), whichever comes first; a SYN with ACK sets it anew.
        """
        rows = self.capture.segments
        count = len(rows)
        flags = rows.flags
        has_ack = np.flatnonzero(flags & _ACK)
        key = self.capture.segment_connection.astype(np.int64) * 2 + (rows.marks & SEGMENT_FROM_B)
        own = np.where(flags & _SYN, rows.seq, rows.seq.astype(np.int64) - 1) % _MODULO
        # One event per segment for its own direction, one per acknowledgment for the opposite direction.
        event_key = np.concatenate([key, key[has_ack] ^ 1])
        event_time = np.concatenate([np.arange(count) * 2, has_ack * 2 + 1])
        event_base = np.concatenate([own, (rows.ack[has_ack].astype(np.int64) - 1) % _MODULO])
        sets_anew = np.concatenate([(flags & (_SYN | _ACK)) == _SYN | _ACK, np.zeros(len(has_ack), bool)])
        order = np.lexsort((event_time, event_key))
        sorted_key = event_key[order]
        setting = sets_anew[order] | (np.diff(sorted_key, prepend=-1) != 0)
        source = np.maximum.accumulate(np.where(setting, np.arange(len(order)), 0))
        base = np.empty(len(order), np.int64)
        base[order] = event_base[order][source]
        acked = np.zeros(count, np.int64)
        acked[has_ack] = base[count:]
        return base[:count], acked
