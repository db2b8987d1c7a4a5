"""The grammar of display filters, a small part of Wireshark's::

    filter     = and { ("or" | "||") and }
    and        = unit { ("and" | "&&") unit }
    unit       = ("not" | "!") unit | "(" filter ")" | test
    test       = NAME [ comparison VALUE ]
    comparison = "==" | "!=" | "<" | ">" | "<=" | ">=" | "eq" | "ne" | "lt" | "gt" | "le" | "ge" | "contains"

NAME is a supported field or a protocol. Nothing in a filter is ever evaluated as code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inspector.analysis.fields.field import Field
from inspector.analysis.fields.filter import All, Comparison, Exists, Filter, HasLayer, Not, Some
from inspector.analysis.fields.filter_values import BadLiteral, comparison
from inspector.errors import UsageError
from inspector.i18n import _
from inspector.proto import LayerKind

__all__ = ["PROTOCOLS", "parse_filter"]

PROTOCOLS = {
    "arp": LayerKind.ARP,
    "eth": LayerKind.ETHERNET,
    "icmp": LayerKind.ICMP,
    "icmpv6": LayerKind.ICMPV6,
    "ip": LayerKind.IPV4,
    "ipv6": LayerKind.IPV6,
    "tcp": LayerKind.TCP,
    "udp": LayerKind.UDP,
    "vlan": LayerKind.VLAN,
}
"""Protocols that may be named alone."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<sign>==|!=|<=|>=|&&|\|\||[<>!()])|(?P<word>[^\s"()!=<>&|]+)|(?P<bad>\S))""",
    re.DOTALL,
)
_WORDS = {"and": "&&", "or": "||", "not": "!", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}
_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=", "contains")
_MOST_NESTED = 50
"""Parentheses within parentheses: more is no filter that a person wrote, and each takes a few Python frames."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    position: int
    is_sign: bool = False


def parse_filter(text: str, fields: dict[str, Field]) -> Filter:
    """Read a display filter.

    Args:
        text: As the user wrote it.
        fields: The supported fields by name.

    Raises:
        UsageError: If it does not parse, with the position.
    """
    return _Parser(text, fields).whole()


class _Parser:
    def __init__(self, text: str, fields: dict[str, Field]) -> None:
        self.text = text
        self.fields = fields
        self.tokens = self._split()
        self.at = 0
        self.nested = 0

    def _split(self) -> list[_Token]:
        tokens = []
        for match in _TOKEN.finditer(self.text):
            kind = match.lastgroup or "bad"
            word, position = match[kind], match.start(kind)
            if kind == "bad":
                raise self._error(_("{character} cannot stand here").format(character=repr(word)), position)
            sign = _WORDS.get(word, word) if kind == "word" else word
            is_sign = kind == "sign" or word in _WORDS or word == "contains"
            tokens.append(_Token(sign, position, is_sign))
        return tokens

    def _error(self, what: str, position: int) -> UsageError:
        return UsageError(
            _("bad filter at character {position}: {what}; see inspector fields --help").format(
                position=position + 1, what=what
            )
        )

    def _peek(self) -> _Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else _Token("", len(self.text), True)

    def _accept(self, *signs: str) -> _Token | None:
        token = self._peek()
        if token.is_sign and token.text in signs:
            self.at += 1
            return token
        return None

    def whole(self) -> Filter:
        result = self._or()
        if self.at < len(self.tokens):
            token = self._peek()
            raise self._error(
                _("expected 'and', 'or' or the end, found {found}").format(found=repr(token.text)), token.position
            )
        return result

    def _or(self) -> Filter:
        parts = [self._and()]
        while self._accept("||"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _and(self) -> Filter:
        parts = [self._unit()]
        while self._accept("&&"):
            parts.append(self._unit())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _unit(self) -> Filter:
        opening = self._accept("!", "(")
        if opening is None:
            return self._test()
        self.nested += 1
        if self.nested > _MOST_NESTED:
            raise self._error(_("nested too deeply"), opening.position)
        if opening.text == "!":
            inner: Filter = Not(self._unit())
        else:
            inner = self._or()
            if not self._accept(")"):
                raise self._error(_("expected ')'"), self._peek().position)
        self.nested -= 1
        return inner

    def _test(self) -> Filter:
        name = self._peek()
        if name.is_sign or name.text.startswith('"'):
            found = _("the end") if not name.text else repr(name.text)
            raise self._error(_("expected a field name, found {found}").format(found=found), name.position)
        self.at += 1
        sign = self._accept(*_COMPARISONS)
        field = self.fields.get(name.text)
        if field is None:
            if name.text in PROTOCOLS and sign is None:
                return HasLayer(PROTOCOLS[name.text])
            raise self._error(_("there is no field {name}").format(name=repr(name.text)), name.position)
        if sign is None:
            return Exists(field)
        value = self._peek()
        if value.is_sign:
            found = _("the end") if not value.text else repr(value.text)
            raise self._error(_("expected a value, found {found}").format(found=found), value.position)
        self.at += 1
        try:
            return Comparison(field, comparison(field.kind, sign.text, value.text), every=sign.text == "!=")
        except BadLiteral as error:
            raise self._error(_(str(error)), value.position) from error
