"""Fields of Ethernet and of VLAN tags: ``eth.*``, ``vlan.*``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import both, declared, in_header
from inspector.analysis.fields.values import BOOLEAN, HEX16, MAC, NUMBER
from inspector.analysis.fields.window import Headers, Window
from inspector.i18n import N_
from inspector.proto import LayerKind
from inspector.proto.ieee8023 import SMALLEST_TYPE

__all__ = ["ETHERNET_FIELDS", "VLAN_FIELDS"]

_WHOLE = 14
"""tshark shows nothing of a header that is cut."""
_LONGEST_LENGTH = 1500
"""The largest number that is a length, not an EtherType (IEEE 802.3)."""


def _has_type(_window: Window, found: Headers) -> NDArray[np.bool_]:
    return found.number(96, 16) >= SMALLEST_TYPE


def _has_length(_window: Window, found: Headers) -> NDArray[np.bool_]:
    return found.number(96, 16) <= _LONGEST_LENGTH


def _has_tagged_type(_window: Window, found: Headers) -> NDArray[np.bool_]:
    return np.asarray(found.number(16, 16) >= SMALLEST_TYPE)


_DST = declared("eth.dst", MAC, needs=_WHOLE)
_SRC = declared("eth.src", MAC, needs=_WHOLE)
_GROUP, _LOCAL = N_("The address is a group's, not one card's."), N_("The address was assigned locally.")
_DST_IG = in_header("eth.dst.ig", BOOLEAN, _GROUP, LayerKind.ETHERNET, 7, 1, needs=_WHOLE)
_SRC_IG = in_header("eth.src.ig", BOOLEAN, _GROUP, LayerKind.ETHERNET, 55, 1, needs=_WHOLE)
_DST_LG = in_header("eth.dst.lg", BOOLEAN, _LOCAL, LayerKind.ETHERNET, 6, 1, needs=_WHOLE)
_SRC_LG = in_header("eth.src.lg", BOOLEAN, _LOCAL, LayerKind.ETHERNET, 54, 1, needs=_WHOLE)

ETHERNET_FIELDS = (
    _DST,
    _SRC,
    both("eth.addr", N_("Either Ethernet address."), _DST, _SRC),
    _DST_IG,
    _SRC_IG,
    both("eth.ig", _GROUP, _DST_IG, _SRC_IG),
    _DST_LG,
    _SRC_LG,
    both("eth.lg", _LOCAL, _DST_LG, _SRC_LG),
    declared("eth.type", HEX16, only=_has_type),
    in_header(
        "eth.len", NUMBER, N_("Length, in frames without EtherType."), LayerKind.ETHERNET, 96, 16, only=_has_length
    ),
)

VLAN_FIELDS = (
    declared("vlan.priority", NUMBER, needs=2),
    declared("vlan.dei", BOOLEAN, needs=2),
    declared("vlan.id", NUMBER, needs=2),
    declared("vlan.etype", HEX16, only=_has_tagged_type),
)
