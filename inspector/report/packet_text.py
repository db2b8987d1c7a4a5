"""One packet for the terminal: boxes in boxes, every field in words, and the bytes with their fields marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from inspector.i18n import N_, _
from inspector.report.bit_diagram import bit_diagrams
from inspector.report.clean import clean
from inspector.report.hex_view import FieldMark, hex_lines

__all__ = ["render_packet"]

_LAYER_STYLES = ("cyan", "green", "yellow", "magenta", "blue", "bright_red")
"""Colour of each layer's box and title, in turn."""
_FIELD_STYLES = ("bright_cyan", "bright_yellow", "bright_green", "bright_magenta", "bright_blue", "bright_red")
"""Colour of each field, in turn, so that neighbours differ; the numbers say the same without colour."""

_ONE_LINE_WIDTH = 118
"""Columns from which on a field's meaning stands beside its value instead of below."""
_NARROWEST_BOX = 44
"""Columns of the innermost box; deeper layers follow one another in it."""
_STAY = "\ue000"
"""Stands for a space at which a line must not be parted (wrapping takes a no-break space for a space)."""
_ROW = 16
"""Bytes of a payload that is no text shown in its box."""
_UNMASK_SHOWN = 12
"""Bytes of a masked payload that are unmasked step by step."""
_ELSEWHERE = {"reassembled": N_("reassembled"), "decrypted": N_("decrypted")}
"""Spaces of bytes that are not the packet's own, as a box's title names them."""

