"""Explanations as JSON and as text, with the bit diagram of what is in a header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from rich.text import Text as Line

from inspector.i18n import _
from inspector.proto import Field, Header, Show, Span
from inspector.report.bit_diagram import bit_diagrams
from inspector.report.explain.explanation import Explanation, Kind
from inspector.report.explain.wireshark import menu_of

__all__ = ["explanation_as_json", "explanation_brief", "explanation_lines"]

_INDENT = 2
_MOST_VALUES = 12
"""Names of values that are written out; EtherTypes are dozens."""
_EXAMPLES: dict[str, tuple[bytes, ...]] = {
    # Bytes of headers that have their variable parts, to show where these lie.
    "websocket": (b"\x81\xfe" + bytes(6), b"\x81\xff" + bytes(12)),
    "tcp": (
        bytes(12) + b"\xb0\x02" + bytes(6) + b"\x02\x04\x05\xb4\x04\x02\x08\x0a" + bytes(8) + b"\x01\x03\x03\x07" + bytes(4),
        bytes(12) + b"\x80\x10" + bytes(6) + b"\x01\x01\x05\x0a" + bytes(8),
    ),
}  # fmt: skip

# Any: JSON.
Json = dict[str, Any]


def explanation_as_json(one: Explanation) -> Json:
    """An explanation as JSON-ready values; what there is nothing to say about is null or empty."""
    return {
        "kind": one.kind.value,
        "term": one.term,
        "title": _(one.title),
        "what": str(one.what),
        "where": str(one.where) or None,
        "why": str(one.why) or None,
        "next": str(one.next_step) or None,
        "refs": [{"ref": str(ref), "url": ref.url} for ref in one.refs],
        "wireshark_filter": one.filter or None,
        "wireshark_menu": str(menu_of(one)) or None,
        "header": one.header.name if one.header is not None else None,
        "fields": [{"name": item.name, "bits": item.bits} for item in one.fields],
        "values": {str(value): _(name) for value, name in sorted(one.values.items())},
        "also": list(one.also),
    }


def explanation_brief(one: Explanation) -> str:
    """An explanation in one line."""
    return f"{_heading(one)} ({one.kind.word})"


def _heading(one: Explanation) -> str:
    title = _(one.title)
    return one.term if title == one.term else f"{one.term}: {title}"


def explanation_lines(one: Explanation, width: int) -> Iterator[Line]:
    """An explanation for people.

    Args:
        one: The explanation.
        width: Columns at hand.
    """
    yield Line(_heading(one), "bold").append(f"  ({one.kind.word})", "dim")
    yield from _paragraph(str(one.what), width)
    for label, text in (
        (_("On the wire"), str(one.where)),
        (_("Why it matters"), str(one.why)),
        (_("What to do next"), str(one.next_step)),
    ):
        if text:
            yield from _paragraph(text, width, label)
    if one.header is not None and one.kind is not Kind.VALUE:
        yield from _diagram(one.header, one.fields, width)
    if one.values:
        yield from _paragraph(_values(one), width, _("Values"))
    if one.filter:
        yield from _paragraph(one.filter, width, _("Wireshark filter"))
    menu = str(menu_of(one))
    if menu:
        yield from _paragraph(menu, width, _("In Wireshark"))
    if one.refs:
        yield Line(" " * _INDENT).append(_("References"), "bold").append(":")
        yield from (Line(" " * 2 * _INDENT + str(ref)).append(f"  {ref.url or ''}".rstrip(), "dim") for ref in one.refs)
    if one.also:
        yield from _paragraph(", ".join(one.also), width, _("See also"))


def _paragraph(text: str, width: int, label: str = "") -> Iterator[Line]:
    lead = f"{label}: " if label else ""
    rest = " " * _INDENT * (2 if label else 1)
    lines = [" " * _INDENT]
    for number, word in enumerate((lead + text).split()):
        # In columns, of which a Hangul syllable takes two. A word longer than the line stays whole, as filters are copied.
        if number and cell_len(f"{lines[-1]} {word}") > max(width, 40):
            lines.append(rest + word)
        else:
            lines[-1] += f" {word}" if number else word
    for number, line in enumerate(lines):
        shown = Line(line)
        if label and not number:
            shown.stylize("bold", _INDENT, _INDENT + len(label))
        yield shown


def _values(one: Explanation) -> str:
    hexadecimal = any(item.show is Show.HEX for item in one.fields)
    told = [
        f"{value:#06x} {_(name)}" if hexadecimal else f"{value} {_(name)}" for value, name in sorted(one.values.items())
    ]
    more = len(told) - _MOST_VALUES
    return ", ".join(told[:_MOST_VALUES]) + (", " + _("and {count} more").format(count=more) if more > 0 else "")


# --- the bit diagram ---------------------------------------------------------------------------------------------------


def _diagram(header: Header, marked: Sequence[Field], width: int) -> list[Line]:
    """The header with the fields marked; nothing where no layout shows them."""
    if not header.fields:
        return []
    examples = _EXAMPLES.get(header.name, ())
    bare = (bytes((header.bits + 7) // 8),)
    for data in bare + examples if marked else examples + bare:
        spans = _fixed(header, data) if len(data) * 8 <= header.bits + 7 else header.decode(data)
        if all(_holds(spans, item) for item in marked):
            layer = {"range": [0, len(data)], "fields": [_drawn(span, marked, False) for span in spans]}
            return bit_diagrams(layer, width)
    return []


def _fixed(header: Header, data: bytes) -> list[Span]:
    """The fixed part alone: what zeros would mean for the variable one does not matter."""
    spans, start = [], 0
    for item in header.fields:
        span = Span.read(item, data, start)
        spans += [span] if span is not None else []
        start += item.bits
    return spans


def _holds(spans: Sequence[Span], item: Field) -> bool:
    return any(span.field is item or _holds(span.children, item) for span in spans)


def _drawn(span: Span, marked: Sequence[Field], inside: bool) -> Json:
    """A field as the bit diagram takes it, without a value, or with a line under the asked one."""
    chosen = inside or any(span.field is item for item in marked)
    return {
        "name": span.field.name,
        "title": _(span.field.title),
        "bits": [span.start, span.bits],
        "value": int(chosen),
        "text": "^" * (2 * min(span.bits, 32) - 1) if chosen else "",
        "short": "^" if chosen else "",
        "reserved": span.field.show is Show.RESERVED,
        "anomaly": None,
        "fields": [_drawn(child, marked, chosen) for child in span.children],
    }
