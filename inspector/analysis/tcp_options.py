"""The TCP options of every segment as columns: MSS, window scale, SACK, timestamps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from inspector.analysis import option_walk
from inspector.analysis.once import once_per_capture
from inspector.recording.capture import Capture
from inspector.recording.growing import view

__all__ = ["Present", "TcpOptions", "tcp_options"]


class Present(IntFlag):
    """Bits of ``TcpOptions.present``."""

    MSS = option_walk.HAS_MSS
    WINDOW_SCALE = option_walk.HAS_WINDOW_SCALE
    SACK_PERMITTED = option_walk.HAS_SACK_PERMITTED
    SACK = option_walk.HAS_SACK
    TIMESTAMPS = option_walk.HAS_TIMESTAMPS
    MALFORMED = option_walk.MALFORMED
    """An option is cut or has an impossible length; it and what follows it are left out."""
    ACCURATE_ECN = option_walk.HAS_ACCURATE_ECN
    """Either order of the accurate ECN option (RFC 9768 section 3.2.3)."""


@dataclass(frozen=True, slots=True, eq=False)
class TcpOptions:
    """Options by segment: row ``i`` is row ``i`` of ``Capture.segments``. A value counts only where its bit is present.

    Columns: ``present`` (``Present``); ``mss`` bytes; ``window_scale`` shift as sent; ``tsval``, ``tsecr`` raw clock
    ticks; ``sack_start``, ``sack_count``: the segment's rows in the block columns ``sack_left`` and ``sack_right``
    (sequence numbers as sent, half open).
    """

    present: NDArray[np.uint8]
    mss: NDArray[np.uint16]
    window_scale: NDArray[np.uint8]
    tsval: NDArray[np.uint32]
    tsecr: NDArray[np.uint32]
    sack_start: NDArray[np.uint32]
    sack_count: NDArray[np.uint8]
    sack_left: NDArray[np.uint32]
    sack_right: NDArray[np.uint32]

    def blocks(self, row: int) -> list[tuple[int, int]]:
        """The SACK blocks of a segment, as sent."""
        start = int(self.sack_start[row])
        end = start + int(self.sack_count[row])
        pairs = zip(self.sack_left[start:end], self.sack_right[start:end], strict=True)
        return [(int(left), int(right)) for left, right in pairs]


@once_per_capture
def tcp_options(capture: Capture) -> TcpOptions:
    """Read the options of every TCP header; done once per capture."""
    rows = len(capture.segments)
    columns: dict[str, NDArray[np.unsignedinteger]] = {
        "present": np.zeros(rows, np.uint8),
        "mss": np.zeros(rows, np.uint16),
        "window_scale": np.zeros(rows, np.uint8),
        "tsval": np.zeros(rows, np.uint32),
        "tsecr": np.zeros(rows, np.uint32),
        "sack_start": np.zeros(rows, np.uint32),
        "sack_count": np.zeros(rows, np.uint8),
    }
    layers = capture.layers
    left, right = option_walk.walk_options(
        memoryview(capture.source.data),
        memoryview(capture.assembled),
        view(capture.packets.position),
        view(capture.segments.packet),
        view(layers.kind),
        view(layers.offset),
        view(layers.size),
        {name: view(column) for name, column in columns.items()},
    )
    return TcpOptions(**columns, sack_left=left, sack_right=right)
