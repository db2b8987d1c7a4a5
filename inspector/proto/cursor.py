"""Reads the variable part of a header, field by field, into spans; what does not fit becomes a marked span."""

from __future__ import annotations

from dataclasses import replace

from inspector.i18n import N_
from inspector.proto.field import Field, Show, Span
from inspector.refs import Ref

__all__ = ["Cursor", "broken"]


def broken(ref: Ref, meaning: str) -> Field:
    """The field shown in place of bytes that break the rules of ``ref``.

    Args:
        ref: The section that is broken.
        meaning: What is wrong, in plain words (translatable).
    """
    return Field("malformed", 0, N_("Malformed"), meaning, ref, None, Show.BYTES)


class Cursor:
    """A place in a header's bytes that moves forward as fields are read.

    Args:
        data: Bytes from the header's first on.
        at: First byte to read.
        end: Byte behind the last to read; at most the length of ``data`` counts.
    """

    def __init__(self, data: bytes, at: int, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else min(end, len(data))
        self.spans: list[Span] = []

    @property
    def left(self) -> int:
        """Bytes between the cursor and the end."""
        return max(self.end - self.at, 0)

    def peek(self, ahead: int = 0) -> int:
        """The byte ``ahead`` of the cursor; 0 behind the end."""
        return self.data[self.at + ahead] if self.at + ahead < self.end else 0

    def take(self, *fields: Field) -> int:
        """Read fields that together fill whole bytes.

        Returns:
            The value of the last; 0 where they do not fit (nothing is read then).
        """
        size = sum(item.bits for item in fields) // 8
        if size > self.left:
            return 0
        bit = self.at * 8
        value = 0
        for item in fields:
            span = Span.read(item, self.data, bit)
            if span is not None:
                self.spans.append(span)
                value = span.value
            bit += item.bits
        self.at += size
        return value

    def take_bytes(self, item: Field, size: int, anomaly: str = "") -> None:
        """Read a field of ``size`` bytes, or what is left of it; nothing when that is nothing."""
        size = min(size, self.left)
        span = Span.read(item, self.data, self.at * 8, size * 8, anomaly) if size > 0 else None
        if span is not None:
            self.spans.append(span)
            self.at += size

    def group(self, item: Field, size: int, inner: Cursor, anomaly: str = "") -> None:
        """Add one span of ``size`` bytes whose children are the spans of ``inner``."""
        size = min(size, self.left)
        span = Span.read(item, self.data, self.at * 8, size * 8, anomaly) if size > 0 else None
        if span is not None:
            self.spans.append(replace(span, children=tuple(inner.spans)))
            self.at += size
