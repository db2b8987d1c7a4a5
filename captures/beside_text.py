"""Wireshark's tree beside our fields, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from captures.beside import Json
from inspector.i18n import _
from inspector.report.clean import clean
from inspector.report.hex_view import FieldMark, hex_lines

__all__ = ["render_beside"]

_PLACE = 12
"""Columns for the byte range."""
_NARROWEST = 40
"""Columns of the tree at least."""
_STYLES = ("bright_cyan", "bright_yellow", "bright_green", "bright_magenta", "bright_blue", "bright_red")
_SEVERE = {"warning": "yellow", "error": "bold red", "note": "cyan", "chat": "", "comment": "green"}


def render_beside(both: Json, width: int) -> list[Text]:
    """Render what ``build_beside`` made as lines of at most ``width`` columns (bytes need 74)."""
    packet, wireshark = both["packet"], both["wireshark"]
    title = _("Packet {number} of {count}").format(number=packet["number"], count=packet["packets"])
    by = _("Wireshark {version} through {way}").format(version=wireshark["version"], way=wireshark["way"])
    lines = [Text.assemble((title, "bold"), f"   {by}")]
    if not wireshark["tried"]:
        lines.append(Text(_("This version of Wireshark is not one that our tests were run with."), "yellow"))
    fields = {field["number"]: field for field in both["fields"]}
    style = {number: _STYLES[index % len(_STYLES)] for index, number in enumerate(fields)}
    left = max((width - _PLACE) * 3 // 5, _NARROWEST)
    lines += [Text(), _head(width, left)]
    for layer in wireshark["tree"]:
        for depth, line in _walk(layer, 0):
            lines += _row(line, depth, fields, style, left, width)
    unseen = [field for field in fields.values() if not field["wireshark"] and field["filter"] != "frame"]
    lines += _only_ours(unseen, style)
    lines += _bytes(both, style)
    return lines


def _head(width: int, left: int) -> Text:
    text = Text.assemble((_fit(_("bytes"), _PLACE), "dim"), (_fit(_("Wireshark"), left), "bold"))
    return text.append(_("Inspector"), "bold") if width > _PLACE + left else text


def _walk(line: Json, depth: int) -> Iterator[tuple[int, Json]]:
    yield depth, line
    for item in line["items"]:
        yield from _walk(item, depth + 1)


def _row(line: Json, depth: int, fields: dict[int, Json], style: dict[int, str], left: int, width: int) -> list[Text]:
    ours = [fields[number] for number in line["ours"]]
    colour = style[ours[0]["number"]] if ours else ""
    label = "  " * depth + clean(line["label"] or line["name"])
    emphasis = "bold" if not depth else _SEVERE.get(line["severity"] or "", "")
    first = Text.assemble((_fit(_place(line), _PLACE), colour or "dim"))
    right = "  ".join(f"{field['number']} {field['title']}: {clean(field['text'])}" for field in ours)
    if not right:
        return [first.append(_cut(label, width - _PLACE), emphasis)]
    first.append(_fit(_cut(label, left - 1), left), emphasis)
    return [first.append(_cut(right, max(width - _PLACE - left, 10)), colour)]


def _place(line: Json) -> str:
    """The bytes of a line; those that are not the packet's own are marked with the number of their source."""
    if line["range"] is None:
        return ""
    source, start, size = line["range"]
    text = str(start) if size == 1 else f"{start}–{start + size - 1}"
    return text if source == 0 else (f"?:{text}" if source < 0 else f"{source}:{text}")


def _only_ours(unseen: list[Json], style: dict[int, str]) -> list[Text]:
    if not unseen:
        return []
    lines = [Text(), Text(_("Fields of ours that Wireshark has no line for"), "bold")]
    for field in unseen:
        text = f"{field['number']:>4} {field['title']}: {clean(field['text'])}"
        lines.append(Text(text, style[field["number"]]))
    return lines


def _bytes(both: Json, style: dict[int, str]) -> list[Text]:
    """The packet's bytes with our field numbers, then what Wireshark made of them and we have not got."""
    packet = both["packet"]
    leaves = [field for field in both["fields"] if field["space"] == "packet"]
    marks = [
        FieldMark(field["number"], "packet", field["bits"][0], field["bits"][1], style[field["number"]])
        for field in leaves
    ]
    # Groups share their bytes with their parts, which say more.
    marks = [
        mark
        for mark in marks
        if not any(
            other is not mark
            and mark.start <= other.start
            and other.start + other.bits <= mark.start + mark.bits
            and other.number > mark.number
            for other in marks
        )
    ]
    payload = packet["payload"]
    data = bytes.fromhex(packet["bytes"])
    end = payload["range"][0] if payload["space"] == "packet" else len(data)
    lines = [Text(), Text(_("Bytes of the packet"), "bold"), *hex_lines(data, marks, end)]
    for index, source in enumerate(both["wireshark"]["sources"]):
        if index:
            name = _("Bytes {number}: {name}").format(number=index, name=clean(source["name"]))
            same = _(" (the same as ours)") if source["space"] else ""
            lines += [Text(), Text(name + same, "bold")]
        if index and source["bytes"]:
            lines += hex_lines(bytes.fromhex(source["bytes"]), [], 0)
    return lines


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, max(width - 1, 0)) + "…"


def _fit(text: str, width: int) -> str:
    return text + " " if cell_len(text) >= width else set_cell_size(text, width)
