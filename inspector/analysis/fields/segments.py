"""What the fields of TCP share: which segments tshark shows a field for, and fields made from tables by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import Field
from inspector.analysis.fields.values import Kind, Values
from inspector.analysis.fields.window import Headers, Window
from inspector.model.tables import SEGMENT_BAD_HEADER, SEGMENT_QUOTED, SEGMENT_SHORT
from inspector.proto import LayerKind

__all__ = ["SegmentRows", "of_header", "of_segment"]


_UP_TO_WINDOW = 16


@dataclass(frozen=True)
class SegmentRows:
    """The segments of a window, n rows, with what decides how far tshark dissects them.

    Args:
        window: The window.
    """

    window: Window

    @property
    def headers(self) -> Headers:
        """Their TCP headers."""
        return self.window.headers(LayerKind.TCP)

    def column(self, name: str) -> NDArray[Any]:
        """A column of ``Capture.segments``."""
        column: NDArray[Any] = getattr(self.window.capture.segments, name)
        return column[self.window.segments]

    @cached_property
    def header_size(self) -> NDArray[np.int64]:
        """The header's length in bytes by its data offset."""
        return self.headers.number(96, 4).astype(np.int64) * 4

    def marked(self, mark: int) -> NDArray[np.bool_]:
        """Which rows have a bit of ``Segments.marks``."""
        return np.asarray((self.column("marks") & mark) != 0)

    @cached_property
    def read(self) -> NDArray[np.bool_]:
        """Enough is captured for tshark to go on behind the ports: up to the window."""
        return self.headers.fits(_UP_TO_WINDOW)

    @cached_property
    def possible(self) -> NDArray[np.bool_]:
        """The data offset is at least 5; otherwise tshark stops there."""
        return ~self.marked(SEGMENT_BAD_HEADER)

    @cached_property
    def short(self) -> NDArray[np.bool_]:
        """The data offset points beyond the datagram."""
        return self.marked(SEGMENT_SHORT) & self.possible

    @cached_property
    def whole(self) -> NDArray[np.bool_]:
        """The header is captured with all its options."""
        return self.possible & ~self.short & (self.headers.size >= self.header_size)

    @cached_property
    def in_icmp_error(self) -> NDArray[np.bool_]:
        """Quoted in an ICMP (not ICMPv6) error."""
        errors = self.window.headers(LayerKind.ICMP).packet
        return self.marked(SEGMENT_QUOTED) & np.isin(self.headers.packet, errors)

    @cached_property
    def relative(self) -> NDArray[np.bool_]:
        """Numbers are shown relative to the connection's first: neither short nor quoted in an ICMP error."""
        return ~self.marked(SEGMENT_QUOTED) & ~self.short

    @cached_property
    def ordinary(self) -> NDArray[np.bool_]:
        """Nothing above is in the way."""
        return self.relative & self.possible


def of_segment(
    name: str,
    kind: Kind,
    meaning: str,
    column: Callable[[SegmentRows], NDArray[Any]],
    only: Callable[[SegmentRows], NDArray[np.bool_]] | None = None,
) -> Field:
    """A field of every segment that is captured up to the window.

    Args:
        name, kind, meaning: As in ``Field``.
        column: Its values, one per row.
        only: For which of these rows it is printed; None for all.
    """
    return of_header(name, kind, meaning, column, lambda rows: rows.read if only is None else rows.read & only(rows))


def of_header(
    name: str,
    kind: Kind,
    meaning: str,
    column: Callable[[SegmentRows], NDArray[Any]],
    only: Callable[[SegmentRows], NDArray[np.bool_]],
) -> Field:
    """A field with one value per TCP header, however much of it is captured; arguments as in ``of_segment``."""

    def extract(window: Window) -> Values:
        rows = SegmentRows(window)
        return rows.headers.values(column(rows), only(rows))

    return Field(name, kind, meaning, extract)
