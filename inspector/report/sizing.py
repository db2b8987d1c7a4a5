"""A report within its size: what is left out is counted, the least needed first."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from inspector.errors import UsageError
from inspector.i18n import _
from inspector.report.columns import pack_texts, unpack
from inspector.report.html import render_html
from inspector.report.sections.appendix import left_out_json

__all__ = ["fitted"]

# Any: JSON.
Json = dict[str, Any]


def fitted(report: Json, language: str, most_bytes: int) -> str:
    """The HTML of a report, with less in it until it is small enough.

    Args:
        report: As ``build_report`` made it; not changed.
        language: Shown first.
        most_bytes: Size to stay within.

    Raises:
        UsageError: If it does not fit even with only the verdict, the findings and their evidence.
    """
    page = render_html(report, language)
    if len(page.encode("utf-8", "replace")) <= most_bytes:
        return page
    smaller = copy.deepcopy(report)
    for reduce in _STEPS:
        for section in smaller["sections"]:
            reduce(smaller, section)
        smaller["left_out"] = left_out_json(smaller["sections"])
        page = render_html(smaller, language)
        if len(page.encode("utf-8", "replace")) <= most_bytes:
            return page
    raise UsageError(
        _("the report needs {size} MiB even without its details; allow more with --max-size").format(
            size=f"{len(page) / 2**20:.1f}"
        )
    )


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
    import json

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
