"""Fields of TCP options: ``tcp.options``, ``tcp.option_kind`` and the values of the usual options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import Field
from inspector.analysis.fields.segments import SegmentRows
from inspector.analysis.fields.values import BYTES, NUMBER, Values
from inspector.analysis.fields.window import Window
from inspector.i18n import N_

__all__ = ["TCP_OPTION_FIELDS"]

_END, _NO_OPERATION, _MSS, _WINDOW_SCALE, _SACK, _TIMESTAMPS = 0, 1, 2, 3, 5, 8
_FIXED = 20
"""Bytes before the options."""
_LARGEST_SHIFT = 14
_MODULO = np.int64(1 << 32)


@dataclass(frozen=True, slots=True, eq=False)
class _Options:
    """Options found in a window, m rows, header by header in order.

    Args:
        rows: The segments.
        row: Index into them.
        kind: Of the option.
        length: Of the option with its first two bytes; 1 for those that have only a kind.
        position: Of its first byte, counted as ``Headers.position``.
        captured: Bytes from there on to the header's end that are in the file.
    """

    rows: SegmentRows
    row: NDArray[np.int64]
    kind: NDArray[np.int64]
    length: NDArray[np.int64]
    position: NDArray[np.int64]
    captured: NDArray[np.int64]

    def values(self, mask: NDArray[np.bool_], data: NDArray[Any]) -> Values:
        """A column of the options in ``mask``; ``data`` has one row per option."""
        headers = self.rows.headers
        row = self.row[mask]
        return Values(headers.packet[row], headers.layer[row], data[mask])

    def number(self, mask: NDArray[np.bool_], offset: NDArray[np.int64] | int, size: int) -> NDArray[np.int64]:
        """The number ``offset`` bytes into each option, one row per option; 0 outside the mask."""
        assembled = self.rows.headers.assembled[self.row]
        found = np.zeros(len(self.row), np.int64)
        for index in range(size):
            found = found << 8 | self.rows.window.byte(self.position + offset + index, assembled, mask)
        return found

    def chosen(self, which: NDArray[np.int64]) -> _Options:
        """These options, which may be repeated."""
        columns = (column[which] for column in (self.row, self.kind, self.length, self.position, self.captured))
        return _Options(self.rows, *columns)


@lru_cache(maxsize=1)
def _options(window: Window) -> _Options:
    """Walk the options of all headers side by side: step k reads the k-th option of each.

    An option whose length is impossible, or of which kind and length are not captured, ends its header's walk; behind
    the end of the list only more end marks are read, as tshark does.
    """
    rows = SegmentRows(window)
    headers = rows.headers
    end = rows.header_size
    captured = np.minimum(end, headers.size)
    active = np.flatnonzero(rows.possible & (captured > _FIXED))
    at = np.full(len(active), _FIXED)
    ended = np.zeros(len(active), bool)
    parts: list[tuple[NDArray[np.int64], ...]] = []
    while len(active):
        position, assembled = headers.position[active] + at, headers.assembled[active]
        kind = window.byte(position, assembled, np.ones(len(at), bool)).astype(np.int64)
        single = kind <= _NO_OPERATION
        has_length = ~single & (at + 1 < captured[active])
        length = np.where(single, 1, window.byte(position + 1, assembled, has_length).astype(np.int64))
        good = (single | (length >= 2)) & (at + length <= end[active]) & ~(ended & (kind != _END))
        parts.append((active[good], at[good], kind[good], length[good]))
        ended = (ended | (kind == _END))[good]
        active, at = active[good], (at + length)[good]
        more = at < captured[active]
        active, at, ended = active[more], at[more], ended[more]
    if not parts:
        empty = np.zeros(0, np.int64)
        return _Options(rows, empty, empty, empty, empty, empty)
    row, place, kind, length = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((place, row))
    row, place = row[order], place[order]
    return _Options(rows, row, kind[order], length[order], headers.position[row] + place, captured[row] - place)


def _field(name: str, meaning: str, extract: Callable[[_Options], Values]) -> Field:
    return Field(name, NUMBER, meaning, lambda window: extract(_options(window)))


def _of_option(name: str, meaning: str, kind: int, length: int, offset: int, size: int) -> Field:
    """A number at a fixed place of an option of fixed length."""

    def extract(options: _Options) -> Values:
        mask = (options.kind == kind) & (options.length == length) & (options.captured >= offset + size)
        return options.values(mask, options.number(mask, offset, size))

    return _field(name, meaning, extract)


def _option_bytes(window: Window) -> Values:
    rows = SegmentRows(window)
    data = rows.headers.slices(np.full(len(rows.headers), _FIXED), rows.header_size)
    return rows.headers.values(data, rows.headers.fits(_FIXED) & rows.possible & (rows.header_size > _FIXED))


def _kinds(options: _Options) -> Values:
    return options.values(np.ones(len(options.kind), bool), options.kind)


def _lengths(options: _Options) -> Values:
    return options.values(options.kind > _NO_OPERATION, options.length)


_SCALE_MEANING = N_("Bits by which windows are shifted.")
_WINDOW_SHIFT = _of_option("tcp.options.wscale.shift", _SCALE_MEANING, _WINDOW_SCALE, 3, 2, 1)


def _multiplier(window: Window) -> Values:
    shift = _WINDOW_SHIFT.extract(window)
    return Values(shift.packet, shift.layer, 1 << np.minimum(shift.data, _LARGEST_SHIFT))


def _block_counts(options: _Options) -> NDArray[np.int64]:
    """Blocks in each SACK option (RFC 2018 section 3)."""
    return np.where(_is_sack(options), (options.length - 2) // 8, 0)


def _is_sack(options: _Options) -> NDArray[np.bool_]:
    return np.asarray((options.kind == _SACK) & (options.captured >= options.length))


def _sack_count(options: _Options) -> Values:
    return options.values(_is_sack(options), _block_counts(options))


def _edges(options: _Options, offset: int) -> tuple[_Options, NDArray[np.int64]]:
    """One edge of every block, as sent: the option repeated for each block, and the numbers."""
    counts = _block_counts(options)
    repeated = options.chosen(np.repeat(np.arange(len(counts)), counts))
    rank = np.arange(len(repeated.row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return repeated, repeated.number(np.ones(len(rank), bool), 2 + 8 * rank + offset, 4)


def _relative_edge(offset: int) -> Callable[[_Options], Values]:
    def extract(options: _Options) -> Values:
        repeated, edge = _edges(options, offset)
        window = options.rows.window
        base = window.facts.bases.other[window.segments][repeated.row]
        return repeated.values(np.ones(len(edge), bool), (edge - base) % _MODULO)

    return extract


TCP_OPTION_FIELDS = (
    Field("tcp.options", BYTES, N_("All options."), _option_bytes),
    _field("tcp.option_kind", N_("Kind of each option."), _kinds),
    _field("tcp.option_len", N_("Length of each option that has one."), _lengths),
    _of_option("tcp.options.mss_val", N_("Largest segment the sender can take in."), _MSS, 4, 2, 2),
    _WINDOW_SHIFT,
    Field("tcp.options.wscale.multiplier", NUMBER, N_("What windows are multiplied with."), _multiplier),
    _field("tcp.options.sack.count", N_("Blocks received out of order that are told."), _sack_count),
    _field("tcp.options.sack_le", N_("First number of each block, relative."), _relative_edge(0)),
    _field("tcp.options.sack_re", N_("Number behind each block, relative."), _relative_edge(4)),
    _of_option("tcp.options.timestamp.tsval", N_("The sender's clock."), _TIMESTAMPS, 10, 2, 4),
    _of_option("tcp.options.timestamp.tsecr", N_("The clock value that is echoed."), _TIMESTAMPS, 10, 6, 4),
)
