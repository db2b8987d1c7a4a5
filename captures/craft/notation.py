"""scapy's notation for packets, ``IP(dst="10.0.0.1")/TCP(dport=80)``, as a tree; nothing is ever evaluated.

Python's own grammar reads the text into a syntax tree (``ast``, which executes nothing), of which only this is accepted::

    packet  = item { "/" item }
    item    = NAME [ "(" [ value | NAME "=" value { "," NAME "=" value } ] ")" ] | text
    value   = number | text | None | True | False | text "*" number | "[" values "]" | "(" values ")" | packet

Names are not looked up here; whoever builds looks them up in a list of layers.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

from inspector.errors import UsageError
from inspector.i18n import _

__all__ = ["LayerNode", "Value", "parse_notation"]

_LONGEST_TEXT = 16_384
"""Characters of a notation: a packet of 64 KiB is written with ``"x" * 65000``, not by typing it."""
_MOST_NODES = 2_000
_DEEPEST = 40
_LONGEST_VALUE = 65_535
"""Bytes of one value: more does not fit into an IP packet."""
_LARGEST_NUMBER = 2**128


@dataclass(frozen=True, slots=True)
class LayerNode:
    """One layer: its name, the fields given, and what it carries given in place (``Raw("abc")``)."""

    name: str
    fields: dict[str, Value]
    positional: Value | None = None


Value: TypeAlias = "bool | int | float | str | bytes | list[Value] | tuple[LayerNode, ...] | None"


def parse_notation(text: str) -> tuple[LayerNode, ...]:
    """Read a packet's layers, outermost first.

    Raises:
        UsageError: If the text is anything but the notation of a packet.
    """
    if len(text) > _LONGEST_TEXT:
        raise UsageError(
            _("the notation has {size} characters; the most is {most}").format(size=len(text), most=_LONGEST_TEXT)
        )
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise UsageError(_unreadable(text.strip(), error)) from error
    if sum(1 for _node in ast.walk(tree)) > _MOST_NODES:
        raise UsageError(_("the notation has more than {most} parts").format(most=_MOST_NODES))
    return _Reader(text.strip()).packet(tree.body, 0)


_EXAMPLE = 'Ether()/IP(dst="10.0.0.1")/TCP(dport=80,flags="S")'


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def packet(self, node: ast.expr, depth: int) -> tuple[LayerNode, ...]:
        """Layers joined by slashes; the chain is walked, not recursed, since it leans to the left."""
        items = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            items.append(node.right)
            node = node.left
        items.append(node)
        if len(items) > _DEEPEST:
            raise UsageError(_("more than {most} layers").format(most=_DEEPEST))
        return tuple(self._item(item, depth + 1) for item in reversed(items))

    def _item(self, node: ast.expr, depth: int) -> LayerNode:
        if isinstance(node, ast.Name):
            return LayerNode(node.id, {})
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._layer(node, node.func.id, depth)
        if isinstance(node, (ast.Constant, ast.BinOp)):
            value = self._value(node, depth)
            if isinstance(value, (str, bytes)):
                return LayerNode("Raw", {"load": value})
        raise self._refused(node)

    def _layer(self, node: ast.Call, name: str, depth: int) -> LayerNode:
        if len(node.args) > 1 or (node.args and node.keywords):
            raise self._refused(node)
        fields = {}
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg in fields or keyword.arg.startswith("_"):
                raise self._refused(node)
            fields[keyword.arg] = self._value(keyword.value, depth + 1)
        return LayerNode(name, fields, self._value(node.args[0], depth + 1) if node.args else None)

    def _value(self, node: ast.expr, depth: int) -> Value:
        if depth > _DEEPEST:
            raise self._refused(node)
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self._value(node.operand, depth + 1)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return -value
        if isinstance(node, (ast.List, ast.Tuple)):
            return [self._value(item, depth + 1) for item in node.elts]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            return self._repeated(node, depth)
        if isinstance(node, (ast.Call, ast.BinOp)):
            return self.packet(node, depth + 1)
        raise self._refused(node)

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if isinstance(value, int) and abs(value) >= _LARGEST_NUMBER:
            raise self._refused(node)
        if value is None or isinstance(value, (bool, int, float, str, bytes)):
            return value
        raise self._refused(node)

    def _repeated(self, node: ast.BinOp, depth: int) -> str | bytes:
        text, count = self._value(node.left, depth + 1), self._value(node.right, depth + 1)
        if not isinstance(text, (str, bytes)) or not isinstance(count, int) or isinstance(count, bool):
            raise self._refused(node)
        if len(text) * max(count, 0) > _LONGEST_VALUE:
            raise UsageError(
                _("a value of {size} bytes; the most is {most}").format(size=len(text) * count, most=_LONGEST_VALUE)
            )
        return text * count

    def _refused(self, node: ast.expr) -> UsageError:
        part = ast.get_source_segment(self._text, node) or self._text
        return UsageError(
            _("{part} is not part of the notation of a packet; write e.g. {example}").format(
                part=_shortened(part), example=_EXAMPLE
            )
        )


def _unreadable(text: str, error: Exception) -> str:
    """Where Python's grammar gave up, in our words: its own are English and speak of Python."""
    place = (error.offset or 0) if isinstance(error, SyntaxError) else 0
    if isinstance(error, SyntaxError) and error.msg.endswith("never closed"):
        what = _(
            "{text} is not the notation of a packet: the bracket at character {place} is never closed; write e.g. {example}"
        )
    elif isinstance(error, SyntaxError) and error.msg.startswith("unterminated"):
        what = _(
            "{text} is not the notation of a packet: the text from character {place} on has no closing quote; write e.g. {example}"
        )
    elif 0 < place <= len(text):
        what = _(
            "{text} is not the notation of a packet: not understood from character {place} on: {part}; write e.g. {example}"
        )
    else:
        what = _("{text} is not the notation of a packet: something is missing at its end; write e.g. {example}")
    return what.format(text=_shortened(text), place=place, part=_shortened(text[place - 1 :]), example=_EXAMPLE)


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
