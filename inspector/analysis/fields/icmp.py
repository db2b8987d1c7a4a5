"""Fields of ICMP and ICMPv6: ``icmp.*``, ``icmpv6.*``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import declared, in_header
from inspector.analysis.fields.values import HEX16, NUMBER
from inspector.analysis.fields.window import Headers, Window
from inspector.i18n import N_
from inspector.proto import LayerKind

__all__ = ["ICMP_FIELDS"]

_FIRST_BYTES = 6
"""tshark 4.0 shows an ICMP header from this many captured bytes on."""
_WITH_SEQUENCE = (0, 8, 13, 14, 15, 16, 17, 18)
"""Types that ask or answer and count: echo, time stamp, information, address mask (RFC 792, RFC 950)."""
_WITH_IDENTIFIER = (*_WITH_SEQUENCE, 42, 43)
"""The same and extended echo (RFC 8335)."""
_ECHO6 = (128, 129)


def _is_counted(_window: Window, found: Headers) -> NDArray[np.bool_]:
    return np.isin(found.number(0, 8), _WITH_SEQUENCE)


def _has_identifier(_window: Window, found: Headers) -> NDArray[np.bool_]:
    return np.isin(found.number(0, 8), _WITH_IDENTIFIER)


def _is_echo6(_window: Window, found: Headers) -> NDArray[np.bool_]:
    return np.isin(found.number(0, 8), _ECHO6)


_IDENTIFIER = N_("Tells whose question this is.")
_SEQUENCE = N_("Counts the questions.")

ICMP_FIELDS = (
    declared("icmp.type", NUMBER, needs=_FIRST_BYTES),
    declared("icmp.code", NUMBER, needs=_FIRST_BYTES),
    declared("icmp.checksum", HEX16, needs=_FIRST_BYTES),
    in_header("icmp.ident", NUMBER, _IDENTIFIER, LayerKind.ICMP, 32, 16, only=_has_identifier),
    in_header("icmp.seq", NUMBER, _SEQUENCE, LayerKind.ICMP, 48, 16, only=_is_counted),
    declared("icmpv6.type", NUMBER),
    declared("icmpv6.code", NUMBER),
    declared("icmpv6.checksum", HEX16),
    in_header("icmpv6.echo.identifier", HEX16, _IDENTIFIER, LayerKind.ICMPV6, 32, 16, only=_is_echo6),
    in_header("icmpv6.echo.sequence_number", NUMBER, _SEQUENCE, LayerKind.ICMPV6, 48, 16, only=_is_echo6),
)
