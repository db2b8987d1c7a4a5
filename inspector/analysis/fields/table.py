"""Several fields side by side: one row per packet, window by window."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import compress

from inspector.analysis.fields.field import Field
from inspector.analysis.fields.filter import Filter
from inspector.analysis.fields.text import column_of_text, texts
from inspector.analysis.fields.values import BOOLEAN, NUMBER, Values
from inspector.analysis.fields.window import Window, windows
from inspector.recording.capture import Capture

__all__ = ["columns_of_text", "json_rows"]


def columns_of_text(
    capture: Capture, fields: Sequence[Field], chosen: Filter | None = None
) -> Iterator[list[list[str]]]:
    """Columns of text as ``tshark -T fields`` prints them, one list of columns per window.

    Args:
        capture: The recording.
        fields: What to print.
        chosen: Which packets; None for all.
    """
    for window in windows(capture):
        columns = [column_of_text(field.kind, field.extract(window), len(window)) for field in fields]
        if chosen is not None:
            mask = chosen.matches(window).tolist()
            columns = [list(compress(column, mask)) for column in columns]
        yield columns


def json_rows(capture: Capture, fields: Sequence[Field], chosen: Filter | None = None) -> Iterator[str]:
    """One JSON object per packet: under each field's name the list of its occurrences, numbers as numbers."""
    for window in windows(capture):
        mask = None if chosen is None else chosen.matches(window).tolist()
        columns = [_json_column(field, window) for field in fields]
        for row in range(len(window)):
            if mask is None or mask[row]:
                yield json.dumps(
                    {field.name: column[row] for field, column in zip(fields, columns, strict=True)},
                    ensure_ascii=False,
                )


def _json_column(field: Field, window: Window) -> list[list[int | str]]:
    values: Values = field.extract(window)
    as_number = field.kind in (NUMBER, BOOLEAN)
    items = values.data.tolist() if as_number else texts(field.kind, values.data).tolist()
    column: list[list[int | str]] = [[] for _ in range(len(window))]
    for packet, item in zip(values.packet.tolist(), items, strict=True):
        column[packet].append(item)
    return column
