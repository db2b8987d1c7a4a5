"""What Wireshark says of each TCP segment: rule set "ws-4.0" (``tcp.analysis.*`` of Wireshark 4.0), as columns.

Other versions of Wireshark differ in duplicate ACKs, window updates and fast retransmissions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from inspector.analysis import ws_rules
from inspector.analysis.once import once_per_capture
from inspector.analysis.tcp_options import tcp_options
from inspector.model.tables import SEGMENT_QUOTED, SEGMENT_SHORT
from inspector.proto import LayerKind
from inspector.recording.capture import Capture
from inspector.recording.growing import view

__all__ = ["TcpFlag", "TcpFlags", "tcp_flags"]


class TcpFlag(IntFlag):
    """Bits of ``TcpFlags.flags``; the lower-case name is the one in ``tcp.analysis.*``."""

    ZERO_WINDOW_PROBE = 1 << 0
    ZERO_WINDOW = 1 << 1
    LOST_SEGMENT = 1 << 2
    KEEP_ALIVE = 1 << 3
    WINDOW_UPDATE = 1 << 4
    WINDOW_FULL = 1 << 5
    KEEP_ALIVE_ACK = 1 << 6
    ZERO_WINDOW_PROBE_ACK = 1 << 7
    DUPLICATE_ACK = 1 << 8
    ACK_LOST_SEGMENT = 1 << 9
    SPURIOUS_RETRANSMISSION = 1 << 10
    FAST_RETRANSMISSION = 1 << 11
    OUT_OF_ORDER = 1 << 12
    RETRANSMISSION = 1 << 13
    """Resent and neither of the three above; ``tcp.analysis.retransmission`` also marks spurious and fast ones."""
    REUSED_PORTS = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class TcpFlags:
    """Rule set "ws-4.0" by segment: row ``i`` is row ``i`` of ``Capture.segments``.

    Columns: ``flags`` (``TcpFlag``); ``duplicate_ack_num`` and ``duplicate_ack_frame`` where DUPLICATE_ACK is set;
    ``acks_frame`` packet number (from 1; 0 = none) that this segment acknowledges, ``ack_rtt_ns`` the time since;
    ``initial_rtt_ns`` of the connection, only where Wireshark would show it (0 = not); ``bytes_in_flight`` and
    ``push_bytes_sent`` (0 = not known); ``rto_frame`` packet number (0 = none) from which ``rto_ns`` counts.
    As in Wireshark, a time of 0 ns is not shown.
    """

    flags: NDArray[np.uint16]
    duplicate_ack_num: NDArray[np.uint32]
    duplicate_ack_frame: NDArray[np.uint32]
    acks_frame: NDArray[np.uint32]
    ack_rtt_ns: NDArray[np.int64]
    initial_rtt_ns: NDArray[np.int64]
    bytes_in_flight: NDArray[np.uint32]
    push_bytes_sent: NDArray[np.uint32]
    rto_ns: NDArray[np.int64]
    rto_frame: NDArray[np.uint32]


@once_per_capture
def tcp_flags(capture: Capture) -> TcpFlags:
    """Apply rule set "ws-4.0" to every segment; done once per capture."""
    segments, options = capture.segments, tcp_options(capture)
    rows = len(segments)
    result = TcpFlags(
        flags=np.zeros(rows, np.uint16),
        duplicate_ack_num=np.zeros(rows, np.uint32),
        duplicate_ack_frame=np.zeros(rows, np.uint32),
        acks_frame=np.zeros(rows, np.uint32),
        ack_rtt_ns=np.zeros(rows, np.int64),
        initial_rtt_ns=np.zeros(rows, np.int64),
        bytes_in_flight=np.zeros(rows, np.uint32),
        push_bytes_sent=np.zeros(rows, np.uint32),
        rto_ns=np.zeros(rows, np.int64),
        rto_frame=np.zeros(rows, np.uint32),
    )
    columns = {name: view(getattr(result, name)) for name in TcpFlags.__slots__}
    columns |= {name: view(getattr(segments, name)) for name in ("packet", "marks", "seq", "ack", "window", "length")}
    columns |= {"tcp_flags": view(segments.flags), "time_ns": view(capture.packets.time_ns)}
    for name in ("present", "window_scale", "sack_start", "sack_count", "sack_left", "sack_right"):
        columns[name] = view(getattr(options, name))
    numbers = capture.segment_connection
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(len(capture.connections) + 1))
    ws_rules.Analyst(columns).run(
        view(order.astype(np.int64, copy=False)), view(starts.astype(np.int64, copy=False)), view(_reused(capture))
    )
    # Where a quoted header is cut, and of impossible headers, Wireshark does not show reused ports.
    cut = segments.offset == capture.layers.offset[capture.layers.kind == LayerKind.TCP]
    hidden = (segments.marks & SEGMENT_SHORT != 0) | (cut & (segments.marks & SEGMENT_QUOTED != 0))
    result.flags[hidden] = 0
    result.initial_rtt_ns[hidden] = 0
    return result


def _reused(capture: Capture) -> NDArray[np.uint8]:
    """Which connections are not the first of their flow: only a SYN with a new number starts another."""
    flow = capture.connections.flow
    reused = np.ones(len(flow), np.uint8)
    reused[np.unique(flow, return_index=True)[1]] = 0
    return reused