# Any: JSON.
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a field table."""

    number: int
    depth: int
    field: Json
    style: str


def render_packet(packet: Json, width: int, *, bits: bool = False, learn: bool = False) -> list[Text]:
    """Render a packet (see ``inspector.report.packet``) as lines of at most ``width`` columns.

    Args:
        packet: From ``build_packet``.
        width: Columns; bytes and bit diagrams need 74, whatever is given.
        bits: Draw bit diagrams instead of the field tables.
        learn: Explain more, and name Wireshark's filters.
    """
    lines = [line for text in _heading(packet, learn) for line in _wrap(text, width)]
    lines += [Text(), *_boxes(packet, width)]
    tables = _tables(packet)
    for index, rows in enumerate(tables):
        layer = packet["layers"][index]
        if not rows:
            continue
        lines += [Text(), *_layer_heading(layer, index, width, learn)]
        if bits:
            lines += [*bit_diagrams(layer, width), *(line for text in _verdicts(layer) for line in _wrap(text, width))]
        else:
            for row in rows:
                lines += _field_lines(row, layer, width, learn)
        lines += _after_fields(packet, layer, width)
    marks = [
        FieldMark(row.number, layer["space"], row.field["bits"][0], row.field["bits"][1], row.style)
        for layer, rows in zip(packet["layers"], tables, strict=True)
        for row in rows
        if not row.field["fields"]
    ]
    payload = packet["payload"]
    for space, title, data in _spaces(packet):
        lines += [Text(), Text(title, "bold")]
        headers_end = payload["range"][0] if payload["space"] == space else len(data)
        lines += hex_lines(data, [mark for mark in marks if mark.space == space], headers_end)
    return lines


def _heading(packet: Json, learn: bool) -> list[Text]:
    size = _("{count} bytes").format(count=packet["wire_bytes"])
    if packet["captured_bytes"] < packet["wire_bytes"]:
        size = _("{captured} of {count} bytes captured").format(
            captured=packet["captured_bytes"], count=packet["wire_bytes"]
        )
    title = _("Packet {number} of {count}").format(number=packet["number"], count=packet["packets"])
    lines = [Text.assemble((title, "bold"), f"   {clean(PurePath(packet['capture']).name)}   {_when(packet)}   {size}")]
    connection = packet["connection"]
    if connection is not None:
        way = {
            "client_to_server": _("client → server"),
            "server_to_client": _("server → client"),
            None: _("direction unknown: no handshake seen"),
        }[connection["direction"]]
        lines.append(Text(_("Connection {number}, {way}").format(number=connection["number"], way=way)))
    lines.append(Text(_overhead(packet)))
    for comment in packet["comments"]:
        title = _("Comment: ")
        rows = [clean(row) for row in comment.splitlines()] or [""]
        lines.append(Text.assemble((title, "bold"), rows[0]))
        lines += [Text(" " * cell_len(title) + row) for row in rows[1:]]
    if learn:
        lines.append(
            Text(
                _(
                    "Each box is a header; what it carries stands inside it. Wireshark shows this packet with the"
                    " filter frame.number == {number}."
                ).format(number=packet["number"]),
                "dim",
            )
        )
    return lines


def _when(packet: Json) -> str:
    """The time of capture, to the microsecond or, where that says more, to the nanosecond."""
    if packet["time_ns"] is None:
        return _("time not recorded")
    second, rest = divmod(packet["time_ns"], 10**9)
    fraction = f"{rest // 1000:06d}" if rest % 1000 == 0 else f"{rest:09d}"
    return datetime.fromtimestamp(second, UTC).strftime(f"%Y-%m-%d %H:%M:%S.{fraction} UTC")


def _overhead(packet: Json) -> str:
    total, overhead = packet["captured_bytes"], packet["overhead_bytes"]
    if not total:
        return _("no bytes captured")
    return _("{headers} bytes of headers + {payload} bytes of payload = {total} bytes ({percent} % overhead)").format(
        headers=overhead, payload=total - overhead, total=total, percent=round(100 * overhead / total)
    )


# --- boxes in boxes ----------------------------------------------------------------------------------------------


def _boxes(packet: Json, width: int) -> list[Text]:
    layers = packet["layers"]
    depth_limit = max((width - _NARROWEST_BOX) // 4, 1)
    in_stream = sum(1 for layer in layers if layer["name"] in ("websocket", "tls_record"))
    nested = layers[: len(layers) - in_stream]
    inner: list[Text] = []
    depth = min(len(nested), depth_limit)
    for layer_index in range(len(nested), len(layers)):
        inner += _box(layers[layer_index], layer_index, width - 4 * depth, [])
    if not in_stream:
        room = width - 4 * depth
        inner += _payload_box(packet, room) if not nested or nested[-1]["osi_layer"] else _payload_lines(packet, room)
    for index in range(len(nested) - 1, -1, -1):
        level = min(index, depth_limit - 1)
        if index >= depth_limit:
            inner = _box(nested[index], index, width - 4 * depth_limit, []) + inner
        else:
            inner = _box(nested[index], index, width - 4 * level, inner)
    trailer = packet["trailer"]["range"]
    if trailer[1]:
        text = _("{bytes}: behind the packet, e.g. padding or a check sequence")
        inner += _wrap(Text("  " + text.format(bytes=_byte_range(*trailer)), "dim"), width)
    return inner


def _box(layer: Json, index: int, width: int, inner: list[Text]) -> list[Text]:
    style = _LAYER_STYLES[index % len(_LAYER_STYLES)]
    title = f" {layer['title']} "
    if layer["quoted"]:
        title = f" {layer['title']} · {_('quoted')} "
    if layer["space"] in _ELSEWHERE:
        title = f" {layer['title']} · {_(_ELSEWHERE[layer['space']])} "
    where = f" {_byte_range(*layer['range'])} "
    model = f" {_model(layer)} " if layer["osi_layer"] else ""
    if cell_len(title) + cell_len(model) + cell_len(where) + 8 > width:
        title = f" {layer['short']} "
    lines = [_edge("╭─", title, model, where, "─╮", width, style)]
    content = [line for line in (layer["summary"], _checksum_line(layer), layer["link"]) if line]
    if layer["unmasked"] and _is_text(bytes.fromhex(layer["unmasked"])):
        content.append(_("unmasked: {text}").format(text=_preview(bytes.fromhex(layer["unmasked"]), width)))
    for line in content:
        lines += _framed(Text(clean(line)), width, style)
    for line_text in inner:
        lines += _framed(line_text, width, style)
    lines.append(Text("╰" + "─" * (width - 2) + "╯", style))
    return lines


def _payload_box(packet: Json, width: int) -> list[Text]:
    start, size = packet["payload"]["range"]
    if not size:
        return []
    where = f" {_byte_range(start, size)} "
    lines = [_edge("┌╌", f" {_('Payload')} ", "", where, "╌┐", width, "", "╌")]
    for line in _payload_lines(packet, width):
        lines += _framed(line, width, "")
    lines.append(Text("└" + "╌" * (width - 2) + "┘"))
    return lines


def _payload_lines(packet: Json, width: int) -> list[Text]:
    """The payload's beginning: as text where it is text, else in hexadecimal."""
    start, size = packet["payload"]["range"]
    space = packet["bytes"] if packet["payload"]["space"] == "packet" else packet["spaces"]["reassembled"]
    data = bytes.fromhex(space)[start : start + size]
    if not data:
        return []
    return [Text(_preview(data, width) if _is_text(data) else data[:_ROW].hex(" ") + (" …" if size > _ROW else ""))]


