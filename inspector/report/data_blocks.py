"""The data of an HTML report: the whole JSON, cut into blocks that the page decodes when it shows them."""

from __future__ import annotations

import json
import re
from typing import Any

from inspector.errors import UsageError
from inspector.i18n import _
from inspector.report.columns import pack, pack_texts, unpack

__all__ = ["blocks_of", "report_of"]

_PACKED = (("packets", "views", 24, "number"), ("websockets", "details", 24, "id"), ("exchanges", "rows", 48, "id"))
"""Long lists of records: how many go into a block, and what names one."""
_BLOCK = re.compile(r'<script type="application/octet-stream" id="d-(report|\d+)">([A-Za-z0-9+/=]*)</script>')

# Any: JSON.
Json = dict[str, Any]


def blocks_of(report: Json) -> tuple[str, list[str]]:
    """Cut a report into blocks.

    Returns:
        The report without its long lists, packed, and the blocks that it names by number.
    """
    blocks: list[str] = []

    def keep(column: Json) -> Json:
        numbers = []
        for chunk in column["chunks"]:
            numbers.append(len(blocks))
            blocks.append(chunk)
        return {**column, "chunks": numbers}

    core = {**report, "sections": [_cut(section, keep) for section in report["sections"]]}
    return pack(json.dumps(core, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")), blocks


# Any: a function from column to column.
def _cut(section: Json, keep: Any) -> Json:
    cut: Json = {name: value if isinstance(value, list) else dict(value) for name, value in section.items()}
    for part, name, rows, key in _PACKED:
        items = cut[part][name]
        keys = [row[key] for row in items]
        cut[part][name] = {"count": len(items), "keys": keys, **keep(pack_texts(items, rows))}
    for table in _tables(cut):
        table["columns"] = {name: keep(column) for name, column in table["columns"].items()}
    return cut


def _tables(section: Json) -> list[Json]:
    """The tables of columns in a section, copied so that they can be changed."""
    section["packets"]["table"] = dict(section["packets"]["table"])
    section["websockets"]["messages"] = dict(section["websockets"]["messages"])
    return [section["packets"]["table"], section["websockets"]["messages"]]


def report_of(page: str) -> Json:
    """The JSON out of an HTML report, whole.

    Raises:
        UsageError: If the page is no report.
    """
    found = dict(_BLOCK.findall(page))
    if "report" not in found:
        raise UsageError(_("there is no report in this file; expected HTML as written by inspector report"))
    report: Json = json.loads(unpack(found["report"]))
    for section in report["sections"]:
        for part, name, _rows, _key in _PACKED:
            packed = section[part][name]
            section[part][name] = [row for n in packed["chunks"] for row in json.loads(unpack(found[str(n)]))]
        for table in _tables(section):
            for column in table["columns"].values():
                column["chunks"] = [found[str(n)] for n in column["chunks"]]
    return report
