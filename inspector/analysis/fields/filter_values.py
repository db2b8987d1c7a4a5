"""What a filter compares with: literals of each kind of value, and the test they make."""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.values import BOOLEAN, BYTES, IPV4, IPV6, MAC, NUMBER, SECONDS, TEXT, Kind
from inspector.i18n import N_

__all__ = ["BadLiteral", "comparison"]

_Test = Callable[[NDArray[Any]], NDArray[np.bool_]]

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_LARGEST = (1 << 63) - 1
"""Columns are compared as 64-bit signed numbers; every field fits."""
_HEX_BYTES = re.compile(r"[0-9A-Fa-f]{2}([:.-][0-9A-Fa-f]{2})*")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


class BadLiteral(ValueError):
    """The literal or the operator does not suit the field; the message (translatable) says what would."""


def comparison(kind: Kind, sign: str, literal: str) -> _Test:
    """The test ``field sign literal`` for a column of this kind.

    Args:
        kind: The field's kind.
        sign: ``== != < > <= >=`` or ``contains``.
        literal: As written in the filter; in double quotes when text.

    Raises:
        BadLiteral: If they do not go together.
    """
    if sign == "contains":
        return _contains(kind, literal)
    compare = _OPERATORS[sign]
    if kind.name == NUMBER.name or kind in (BOOLEAN, SECONDS, MAC):
        number = _whole(kind, literal)
        return lambda data: np.asarray(compare(data.astype(np.int64), number))
    if kind is IPV4:
        return _ipv4(compare, literal)
    if kind is IPV6:
        return _ipv6(compare, literal)
    if kind is TEXT:
        text = _quoted(literal)
        return lambda data: _each(data, lambda item: compare(item, text))
    if kind is BYTES:
        wanted = _bytes(literal)
        return lambda data: _each(data, lambda item: compare(item, wanted))
    raise BadLiteral(N_("this field has no value to compare; name it alone to ask whether it is there"))


def _each(data: NDArray[Any], passes: Callable[[Any], bool]) -> NDArray[np.bool_]:
    return np.fromiter((passes(item) for item in data), bool, len(data))


def _contains(kind: Kind, literal: str) -> _Test:
    if kind is TEXT:
        text = _quoted(literal)
        return lambda data: _each(data, lambda item: text in item)
    if kind is BYTES:
        wanted = _bytes(literal)
        return lambda data: _each(data, lambda item: wanted in item)
    raise BadLiteral(N_("'contains' searches text and bytes only"))


def _whole(kind: Kind, literal: str) -> int:
    """The literal as the integer that the column holds."""
    if kind is MAC:
        if not re.fullmatch(r"[0-9A-Fa-f]{2}([:.-][0-9A-Fa-f]{2}){5}", literal):
            raise BadLiteral(N_("expected an Ethernet address such as 00:11:22:33:44:55"))
        return int(re.sub("[:.-]", "", literal), 16)
    if kind is SECONDS:
        return _nanoseconds(literal)
    if kind is BOOLEAN and literal.lower() in ("true", "false"):
        return int(literal.lower() == "true")
    match = re.fullmatch(r"(-?)(0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)", literal)
    if not match:
        raise BadLiteral(N_("expected a number such as 80 or 0x50"))
    digits = match[2]
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits.startswith("0") else 10
    number = int(match[1] + digits, base)
    if abs(number) > _LARGEST:
        raise BadLiteral(N_("the number is too large"))
    return number


def _nanoseconds(literal: str) -> int:
    try:
        number = int(Decimal(literal) * 10**9)
    except (InvalidOperation, ValueError, OverflowError):
        raise BadLiteral(N_("expected seconds such as 0.5")) from None
    if abs(number) > _LARGEST:
        raise BadLiteral(N_("the number is too large"))
    return number


def _ipv4(compare: Callable[[Any, Any], Any], literal: str) -> _Test:
    try:
        network = ipaddress.IPv4Network(literal, strict=False)
    except ValueError:
        raise BadLiteral(N_("expected an IPv4 address such as 10.0.0.1 or a network such as 10.0.0.0/8")) from None
    mask, address = int(network.netmask), int(network.network_address)
    return lambda data: np.asarray(compare(data.astype(np.int64) & mask, address))


def _ipv6(compare: Callable[[Any, Any], Any], literal: str) -> _Test:
    try:
        network = ipaddress.IPv6Network(literal, strict=False)
    except ValueError:
        raise BadLiteral(N_("expected an IPv6 address such as 2001:db8::1 or a network such as fe80::/10")) from None
    mask = np.frombuffer(network.netmask.packed, np.uint8)
    address = network.network_address.packed
    return lambda data: _each(data & mask, lambda row: compare(row.tobytes(), address))


def _quoted(literal: str) -> str:
    """The text between double quotes, with its escapes resolved."""
    if not literal.startswith('"'):
        return literal
    return re.sub(
        r"\\(x[0-9A-Fa-f]{2}|.)",
        lambda match: chr(int(match[1][1:], 16)) if len(match[1]) == 3 else _ESCAPES.get(match[1], match[1]),
        literal[1:-1],
        flags=re.DOTALL,
    )


def _bytes(literal: str) -> bytes:
    """Quoted text as UTF-8, or bytes in hexadecimal such as ``16:03:01``."""
    if literal.startswith('"'):
        return _quoted(literal).encode("utf-8", "surrogateescape")
    if not _HEX_BYTES.fullmatch(literal):
        raise BadLiteral(N_('expected bytes such as 16:03:01 or text in double quotes such as "GET"'))
    return bytes.fromhex(re.sub("[:.-]", "", literal))
