"""The layers a packet can be made of, as the numbers that the columnar scan stores."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["LayerKind"]


class LayerKind(IntEnum):
    """One header within a packet (the value is what ``Layers.kind`` holds)."""

    NONE = 0
    """Nothing more to decode."""
    UNKNOWN = 1
    """The layer before names a protocol that is not decoded here."""
    MALFORMED = 2
    """The header named by the layer before does not fit in the bytes at hand."""
    FRAGMENT = 3
    """A piece of an IP datagram that is not (yet) complete."""

    ETHERNET = 10
    VLAN = 11
    MPLS = 12
    PPPOE = 13
    PPP = 14
    SLL = 15
    SLL2 = 16
    NULL = 17
    LOOP = 18
    RAW = 19
    CHDLC = 20
    RADIOTAP = 21
    IEEE80211 = 22
    LLC = 23
    SNAP = 24
    PW_CONTROL = 25
    SERVICE_VLAN = 26
    """The outer tag of a provider bridge (EtherType 0x88A8)."""

    ARP = 30
    IPV4 = 31
    IPV6 = 32
    IPV6_HOPOPTS = 33
    IPV6_ROUTING = 34
    IPV6_FRAGMENT = 35
    IPV6_DSTOPTS = 36
    AH = 37
    ICMP = 38
    ICMPV6 = 39

    TCP = 50
    UDP = 51

    GRE = 60
    VXLAN = 61
    GENEVE = 62
    GTPU = 63
