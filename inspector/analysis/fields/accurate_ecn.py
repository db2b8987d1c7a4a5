"""From where on a TCP connection uses accurate ECN (RFC 9768), as Wireshark 4.0 sees it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.tcp_options import Present, tcp_options
from inspector.recording.capture import Capture

__all__ = ["accurate_ecn"]

_SYN, _ACK = 0x002, 0x010
_ECN_BITS = 0x1C0
_NOT_ACCURATE = (0x000, 0x040, 0x1C0)
"""Answers to a SYN with all three bits set that decline: no ECN, classic ECN, bits reflected by a broken server."""


def accurate_ecn(capture: Capture) -> NDArray[np.bool_]:
    """Whether each segment comes after its connection turned to accurate ECN, per row of segments.

    Either the handshake agreed on it or a segment carried its option.
    """
    rows, connection = capture.segments, capture.segment_connection
    bits = rows.flags & _ECN_BITS
    handshake = rows.flags & (_SYN | _ACK)
    asks = np.flatnonzero((handshake == _SYN) & (bits == _ECN_BITS))
    answers = np.flatnonzero((handshake == (_SYN | _ACK)) & ~np.isin(bits, _NOT_ACCURATE))
    asked = _first(connection, asks)
    agreed = answers[answers > asked[connection[answers]]]
    carrying = np.flatnonzero(tcp_options(capture).present & Present.ACCURATE_ECN)
    since = np.minimum(_first(connection, agreed), _first(connection, carrying))
    return np.arange(len(connection)) > since[connection]


def _first(connection: NDArray[np.int32], chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first of the chosen rows by connection; beyond all rows where there is none."""
    first = np.full(int(connection.max(initial=-1)) + 2, len(connection), np.int64)  # the last one: no connection
    np.minimum.at(first, connection[chosen], chosen)
    return first
