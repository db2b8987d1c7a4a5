"""Fields of ARP: ``arp.*``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import Field, declared
from inspector.analysis.fields.values import HEX16, IPV4, MAC, NUMBER, Kind, Values
from inspector.analysis.fields.window import Headers, Window
from inspector.i18n import N_
from inspector.proto import LayerKind

__all__ = ["ARP_FIELDS"]

_HARDWARE_WITH_MAC = (1, 6)
"""Ethernet and IEEE 802 networks (IANA, ARP hardware types)."""
_IPV4_TYPE = 0x0800
_ADDRESSES = 8
"""First byte of the four addresses."""


def _whole(found: Headers) -> NDArray[np.bool_]:
    """Where all four addresses were captured: before that tshark shows none."""
    lengths = found.number(32, 8) + found.number(40, 8)
    return found.size >= _ADDRESSES + 2 * lengths.astype(np.int64)


def _hardware(found: Headers) -> NDArray[np.bool_]:
    return np.asarray(_whole(found) & (found.number(32, 8) == 6) & np.isin(found.number(0, 16), _HARDWARE_WITH_MAC))


def _protocol(found: Headers) -> NDArray[np.bool_]:
    return np.asarray(_whole(found) & (found.number(40, 8) == 4) & (found.number(16, 16) == _IPV4_TYPE))


def _address(
    name: str,
    kind: Kind,
    meaning: str,
    present: Callable[[Headers], NDArray[np.bool_]],
    place: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.int64]],
) -> Field:
    """One of the addresses; ``place`` says how far behind the fixed part, given the two address lengths."""
    size = 6 if kind is MAC else 4

    def extract(window: Window) -> Values:
        found = window.headers(LayerKind.ARP)
        mask = present(found)
        hardware, protocol = (found.number(bit, 8).astype(np.int64) for bit in (32, 40))
        at = found.position + _ADDRESSES + place(hardware, protocol)
        number = np.zeros(len(found), np.uint64)
        for index in range(size):
            number = number << np.uint64(8) | found.byte(at + index, mask)
        return found.values(number, mask)

    return Field(name, kind, meaning, extract)


ARP_FIELDS = (
    declared("arp.hw.type", NUMBER),
    declared("arp.proto.type", HEX16),
    declared("arp.hw.size", NUMBER),
    declared("arp.proto.size", NUMBER),
    declared("arp.opcode", NUMBER),
    _address("arp.src.hw_mac", MAC, N_("The sender's Ethernet address."), _hardware, lambda h, p: 0 * h),
    _address("arp.src.proto_ipv4", IPV4, N_("The sender's IPv4 address."), _protocol, lambda h, p: h),
    _address("arp.dst.hw_mac", MAC, N_("The target's Ethernet address."), _hardware, lambda h, p: h + p),
    _address("arp.dst.proto_ipv4", IPV4, N_("The target's IPv4 address."), _protocol, lambda h, p: 2 * h + p),
)
