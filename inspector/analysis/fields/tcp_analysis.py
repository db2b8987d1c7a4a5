"""Fields of Wireshark's TCP analysis: ``tcp.analysis.*``, from rule set "ws-4.0"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import Field
from inspector.analysis.fields.segments import SegmentRows, of_segment
from inspector.analysis.fields.values import NUMBER, PRESENT, SECONDS, Kind
from inspector.analysis.tcp_flags import TcpFlag
from inspector.i18n import N_

__all__ = ["TCP_ANALYSIS_FIELDS"]


def _column(name: str) -> Callable[[SegmentRows], NDArray[Any]]:
    """A column of ``TcpFlags``."""

    def column(rows: SegmentRows) -> NDArray[Any]:
        values: NDArray[Any] = getattr(rows.window.facts.tcp_flags, name)
        return values[rows.window.segments]

    return column


_flags = _column("flags")


def _has(flag: TcpFlag) -> Callable[[SegmentRows], NDArray[np.bool_]]:
    return lambda rows: rows.whole & ((_flags(rows) & flag) != 0)


def _mark(name: str, flag: TcpFlag, meaning: str) -> Field:
    """A field without value that is there when any of the flags is."""
    return of_segment(f"tcp.analysis.{name}", PRESENT, meaning, _flags, _has(flag))


def _number(name: str, kind: Kind, column: str, meaning: str, flag: TcpFlag | None = None) -> Field:
    """A column of ``TcpFlags``, where it is not 0 or, when given, where the flag is set."""
    values = _column(column)
    only = (lambda rows: rows.whole & (values(rows) != 0)) if flag is None else _has(flag)
    return of_segment(f"tcp.analysis.{name}", kind, meaning, values, only)


TCP_ANALYSIS_FIELDS = (
    _mark("flags", ~TcpFlag(0), N_("The segment is remarkable in one of the ways below.")),
    _mark("lost_segment", TcpFlag.LOST_SEGMENT, N_("Bytes before this segment are not in the capture.")),
    _mark("ack_lost_segment", TcpFlag.ACK_LOST_SEGMENT, N_("Acknowledges bytes that are not in the capture.")),
    _mark(
        "retransmission",
        TcpFlag.RETRANSMISSION | TcpFlag.FAST_RETRANSMISSION | TcpFlag.SPURIOUS_RETRANSMISSION,
        N_("Bytes that were sent before."),
    ),
    _mark("fast_retransmission", TcpFlag.FAST_RETRANSMISSION, N_("Sent again after duplicate acknowledgments.")),
    _mark("spurious_retransmission", TcpFlag.SPURIOUS_RETRANSMISSION, N_("Sent again although already acknowledged.")),
    _mark("out_of_order", TcpFlag.OUT_OF_ORDER, N_("Fills a hole sooner than a resend could.")),
    _mark("reused_ports", TcpFlag.REUSED_PORTS, N_("A new connection between the same ports.")),
    _number(
        "duplicate_ack_num",
        NUMBER,
        "duplicate_ack_num",
        N_("Which in a row of duplicate acknowledgments."),
        TcpFlag.DUPLICATE_ACK,
    ),
    _number(
        "duplicate_ack_frame",
        NUMBER,
        "duplicate_ack_frame",
        N_("Packet with the first such acknowledgment."),
        TcpFlag.DUPLICATE_ACK,
    ),
    _mark("zero_window", TcpFlag.ZERO_WINDOW, N_("The sender of this segment can take in nothing.")),
    _mark("zero_window_probe", TcpFlag.ZERO_WINDOW_PROBE, N_("One byte sent to see whether the window opened.")),
    _mark("zero_window_probe_ack", TcpFlag.ZERO_WINDOW_PROBE_ACK, N_("Answers such a probe: still closed.")),
    _mark("window_update", TcpFlag.WINDOW_UPDATE, N_("Only tells that the window has changed.")),
    _mark("window_full", TcpFlag.WINDOW_FULL, N_("Fills the receiver's window.")),
    _mark("keep_alive", TcpFlag.KEEP_ALIVE, N_("Sent only to see whether the other side is there.")),
    _mark("keep_alive_ack", TcpFlag.KEEP_ALIVE_ACK, N_("Answers a keep-alive.")),
    _number("acks_frame", NUMBER, "acks_frame", N_("Packet that this segment acknowledges.")),
    _number("ack_rtt", SECONDS, "ack_rtt_ns", N_("Time since that packet.")),
    _number("initial_rtt", SECONDS, "initial_rtt_ns", N_("Round-trip time of the handshake.")),
    _number("bytes_in_flight", NUMBER, "bytes_in_flight", N_("Bytes sent and not yet acknowledged.")),
    _number("push_bytes_sent", NUMBER, "push_bytes_sent", N_("Bytes since the last segment with PSH.")),
    _number("rto", SECONDS, "rto_ns", N_("Time after which it was sent again.")),
    _number("rto_frame", NUMBER, "rto_frame", N_("Packet from which that time counts.")),
)
