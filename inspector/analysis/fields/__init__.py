"""Whole columns under Wireshark's field names, as ``tshark -T fields`` prints them."""

from __future__ import annotations

from inspector.analysis.fields.arp import ARP_FIELDS
from inspector.analysis.fields.ethernet import ETHERNET_FIELDS, VLAN_FIELDS
from inspector.analysis.fields.field import Field
from inspector.analysis.fields.frame import FRAME_FIELDS
from inspector.analysis.fields.icmp import ICMP_FIELDS
from inspector.analysis.fields.ip import IPV4_FIELDS, IPV6_FIELDS
from inspector.analysis.fields.payload import PAYLOAD_FIELDS
from inspector.analysis.fields.tcp import TCP_FIELDS
from inspector.analysis.fields.tcp_analysis import TCP_ANALYSIS_FIELDS
from inspector.analysis.fields.tcp_options import TCP_OPTION_FIELDS
from inspector.analysis.fields.tcp_state import TCP_STATE_FIELDS
from inspector.analysis.fields.udp import UDP_FIELDS

__all__ = ["FIELDS", "FILTER_FIELDS", "Field"]

_GROUPS: tuple[tuple[Field, ...], ...] = (
    FRAME_FIELDS,
    ETHERNET_FIELDS,
    VLAN_FIELDS,
    ARP_FIELDS,
    IPV4_FIELDS,
    IPV6_FIELDS,
    ICMP_FIELDS,
    UDP_FIELDS,
    TCP_FIELDS,
    TCP_STATE_FIELDS,
    TCP_OPTION_FIELDS,
    TCP_ANALYSIS_FIELDS,
)

FIELDS: dict[str, Field] = {field.name: field for group in _GROUPS for field in group}
"""Every supported field by its Wireshark name; a test compares each with tshark."""

FILTER_FIELDS: dict[str, Field] = {**FIELDS, **{field.name: field for field in PAYLOAD_FIELDS}}
"""What a filter may name: the supported fields, and payloads."""
