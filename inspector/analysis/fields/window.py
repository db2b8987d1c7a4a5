"""A run of packets of a capture, and their headers as columns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.facts import Facts
from inspector.analysis.fields.values import Values
from inspector.model.tables import ASSEMBLED
from inspector.proto import LayerKind
from inspector.recording.capture import Capture

__all__ = ["Headers", "Window", "windows"]

_WINDOW_PACKETS = 32_768
"""Packets looked at together: the columns of a few dozen fields stay within some tens of megabytes."""
_WINDOW_BYTES = 32 << 20
"""Captured bytes looked at together, because fields such as tcp.payload are as large as the packets."""


class Headers:
    """All headers of one kind in a window, n rows.

    Attributes:
        packet: int64, row within the window.
        layer: int64, row in ``Capture.layers``.
        position: int64, of the first byte in the file, or in the assembled bytes where ``assembled`` is true.
        size: int64, captured bytes from there on that belong to the header and what it carries.
    """

    def __init__(self, window: Window, chosen: NDArray[np.int64]) -> None:
        layers = window.capture.layers
        self._window = window
        self.layer = chosen
        self.packet = window.layer_packet[chosen - window.first_layer]
        offset = layers.offset[chosen].astype(np.int64)
        self.assembled = offset >= ASSEMBLED
        start = window.capture.packets.position[window.first : window.end][self.packet]
        self.position = np.where(self.assembled, offset - ASSEMBLED, start + offset)
        self.size = layers.size[chosen].astype(np.int64)

    def __len__(self) -> int:
        return len(self.layer)

    def values(self, data: NDArray[Any], present: NDArray[np.bool_] | None = None) -> Values:
        """``data`` (one row per header) as a column; only where ``present`` when given."""
        column = Values(self.packet, self.layer, data)
        return column if present is None else column.where(present)

    def fits(self, size: int) -> NDArray[np.bool_]:
        """Where the first ``size`` bytes of the header were captured."""
        return self.size >= size

    def number(self, bit: int, bits: int) -> NDArray[np.uint64]:
        """The number in ``bits`` (at most 57) bits from ``bit`` on; 0 where they were not captured."""
        first, last = bit // 8, (bit + bits - 1) // 8
        at = self.position + first
        total = np.zeros(len(self), np.uint64)
        for byte in range(last - first + 1):
            total = total << np.uint64(8) | self.byte(at + byte, self.size > first + byte)
        total >>= np.uint64((last + 1) * 8 - bit - bits)
        return total & np.uint64((1 << bits) - 1)

    def matrix(self, first: int, count: int) -> NDArray[np.uint8]:
        """``count`` bytes from byte ``first`` on, shape (n, count); 0 where they were not captured."""
        columns = [self.byte(self.position + i, self.size > i) for i in range(first, first + count)]
        return np.stack(columns, axis=1).astype(np.uint8)

    def slices(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.object_]:
        """The bytes ``start`` to ``end`` of each header, counted from its first; never more than were captured."""
        first = self.position + start
        last = self.position + np.clip(end, start, np.maximum(self.size, start))
        file, assembled = self._window.capture.source.data, self._window.capture.assembled
        column = np.empty(len(self), object)
        column[:] = [
            (assembled if inside else file)[a:b]
            for a, b, inside in zip(first.tolist(), last.tolist(), self.assembled.tolist(), strict=True)
        ]
        return column

    def byte(self, position: NDArray[np.int64], inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """One byte per header, at ``position`` (counted as ``self.position``); 0 where not ``inside``."""
        return self._window.byte(position, self.assembled, inside)


class Window:
    """Packets ``first`` to ``end`` (rows) of a capture.

    Args:
        capture: The recording.
        facts: Facts about the whole of it.
        first, end: Rows of ``capture.packets``.
    """

    def __init__(self, capture: Capture, facts: Facts, first: int, end: int) -> None:
        self.capture = capture
        self.facts = facts
        self.first = first
        self.end = end
        self._headers: dict[int, Headers] = {}
        packets = capture.packets
        self.first_layer = int(packets.layer_start[first]) if first < end else 0
        self.layer_packet = np.repeat(np.arange(end - first), packets.layer_count[first:end])

    def __len__(self) -> int:
        return self.end - self.first

    @cached_property
    def data(self) -> NDArray[np.uint8]:
        """The file's bytes."""
        return np.frombuffer(self.capture.source.data, np.uint8)

    @cached_property
    def assembled(self) -> NDArray[np.uint8]:
        """The bytes put together from fragments."""
        return np.frombuffer(self.capture.assembled, np.uint8)

    def byte(
        self, position: NDArray[np.int64], assembled: NDArray[np.bool_], inside: NDArray[np.bool_]
    ) -> NDArray[np.uint8]:
        """The bytes at positions of the file, or of the assembled bytes where ``assembled``; 0 where not ``inside``."""
        if not assembled.any() and inside.all():
            return self.data[position]
        found = np.zeros(len(position), np.uint8)
        for mask, data in ((inside & ~assembled, self.data), (inside & assembled, self.assembled)):
            found[mask] = data[position[mask]]
        return found

    def headers(self, kind: LayerKind) -> Headers:
        """The headers of one kind."""
        if kind not in self._headers:
            kinds = self.capture.layers.kind[self.first_layer : self.first_layer + len(self.layer_packet)]
            self._headers[kind] = Headers(self, np.flatnonzero(kinds == kind) + self.first_layer)
        return self._headers[kind]

    def per_packet(self, data: NDArray[Any], present: NDArray[np.bool_] | None = None) -> Values:
        """A column with one value per packet; only where ``present`` when given."""
        rows = np.arange(len(self))
        column = Values(rows, rows, data)
        return column if present is None else column.where(present)

    def rows_of(self, packet: NDArray[np.uint32]) -> slice:
        """The rows of a table (sorted by its ``packet`` column) that belong to this window."""
        first, end = np.searchsorted(packet, [self.first, self.end])
        return slice(int(first), int(end))

    @cached_property
    def segments(self) -> slice:
        """Rows of ``Capture.segments``: one for each row of ``headers(LayerKind.TCP)``, in the same order."""
        return self.rows_of(self.capture.segments.packet)

    @cached_property
    def datagrams(self) -> slice:
        """Rows of ``Capture.datagrams``: one for each row of ``headers(LayerKind.UDP)``, in the same order."""
        return self.rows_of(self.capture.datagrams.packet)


def windows(capture: Capture) -> Iterator[Window]:
    """Go through a capture in windows of bounded size."""
    facts = Facts(capture)
    total = len(capture.packets)
    first = 0
    while first < total:
        sizes = np.cumsum(capture.packets.captured[first : first + _WINDOW_PACKETS], dtype=np.int64)
        end = first + max(1, int(np.searchsorted(sizes, _WINDOW_BYTES, side="right")))
        yield Window(capture, facts, first, end)
        first = end