def _is_text(data: bytes) -> bool:
    """Whether a payload's beginning reads as text."""
    start = data[:64].decode("utf-8", "replace")
    odd = sum(not (character.isprintable() or character in "\r\n\t") or character == "\ufffd" for character in start)
    return odd * 8 <= len(start)


def _preview(data: bytes, width: int) -> str:
    """The first line of a payload as text, cleaned, as long as the box has room."""
    text = clean(data[: 4 * width].decode("utf-8", "replace").split("\n")[0].rstrip("\r"))
    return set_cell_size(text, max(width - 16, 8)).rstrip() if cell_len(text) > width - 16 else text


def _edge(left: str, title: str, model: str, where: str, right: str, width: int, style: str, line: str = "─") -> Text:
    """The upper edge of a box, with its title in bold."""
    room = width - cell_len(left) - cell_len(right)
    title = title if cell_len(title) <= room else set_cell_size(title, max(room, 0))
    room -= cell_len(title)
    model = model if cell_len(model) + 2 <= room else ""
    where = where if cell_len(model) + cell_len(where) + 2 <= room else ""
    fill = max(room - cell_len(model) - cell_len(where), 0)
    first = 1 if model and fill else 0
    return Text.assemble(
        (left, style), (title, f"bold {style}".strip()), (line * first, style), (model, "dim"),
        (line * (fill - first), style), (where, style), (right, style),
    )  # fmt: skip


def _framed(content: Text, width: int, style: str) -> list[Text]:
    """A line between the two sides of a box, wrapped where it is too long."""
    room = max(width - 4, 1)
    return [
        Text.assemble(("│ ", style), piece, " " * (room - piece.cell_len), (" │", style))
        for piece in _wrap(content, room)
    ]


def _model(layer: Json) -> str:
    # Whole sentences: a word alone, such as application, may have to be another one elsewhere.
    sentences = {
        1: _("TCP/IP 1 link · OSI {osi}"),
        2: _("TCP/IP 2 internet · OSI {osi}"),
        3: _("TCP/IP 3 transport · OSI {osi}"),
        4: _("TCP/IP 4 application · OSI {osi}"),
    }
    return sentences[layer["tcpip_layer"]].format(osi=layer["osi_layer"])


def _checksum_line(layer: Json) -> str | None:
    checksum = layer["checksum"]
    if checksum is None or checksum["state"] in ("correct", "unused"):
        return None
    return _("Checksum {stored}: {outcome}").format(stored=f"0x{checksum['stored']:04x}", outcome=checksum["text"])


def _byte_range(start: int, size: int) -> str:
    if size == 0:
        return _("byte {start}, nothing").format(start=start)
    if size == 1:
        return _("byte {start} (1)").format(start=start)
    return _("bytes {start}–{end} ({count})").format(start=start, end=start + size - 1, count=size)


# --- fields ------------------------------------------------------------------------------------------------------


def _tables(packet: Json) -> list[list[_Row]]:
    """The fields of each layer as rows, numbered through the packet."""
    tables: list[list[_Row]] = []
    number = leaves = 0
    for layer in packet["layers"]:
        rows: list[_Row] = []
        for depth, field in _flat(layer["fields"], 0):
            number += 1
            rows.append(_Row(number, depth, field, _FIELD_STYLES[leaves % len(_FIELD_STYLES)]))
            leaves += not field["fields"]
        tables.append(rows)
    return tables


def _flat(fields: list[Json], depth: int) -> Iterator[tuple[int, Json]]:
    for field in fields:
        yield depth, field
        yield from _flat(field["fields"], depth + 1)


def _layer_heading(layer: Json, index: int, width: int, learn: bool) -> list[Text]:
    style = _LAYER_STYLES[index % len(_LAYER_STYLES)]
    parts = [layer["title"]]
    if layer["ref"]:
        parts.append(layer["ref"])
    if layer["osi_layer"]:
        parts.append(_model(layer))
    if layer["space"] == "reassembled":
        parts.append(_("in the datagram put together from fragments"))
    if layer["space"] == "decrypted":
        parts.append(_("in the bytes it carried encrypted"))
    lines = _wrap(Text("  ·  ".join(parts), f"bold {style}"), width)
    if layer["meaning"] and learn:
        lines += _wrap(Text(layer["meaning"], "italic"), width)
    return lines


