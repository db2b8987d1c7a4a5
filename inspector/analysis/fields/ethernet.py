"""Fields of Ethernet: ``eth.*``."""

from __future__ import annotations

from inspector.analysis.fields.field import both, declared
from inspector.analysis.fields.values import HEX16, MAC
from inspector.i18n import N_

__all__ = ["ETHERNET_FIELDS"]

_DST = declared("eth.dst", MAC)
_SRC = declared("eth.src", MAC)

ETHERNET_FIELDS = (
    _DST,
    _SRC,
    both("eth.addr", N_("Either Ethernet address."), _DST, _SRC),
    declared("eth.type", HEX16),
)
