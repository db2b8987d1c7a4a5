"""The window scale in force at each segment, as Wireshark 4.0 follows it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.relative import last_change
from inspector.analysis.fields.rows import segment_layers
from inspector.analysis.tcp_options import Present, tcp_options
from inspector.model.tables import SEGMENT_FROM_B, SEGMENT_SHORT
from inspector.recording.capture import Capture

__all__ = ["OFF", "UNKNOWN", "window_scales"]

UNKNOWN, OFF = -1, -2
_LARGEST = 14
"""Greater shifts count as this one (RFC 7323 section 2.3)."""
_SYN, _ACK = 2, 16


def window_scales(capture: Capture) -> NDArray[np.int8]:
    """The shift that applies to each segment's window, or UNKNOWN or OFF, per row of segments.

    A segment with the option, SYN or not, sets its sender's shift for later ones. A SYN without it, where none was
    known, tells that scaling is off both ways; one with ACK also takes over that it is off for the other side.
    """
    rows, options = capture.segments, tcp_options(capture)
    direction = capture.segment_connection.astype(np.int64) * 2 + (rows.marks & SEGMENT_FROM_B)
    with_option = (options.present & Present.WINDOW_SCALE) != 0
    is_syn = (rows.flags & _SYN) != 0
    chosen = np.flatnonzero((is_syn | with_option) & (rows.marks & SEGMENT_SHORT == 0) & _whole_headers(capture))
    shifts = np.minimum(options.window_scale[chosen].astype(np.int64), _LARGEST)
    shifts = np.where(with_option[chosen], shifts, UNKNOWN).tolist()
    syn_acks = ((rows.flags[chosen] & (_SYN | _ACK)) == (_SYN | _ACK)).tolist()
    known: dict[int, int] = {}
    changes: list[tuple[int, int, int]] = []

    def change(key: int, row: int, value: int) -> None:
        known[key] = value
        changes.append((key, row, value))

    for row, key, shift, syn_ack in zip(chosen.tolist(), direction[chosen].tolist(), shifts, syn_acks, strict=True):
        if shift != UNKNOWN:
            change(key, row, shift)
        elif known.get(key, UNKNOWN) == UNKNOWN:
            change(key, row, OFF)
            change(key ^ 1, row, OFF)
        if syn_ack and known.get(key ^ 1) == OFF:
            change(key, row, OFF)
    changes.sort(key=lambda item: item[:2])
    table = np.array(changes, np.int64).reshape(-1, 3)
    asked = np.arange(len(direction)) - 1  # what a segment says itself counts from the next one on
    return last_change(table[:, 0], table[:, 1], table[:, 2], direction, asked, UNKNOWN).astype(np.int8)


def _whole_headers(capture: Capture) -> NDArray[np.bool_]:
    """Segments whose header was captured with all its options: the payload begins behind it."""
    return np.asarray(capture.segments.offset > capture.layers.offset[segment_layers(capture)])