def _field_lines(row: _Row, layer: Json, width: int, learn: bool) -> list[Text]:
    field = row.field
    left = Text.assemble(
        (f"{row.number:>3} ", row.style), (f"{_place(field):>9} ", ""), (f"{_bit_pattern(field):<10}", "dim")
    )
    name = "  " * row.depth + field["title"]
    text = Text.assemble((_fit(name, 26), "" if row.depth else "bold"), " ", clean(field["text"]))
    checksum = layer["checksum"]
    if checksum is not None and field["name"] in ("checksum", "header_checksum") and not row.depth:
        good = checksum["state"] in ("correct", "unused")
        text.append(f"  {checksum['text']}", "green" if good else "bold red")
    if field["anomaly"]:
        text.append(f"  {_('malformed')} [{field['anomaly']}]", "bold red")
    about = Text(f"{field['meaning']} ", "dim").append(f"[{_unbroken(field['ref'])}]", "dim italic")
    if learn and field["filter"]:
        about.append(f" {field['filter']}", "dim bold")
    indent = left.cell_len
    if width >= _ONE_LINE_WIDTH:
        return _side_by_side(left, text, about, width, indent)
    lines = _wrap(text, width - indent)
    lines[0] = Text.assemble(left, lines[0])
    pad = " " * indent
    return [lines[0], *(Text(pad).append_text(line) for line in lines[1:]), *_below(about, width, indent + 2)]


