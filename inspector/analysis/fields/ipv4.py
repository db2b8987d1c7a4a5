"""Fields of the IPv4 header: ``ip.*``."""

from __future__ import annotations

from inspector.analysis.fields.field import both, declared
from inspector.analysis.fields.values import BOOLEAN, HEX16, IPV4, NUMBER
from inspector.i18n import N_

__all__ = ["IPV4_FIELDS"]

_SRC = declared("ip.src", IPV4)
_DST = declared("ip.dst", IPV4)

IPV4_FIELDS = (
    declared("ip.hdr_len", NUMBER, scale=4),
    declared("ip.dsfield.dscp", NUMBER),
    declared("ip.dsfield.ecn", NUMBER),
    declared("ip.len", NUMBER),
    declared("ip.id", HEX16),
    declared("ip.flags.rb", BOOLEAN),
    declared("ip.flags.df", BOOLEAN),
    declared("ip.flags.mf", BOOLEAN),
    declared("ip.frag_offset", NUMBER),
    declared("ip.ttl", NUMBER),
    declared("ip.proto", NUMBER),
    declared("ip.checksum", HEX16),
    _SRC,
    _DST,
    both("ip.addr", N_("Either IPv4 address."), _SRC, _DST),
)
