"""A connection as the turns its two sides took: both streams interleaved in the order in which they could be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inspector.recording.streams import Stream

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Turn", "take_turns"]

_TURN_BYTES = 1 << 20
"""Longer turns come in parts of about this size."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Bytes that one side sent before the other did, or a gap in them.

    Args:
        side: Index of the stream in what was given to ``take_turns``.
        start, end: Positions in that stream.
        data: The bytes; None for bytes that were never captured.
        packet: Number of the packet that carried the first byte; None for a gap.
        time_ns: When that packet was seen; None for a gap.
    """

    side: int
    start: int
    end: int
    data: bytes | None
    packet: int | None
    time_ns: int | None


def take_turns(capture: Capture, streams: list[Stream]) -> Iterator[Turn]:
    """Interleave streams by time; within each, bytes stay in stream order, late ones wait for those before them."""
    side = np.concatenate([np.full(len(stream.start), index) for index, stream in enumerate(streams)])
    row = np.concatenate([np.arange(len(stream.start)) for stream in streams])
    readable = np.concatenate([np.maximum.accumulate(stream.packet) for stream in streams])
    start = np.concatenate([stream.start for stream in streams])
    size = np.concatenate([stream.size.astype(np.int64) for stream in streams])
    order = np.argsort(readable, kind="stable")
    side, row, start, size = side[order], row[order], start[order], size[order]
    part = np.cumsum(size) // _TURN_BYTES
    new = np.ones(len(order), np.bool_)
    new[1:] = (side[1:] != side[:-1]) | (start[1:] != start[:-1] + size[:-1]) | (part[1:] != part[:-1])
    edges = np.append(np.flatnonzero(new), len(order))
    reached = [0] * len(streams)
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        index, begin = int(side[first]), int(row[first])
        stream = streams[index]
        at = int(start[first])
        if at > reached[index]:
            yield Turn(index, reached[index], at, None, None, None)
        data = stream.join(begin, begin + last - first)
        reached[index] = at + len(data)
        packet = int(stream.packet[begin])
        yield Turn(index, at, reached[index], data, packet + 1, int(capture.packets.time_ns[packet]))
    for index, stream in enumerate(streams):
        if stream.end > reached[index]:
            yield Turn(index, reached[index], stream.end, None, None, None)