def _side_by_side(left: Text, text: Text, about: Text, width: int, indent: int) -> list[Text]:
    """Field and value in one column, the meaning in another."""
    middle = min(62, (width - indent) * 3 // 5)
    first, second = _wrap(text, middle - 2), _wrap(about, width - indent - middle)
    lines = []
    for index in range(max(len(first), len(second))):
        line = left.copy() if index == 0 else Text(" " * indent)
        part = first[index] if index < len(first) else Text()
        line.append_text(part)
        if index < len(second):
            line.append(" " * (middle - part.cell_len)).append_text(second[index])
        lines.append(line)
    return lines


def _below(about: Text, width: int, indent: int) -> list[Text]:
    return [Text(" " * indent).append_text(line) for line in _wrap(about, width - indent)]


def _place(field: Json) -> str:
    """The bytes that a field lies in."""
    start, size = field["bits"]
    first, last = start // 8, (start + size - 1) // 8
    return str(first) if first == last else f"{first}–{last}"


def _bit_pattern(field: Json) -> str:
    """The bits of a field that does not fill its byte, e.g. ``0100 ····``; empty for whole bytes."""
    start, size = field["bits"]
    if start % 8 == 0 and size % 8 == 0:
        return ""
    if start % 8 + size > 8 or not isinstance(field["value"], int):
        return _("{count} bits").format(count=size)
    pattern = "·" * (start % 8) + f"{field['value']:0{size}b}" + "·" * (8 - start % 8 - size)
    return f"{pattern[:4]} {pattern[4:]}"


def _after_fields(packet: Json, layer: Json, width: int) -> list[Text]:
    """Arithmetic that stands below a layer's fields: sequence numbers, unmasking."""
    lines: list[Text] = []
    if (
        layer["name"] == "tcp"
        and packet["connection"] is not None
        and not layer["quoted"]
        and _is_innermost(packet, layer)
    ):
        lines += [Text("    " + text) for text in _sequence_arithmetic(packet["connection"], layer)]
        lines += [Text("    " + text) for text in _sack_arithmetic(packet["connection"], layer)]
    if layer["unmasked"]:
        lines += _unmasking(packet, layer)
    if lines:
        lines = [line for text in lines for line in _wrap(text, width)]
    return lines


def _verdicts(layer: Json) -> list[Text]:
    """What a bit diagram cannot show: whether the checksum is right, and what is malformed."""
    checksum = layer["checksum"]
    lines = []
    if checksum is not None:
        good = checksum["state"] in ("correct", "unused")
        text = _("checksum {stored}: {outcome}").format(stored=f"0x{checksum['stored']:04x}", outcome=checksum["text"])
        lines.append(Text("    " + text, "" if good else "bold red"))
    lines += [
        Text(f"    {field['anomaly']}: {field['meaning']} [{field['ref']}]", "bold red")
        for _depth, field in _flat(layer["fields"], 0)
        if field["anomaly"]
    ]
    return lines


def _is_innermost(packet: Json, layer: Json) -> bool:
    return [item for item in packet["layers"] if item["name"] == "tcp"][-1] is layer


def _sequence_arithmetic(connection: Json, layer: Json) -> list[str]:
    lines = []
    seq, length, after = connection["relative_seq"], connection["payload_bytes"], connection["next_seq"]
    if seq is not None:
        control = [name for name in ("SYN", "FIN") if _flag_set(layer, name)]
        extra = f" + 1 ({control[0]})" if control else ""
        if length or extra:
            lines.append(
                _("relative sequence number {seq}; next = {seq} + {length}{extra} = {next}").format(
                    seq=seq, length=length, extra=extra, next=after
                )
            )
        else:
            lines.append(_("relative sequence number {seq}; no data, so the next one is {seq} too").format(seq=seq))
    ack = connection["relative_ack"]
    if ack is not None:
        lines.append(
            _("relative acknowledgment number {ack}: the other side's bytes before {ack} have arrived").format(ack=ack)
        )
    return lines


def _sack_arithmetic(connection: Json, layer: Json) -> list[str]:
    """Blocks of a selective acknowledgment in relative numbers, and what is missing before them."""
    ack = connection["relative_ack"]
    fields = [field for _depth, field in _flat(layer["fields"], 0)]
    raw = next((field["value"] for field in fields if field["name"] == "acknowledgment_number"), None)
    if ack is None or raw is None:
        return []
    edges = [(field["value"] - raw + ack) % 2**32 for field in fields if field["name"] in ("left_edge", "right_edge")]
    blocks = list(zip(edges[::2], edges[1::2], strict=False))
    lines = [
        _("selective acknowledgment: bytes {left} to {last} have arrived too").format(left=left, last=right - 1)
        for left, right in blocks
        if right > left
    ]
    ahead = [left for left, _right in blocks if left > ack]
    if ahead:
        lines.append(_("missing so far: bytes {ack} to {last}").format(ack=ack, last=min(ahead) - 1))
    return lines


def _flag_set(layer: Json, title: str) -> bool:
    return any(field["title"] == title and field["value"] == 1 for _depth, field in _flat(layer["fields"], 0))


def _unmasking(packet: Json, layer: Json) -> list[Text]:
    """The first bytes of a masked payload, each with its key byte (RFC 6455 section 5.3)."""
    key_field = next((field for field in layer["fields"] if field["name"] == "masking_key"), None)
    if key_field is None:
        return []
    key = bytes.fromhex(key_field["value"])
    start = layer["range"][0] + layer["range"][1]
    space = packet["bytes"] if layer["space"] == "packet" else packet["spaces"][layer["space"]]
    masked = bytes.fromhex(space)[start : start + _UNMASK_SHOWN]
    clear = bytes.fromhex(layer["unmasked"])[: len(masked)]
    keys = bytes(key[index % 4] for index in range(len(masked)))
    shown = " ".join(f"{chr(byte) if 32 <= byte < 127 else '.':>2}" for byte in clear)
    more = " …" if len(layer["unmasked"]) // 2 > len(masked) else ""
    label = max(cell_len(text) for text in (_("masked payload"), _("masking key"), _("unmasked"))) + 4
    rows = ((_("masked payload"), masked.hex(" ")), (_("masking key"), keys.hex(" ")), (_("unmasked"), clear.hex(" ")))
    lines = [
        Text(set_cell_size("    " + name, label) + f" {sign} {data}{more}")
        for sign, (name, data) in zip(" ⊕=", rows, strict=True)
    ]
    return [*lines, Text(" " * label + f"   {shown}{more}")]


# --- bytes -------------------------------------------------------------------------------------------------------


def _spaces(packet: Json) -> list[tuple[str, str, bytes]]:
    found = [("packet", _("Bytes of the packet"), bytes.fromhex(packet["bytes"]))]
    if "reassembled" in packet["spaces"]:
        data = bytes.fromhex(packet["spaces"]["reassembled"])
        found.append(("reassembled", _("Bytes of the datagram put together from its fragments"), data))
    if "decrypted" in packet["spaces"]:
        found.append(("decrypted", _("Bytes it carried encrypted"), bytes.fromhex(packet["spaces"]["decrypted"])))
    return found


def _wrap(text: Text, width: int) -> list[Text]:
    """Lines of at most ``width`` columns (wide characters count two)."""
    lines = [text]
    if text.cell_len > width:
        from rich.console import Console

        lines = list(text.wrap(Console(width=max(width, 8)), max(width, 8), overflow="fold")) or [Text()]
    for line in lines:
        line.rstrip()
        if _STAY in line.plain:
            line.plain = line.plain.replace(_STAY, " ")
    return lines


def _unbroken(reference: str) -> str:
    """A reference that is not parted at the end of a line."""
    return reference.replace(" ", _STAY)


def _fit(text: str, width: int) -> str:
    """The text in exactly ``width`` columns, longer ones going over."""
    return text if cell_len(text) > width else set_cell_size(text, width)
