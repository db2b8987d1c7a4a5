"""Fields of TCP that follow from the connection so far: stream, relative numbers, scaled window, times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.scale import OFF, UNKNOWN
from inspector.analysis.fields.segments import SegmentRows, of_header, of_segment
from inspector.analysis.fields.values import NUMBER, SECONDS
from inspector.i18n import N_

__all__ = ["TCP_STATE_FIELDS"]

_FIN, _SYN, _ACK = 1, 2, 16
_MODULO = np.int64(1 << 32)
_QUOTED_BYTES = 8
"""What ICMP errors quote of a TCP header at least (RFC 792)."""


def _flag(rows: SegmentRows, bits: int) -> NDArray[np.bool_]:
    return np.asarray((rows.column("flags") & bits) != 0)


def _seq_numbers(rows: SegmentRows) -> NDArray[np.int64]:
    base = rows.window.facts.bases.own[rows.window.segments]
    return np.asarray((rows.column("seq") - np.where(rows.relative, base, 0)) % _MODULO)


def _seq(rows: SegmentRows) -> NDArray[np.int64]:
    return np.where(rows.read, _seq_numbers(rows), rows.headers.number(32, 32).astype(np.int64))


def _seq_known(rows: SegmentRows) -> NDArray[np.bool_]:
    """Of what ICMP errors quote the first eight bytes are enough (as sent)."""
    return rows.read | (rows.in_icmp_error & rows.headers.fits(_QUOTED_BYTES))


def _ack(rows: SegmentRows) -> NDArray[np.int64]:
    base = rows.window.facts.bases.other[rows.window.segments]
    return np.asarray((rows.column("ack") - np.where(rows.relative & _flag(rows, _ACK), base, 0)) % _MODULO)


def _length(rows: SegmentRows) -> NDArray[np.int64]:
    """By the IP header; where the data offset is impossible tshark still subtracts it."""
    return np.where(rows.possible, rows.column("length"), rows.headers.size - rows.header_size)


def _next_seq(rows: SegmentRows) -> NDArray[np.int64]:
    return np.asarray((_seq_numbers(rows) + rows.column("length") + _flag(rows, _SYN | _FIN)) % _MODULO)


def _scale(rows: SegmentRows) -> NDArray[np.int64]:
    return rows.window.facts.window_scale[rows.window.segments].astype(np.int64)


def _window_size(rows: SegmentRows) -> NDArray[np.int64]:
    scaled = rows.relative & ~_flag(rows, _SYN)
    return rows.column("window").astype(np.int64) << np.where(scaled, np.maximum(_scale(rows), 0), 0)


def _scale_factor(rows: SegmentRows) -> NDArray[np.int64]:
    scale = _scale(rows)
    return np.where((scale == UNKNOWN) | (scale == OFF), scale, 1 << np.maximum(scale, 0))


def _timed(rows: SegmentRows) -> NDArray[np.bool_]:
    return rows.possible & rows.headers.fits(20)


TCP_STATE_FIELDS = (
    of_segment(
        "tcp.stream",
        NUMBER,
        N_("Number of the connection, from 0 in order of first packets."),
        lambda rows: rows.window.capture.segment_connection[rows.window.segments],
    ),
    of_segment("tcp.len", NUMBER, N_("Bytes of data in this segment."), _length, lambda rows: rows.relative),
    of_header("tcp.seq", NUMBER, N_("Sequence number, counted from the connection's first."), _seq, _seq_known),
    of_segment(
        "tcp.nxtseq", NUMBER, N_("Sequence number that should come next."), _next_seq, lambda rows: rows.ordinary
    ),
    of_segment(
        "tcp.ack",
        NUMBER,
        N_("Acknowledgment number, counted from the other side's first."),
        _ack,
        lambda rows: rows.possible,
    ),
    of_segment("tcp.window_size", NUMBER, N_("The window in bytes."), _window_size, lambda rows: rows.possible),
    of_segment(
        "tcp.window_size_scalefactor",
        NUMBER,
        N_("What the window field is multiplied with; -1 not known, -2 not scaled."),
        _scale_factor,
        lambda rows: rows.possible & ~_flag(rows, _SYN),
    ),
    of_segment(
        "tcp.time_relative",
        SECONDS,
        N_("Time since the connection's first packet."),
        lambda rows: rows.window.facts.segment_times.relative[rows.window.segments],
        _timed,
    ),
    of_segment(
        "tcp.time_delta",
        SECONDS,
        N_("Time since the connection's packet before."),
        lambda rows: rows.window.facts.segment_times.delta[rows.window.segments],
        _timed,
    ),
)
