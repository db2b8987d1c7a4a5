"""Fields of the TCP header: ``tcp.*`` as sent, and what follows from the connection so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import Field, both, declared
from inspector.analysis.fields.values import BOOLEAN, HEX16, NUMBER, SECONDS, TEXT, Kind, Values
from inspector.analysis.fields.window import Window
from inspector.i18n import N_
from inspector.proto import LayerKind

__all__ = ["TCP_FIELDS"]

_FIN, _SYN, _ACK = 1, 2, 16
_MODULO = np.int64(1 << 32)
_FLAG_LETTERS = "FSRPAUECN"
"""Letters of tcp.flags.str from the lowest bit on; the three bits above are reserved."""


def _segments(name: str, kind: Kind, meaning: str, column: Callable[[Window, slice], NDArray[Any]]) -> Field:
    """A field with one value per segment, made from tables by row."""

    def extract(window: Window) -> Values:
        return window.headers(LayerKind.TCP).values(column(window, window.segments))

    return Field(name, kind, meaning, extract)


def _seq(window: Window, rows: slice) -> NDArray[np.int64]:
    return (window.capture.segments.seq[rows] - window.facts.bases[0][rows]) % _MODULO


def _ack(window: Window, rows: slice) -> NDArray[np.int64]:
    return (window.capture.segments.ack[rows] - window.facts.bases[1][rows]) % _MODULO


def _next_seq(window: Window, rows: slice) -> NDArray[np.int64]:
    segments = window.capture.segments
    control = (segments.flags[rows] & (_SYN | _FIN)) != 0
    return np.asarray((_seq(window, rows) + segments.length[rows] + control) % _MODULO)


def _flags_text(window: Window, rows: slice) -> NDArray[np.object_]:
    flags = window.capture.segments.flags[rows]
    distinct, inverse = np.unique(flags, return_inverse=True)
    written = np.empty(len(distinct), object)
    written[:] = [
        "".join(
            _FLAG_LETTERS[bit] if bit < len(_FLAG_LETTERS) and number >> bit & 1 else "·" for bit in range(11, -1, -1)
        )
        for number in distinct.tolist()
    ]
    return written[inverse]


_SRCPORT = declared("tcp.srcport", NUMBER)
_DSTPORT = declared("tcp.dstport", NUMBER)

TCP_FIELDS = (
    _SRCPORT,
    _DSTPORT,
    both("tcp.port", N_("Either port."), _SRCPORT, _DSTPORT),
    _segments(
        "tcp.stream",
        NUMBER,
        N_("Number of the connection, from 0 in order of first packets."),
        lambda window, rows: window.capture.segment_connection[rows],
    ),
    _segments(
        "tcp.len",
        NUMBER,
        N_("Bytes of data in this segment."),
        lambda window, rows: window.capture.segments.length[rows],
    ),
    _segments("tcp.seq", NUMBER, N_("Sequence number, counted from the connection's first."), _seq),
    declared("tcp.seq_raw", NUMBER),
    _segments("tcp.nxtseq", NUMBER, N_("Sequence number that should come next."), _next_seq),
    _segments("tcp.ack", NUMBER, N_("Acknowledgment number, counted from the other side's first."), _ack),
    declared("tcp.ack_raw", NUMBER),
    declared("tcp.hdr_len", NUMBER, scale=4),
    _segments(
        "tcp.flags",
        HEX16,
        N_("All twelve flag bits."),
        lambda window, rows: window.capture.segments.flags[rows],
    ),
    declared("tcp.flags.cwr", BOOLEAN),
    declared("tcp.flags.ece", BOOLEAN),
    declared("tcp.flags.urg", BOOLEAN),
    declared("tcp.flags.ack", BOOLEAN),
    declared("tcp.flags.push", BOOLEAN),
    declared("tcp.flags.reset", BOOLEAN),
    declared("tcp.flags.syn", BOOLEAN),
    declared("tcp.flags.fin", BOOLEAN),
    _segments("tcp.flags.str", TEXT, N_("The flags as letters."), _flags_text),
    declared("tcp.window_size_value", NUMBER),
    declared("tcp.checksum", HEX16),
    declared("tcp.urgent_pointer", NUMBER),
    _segments(
        "tcp.time_relative",
        SECONDS,
        N_("Time since the connection's first packet."),
        lambda window, rows: window.facts.segment_times.relative[rows],
    ),
    _segments(
        "tcp.time_delta",
        SECONDS,
        N_("Time since the connection's packet before."),
        lambda window, rows: window.facts.segment_times.delta[rows],
    ),
)
