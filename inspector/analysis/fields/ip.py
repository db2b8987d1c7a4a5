"""Fields of the IPv4 and IPv6 headers: ``ip.*``, ``ipv6.*``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import Field, both, declared
from inspector.analysis.fields.values import BOOLEAN, HEX8, HEX16, HEX24, HEX32, IPV4, IPV6, NUMBER, Values, merge
from inspector.analysis.fields.window import Headers, Window
from inspector.i18n import N_
from inspector.proto import LayerKind

__all__ = ["IPV4_FIELDS", "IPV6_FIELDS"]

_CHECKSUM_UNVERIFIED = 2
"""tshark does not verify IPv4 checksums by default (offload makes them wrong in captures)."""


def _version_4(_window: Window, found: Headers) -> NDArray[np.bool_]:
    return np.asarray(found.number(0, 4) == 4)


def _long_enough(window: Window, found: Headers) -> NDArray[np.bool_]:
    """The header length is possible; without that tshark shows nothing behind it."""
    return _version_4(window, found) & (found.number(4, 4) >= 5)


def _consistent(window: Window, found: Headers) -> NDArray[np.bool_]:
    """The total length is 0 (segmentation offload) or at least the header's."""
    total = found.number(16, 16)
    return np.asarray(_long_enough(window, found) & ((total == 0) | (total >= found.number(4, 4) * 4)))


def _checksum_status(window: Window) -> Values:
    checksum = _CHECKSUM.extract(window)
    return replace(checksum, data=np.full(len(checksum.data), _CHECKSUM_UNVERIFIED))


def _length(window: Window) -> Values:
    """As sent; where it is 0 (segmentation offload) tshark shows how long the datagram really is."""
    sent = _TOTAL_LENGTH.extract(window)
    if sent.data.all():
        return sent
    found = window.headers(LayerKind.IPV4)
    size = found.size[np.isin(found.layer, sent.layer)].astype(np.uint64)
    return replace(sent, data=np.where(sent.data == 0, size, sent.data))


_TOTAL_LENGTH = declared("ip.len", NUMBER, only=_long_enough)
_CHECKSUM = declared("ip.checksum", HEX16, only=_consistent)
_SRC = declared("ip.src", IPV4, only=_consistent)
_DST = declared("ip.dst", IPV4, only=_consistent)
_EITHER = N_("Either IPv4 address.")
_VERSION4 = declared("ip.version", NUMBER)
_VERSION6 = declared("ipv6.version", NUMBER)

IPV4_FIELDS = (
    Field(
        "ip.version",
        NUMBER,
        N_("4 or 6."),
        lambda window: merge(_VERSION4.extract(window), _VERSION6.extract(window)),
    ),
    declared("ip.hdr_len", NUMBER, scale=4, only=_version_4),
    declared("ip.dsfield", HEX8, only=_long_enough),
    declared("ip.dsfield.dscp", NUMBER, only=_long_enough),
    declared("ip.dsfield.ecn", NUMBER, only=_long_enough),
    Field("ip.len", NUMBER, N_("Bytes of header and data together."), _length),
    declared("ip.id", HEX16, only=_consistent),
    declared("ip.flags", HEX8, needs=8, only=_consistent),
    declared("ip.flags.rb", BOOLEAN, needs=8, only=_consistent),
    declared("ip.flags.df", BOOLEAN, needs=8, only=_consistent),
    declared("ip.flags.mf", BOOLEAN, needs=8, only=_consistent),
    declared("ip.frag_offset", NUMBER, only=_consistent),
    declared("ip.ttl", NUMBER, only=_consistent),
    declared("ip.proto", NUMBER, only=_consistent),
    _CHECKSUM,
    Field("ip.checksum.status", NUMBER, N_("2: not verified."), _checksum_status),
    _SRC,
    _DST,
    both("ip.addr", _EITHER, _SRC, _DST),
    replace(_SRC, name="ip.src_host"),
    replace(_DST, name="ip.dst_host"),
    both("ip.host", _EITHER, _SRC, _DST),
)

_SRC6 = declared("ipv6.src", IPV6)
_DST6 = declared("ipv6.dst", IPV6)
_EITHER6 = N_("Either IPv6 address.")

IPV6_FIELDS = (
    _VERSION6,
    declared("ipv6.tclass", HEX32, needs=4),
    declared("ipv6.tclass.dscp", NUMBER, needs=4),
    declared("ipv6.tclass.ecn", NUMBER, needs=4),
    declared("ipv6.flow", HEX24),
    declared("ipv6.plen", NUMBER, needs=7),
    declared("ipv6.nxt", NUMBER),
    declared("ipv6.hlim", NUMBER),
    _SRC6,
    _DST6,
    both("ipv6.addr", _EITHER6, _SRC6, _DST6),
    replace(_SRC6, name="ipv6.src_host"),
    replace(_DST6, name="ipv6.dst_host"),
    both("ipv6.host", _EITHER6, _SRC6, _DST6),
    declared("ipv6.hopopts.nxt", NUMBER, needs=2),
    declared("ipv6.hopopts.len", NUMBER),
    declared("ipv6.dstopts.nxt", NUMBER, needs=2),
    declared("ipv6.dstopts.len", NUMBER),
    declared("ipv6.routing.nxt", NUMBER, needs=2),
    declared("ipv6.routing.len", NUMBER),
    declared("ipv6.routing.type", NUMBER),
    declared("ipv6.routing.segleft", NUMBER),
    declared("ipv6.fraghdr.nxt", NUMBER),
    declared("ipv6.fraghdr.reserved_octet", HEX8),
    declared("ipv6.fraghdr.offset", NUMBER),
    declared("ipv6.fraghdr.reserved_bits", NUMBER),
    declared("ipv6.fraghdr.more", BOOLEAN),
    declared("ipv6.fraghdr.ident", HEX32),
)
