"""A report within its size: what is left out is counted, the least needed first."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from inspector.errors import UsageError
from inspector.i18n import _
from inspector.report.columns import pack_texts, unpack
from inspector.report.html import render_html
from inspector.report.sections.appendix import left_out_json

__all__ = ["Fitted", "fitted", "fitted_json"]

# Any: JSON.
Json = dict[str, Any]


class Fitted(NamedTuple):
    """A rendered report.

    Args:
        text: As it is written.
        left_out: What was left out for its size, as in the report's ``left_out``.
    """

    text: str
    left_out: list[Json]


def fitted(report: Json, language: str, most_bytes: int) -> Fitted:
    """The HTML of a report, with less in it until it is small enough.

    Args:
        report: As ``build_report`` made it; not changed.
        language: Shown first.
        most_bytes: Size to stay within.

    Raises:
        UsageError: If it does not fit even with only the verdict, the findings and their evidence.
    """
    return _within(report, lambda smaller: render_html(smaller, language), most_bytes)


def fitted_json(report: Json, most_bytes: int, *, indent: int | None = None) -> Fitted:
    """The report as JSON, with less in it until it is small enough; before that its lines are joined.

    Args:
        report: As ``build_report`` made it; not changed.
        most_bytes: Size to stay within.
        indent: Of its lines, where there is room for them; None: all in one line.

    Raises:
        UsageError: As ``fitted``.
    """
    if indent is not None:
        text = json.dumps(report, ensure_ascii=False, indent=indent)
        if _size(text) <= most_bytes:
            return Fitted(text, [])
    return _within(report, lambda smaller: json.dumps(smaller, ensure_ascii=False, separators=(",", ":")), most_bytes)


def _within(report: Json, render: Callable[[Json], str], most_bytes: int) -> Fitted:
    text = render(report)
    if _size(text) <= most_bytes:
        return Fitted(text, [])
    smaller = copy.deepcopy(report)
    for reduce in _STEPS:
        for section in smaller["sections"]:
            reduce(smaller, section)
        smaller["left_out"] = left_out_json(smaller["sections"])
        text = render(smaller)
        if _size(text) <= most_bytes:
            return Fitted(text, [row for row in smaller["left_out"] if row not in report["left_out"]])
    raise UsageError(
        _("the report needs {size} MiB even without its details; allow more with --max-size").format(
            size=f"{_size(text) / 2**20:.1f}"
        )
    )


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _short_texts(_report: Json, section: Json) -> None:
    """Messages keep 200 characters."""
    _cut_texts(section, 200)


def _few_bodies(_report: Json, section: Json) -> None:
    """Exchanges keep their rows; headers and bodies only of the first fifty."""
    rows = section["exchanges"]["rows"]
    for row in rows[50:]:
        row["request"] = row["response"] = None
    section["exchanges"]["detailed"] = min(len(rows), 50)


def _few_views(report: Json, section: Json) -> None:
    """Bytes only of packets that findings point to."""
    evidence = {item["packet"] for finding in report["findings"] for item in finding["evidence"]}
    section["packets"]["views"] = [view for view in section["packets"]["views"] if view["id"] in evidence]


def _half_of_packets(_report: Json, section: Json) -> None:
    table = section["packets"]["table"]
    chunks = -(-max(len(column["chunks"]) for column in table["columns"].values()) // 2) if table["rows"] else 0
    for column in table["columns"].values():
        column["chunks"] = column["chunks"][:chunks]
    table["rows"] = min(table["rows"], chunks * 65_536)


def _no_packets(_report: Json, section: Json) -> None:
    table = section["packets"]["table"]
    table["rows"] = 0
    for column in table["columns"].values():
        column["chunks"] = []


def _no_texts(_report: Json, section: Json) -> None:
    _cut_texts(section, 0)


def _cut_texts(section: Json, most: int) -> None:
    messages = section["websockets"]["messages"]
    texts: list[str | None] = [
        text for chunk in messages["columns"]["text"]["chunks"] for text in json.loads(unpack(chunk))
    ]
    cut = [text[:most] if text is not None and most else None for text in texts]
    messages["columns"]["text"] = pack_texts(cut)
    messages["with_text"] = sum(text is not None for text in cut)


_STEPS: tuple[Callable[[Json, Json], None], ...] = (
    _short_texts,
    _few_bodies,
    _few_views,
    _half_of_packets,
    _no_packets,
    _no_texts,
)
"""What is given up, in this order."""
