"""Fields of the TCP header as sent: ports, numbers, flags, window, checksum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import Field, both, declared
from inspector.analysis.fields.segments import SegmentRows, of_segment
from inspector.analysis.fields.values import BOOLEAN, HEX16, NUMBER, TEXT, Kind
from inspector.i18n import N_

__all__ = ["TCP_FIELDS"]

_SYN = 2
_FLAG_LETTERS = "FSRPAUECARRR"
"""Letters of tcp.flags.str from the lowest bit on (A twice: ACK and accurate ECN; R: RST and the reserved bits)."""
_CHECKSUM_UNVERIFIED = 2
"""tshark does not verify TCP checksums by default (offload makes them wrong in captures)."""


def _bits(shift: int, mask: int = 1) -> Callable[[SegmentRows], NDArray[Any]]:
    return lambda rows: rows.column("flags") >> shift & mask


def _flags_text(rows: SegmentRows) -> NDArray[np.object_]:
    """Letters by bit; with accurate ECN the three ECN bits are one number between dashes."""
    accurate = _accurate(rows)
    distinct, inverse = np.unique(rows.column("flags") | accurate.astype(np.uint16) << 12, return_inverse=True)
    written = np.empty(len(distinct), object)
    for index, number in enumerate(distinct.tolist()):
        letters = [_FLAG_LETTERS[bit] if number >> bit & 1 else "·" for bit in range(11, -1, -1)]
        if number >> 12:
            letters[3:6] = "-", str(number >> 6 & 7), "-"
        written[index] = "".join(letters)
    return written[inverse]


def _accurate(rows: SegmentRows) -> NDArray[np.bool_]:
    """The three ECN bits are one counter (RFC 9768 section 3.2.2)."""
    return np.asarray(rows.window.facts.accurate_ecn[rows.window.segments] & (rows.column("flags") & _SYN == 0))


def _classic(rows: SegmentRows) -> NDArray[np.bool_]:
    return rows.possible & ~_accurate(rows)


def _has_checksum(rows: SegmentRows) -> NDArray[np.bool_]:
    return rows.possible & rows.headers.fits(18)


def _sent(name: str, kind: Kind, meaning: str, column: Callable[[SegmentRows], NDArray[Any]]) -> Field:
    """A field behind the data offset."""
    return of_segment(name, kind, meaning, column, lambda rows: rows.possible)


_SRCPORT = declared("tcp.srcport", NUMBER, needs=4)
_DSTPORT = declared("tcp.dstport", NUMBER)

TCP_FIELDS = (
    _SRCPORT,
    _DSTPORT,
    both("tcp.port", N_("Either port."), _SRCPORT, _DSTPORT),
    of_segment(
        "tcp.seq_raw",
        NUMBER,
        N_("Sequence number as sent."),
        lambda rows: rows.column("seq"),
        lambda rows: ~rows.in_icmp_error,
    ),
    _sent("tcp.ack_raw", NUMBER, N_("Acknowledgment number as sent."), lambda rows: rows.column("ack")),
    of_segment("tcp.hdr_len", NUMBER, N_("Length of the header in bytes."), lambda rows: rows.header_size),
    _sent("tcp.flags", HEX16, N_("All twelve flag bits."), lambda rows: rows.column("flags")),
    _sent(
        "tcp.flags.res", BOOLEAN, N_("One of the reserved bits is set."), lambda rows: rows.column("flags") >> 9 != 0
    ),
    of_segment("tcp.flags.ae", BOOLEAN, N_("Accurate ECN."), _bits(8), _classic),
    of_segment("tcp.flags.cwr", BOOLEAN, N_("The sender reduced its congestion window."), _bits(7), _classic),
    of_segment("tcp.flags.ece", BOOLEAN, N_("Congestion was signalled on the way."), _bits(6), _classic),
    of_segment(
        "tcp.flags.ace",
        NUMBER,
        N_("Counter of congestion marks, where accurate ECN is in use."),
        _bits(6, 7),
        lambda rows: rows.possible & _accurate(rows),
    ),
    _sent("tcp.flags.urg", BOOLEAN, N_("The urgent pointer counts."), _bits(5)),
    _sent("tcp.flags.ack", BOOLEAN, N_("The acknowledgment number counts."), _bits(4)),
    _sent("tcp.flags.push", BOOLEAN, N_("Hand the data to the application now."), _bits(3)),
    _sent("tcp.flags.reset", BOOLEAN, N_("The connection is broken off."), _bits(2)),
    _sent("tcp.flags.syn", BOOLEAN, N_("Opens the connection and sets the first sequence number."), _bits(1)),
    _sent("tcp.flags.fin", BOOLEAN, N_("The sender has no more data."), _bits(0)),
    _sent("tcp.flags.str", TEXT, N_("The flags as letters."), _flags_text),
    _sent("tcp.window_size_value", NUMBER, N_("The window field, not scaled."), lambda rows: rows.column("window")),
    of_segment(
        "tcp.checksum",
        HEX16,
        N_("Detects damage to header, data and addresses."),
        lambda rows: rows.headers.number(128, 16),
        _has_checksum,
    ),
    of_segment(
        "tcp.checksum.status",
        NUMBER,
        N_("2: not verified."),
        lambda rows: np.full(len(rows.headers), _CHECKSUM_UNVERIFIED),
        _has_checksum,
    ),
    of_segment(
        "tcp.urgent_pointer",
        NUMBER,
        N_("End of urgent data, when URG is set."),
        lambda rows: rows.headers.number(144, 16),
        lambda rows: rows.possible & rows.headers.fits(20),
    ),
)
