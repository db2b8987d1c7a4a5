"""Whole columns under Wireshark's field names, as ``tshark -T fields`` prints them."""

from __future__ import annotations

from inspector.analysis.fields.ethernet import ETHERNET_FIELDS
from inspector.analysis.fields.field import Field
from inspector.analysis.fields.frame import FRAME_FIELDS
from inspector.analysis.fields.ipv4 import IPV4_FIELDS
from inspector.analysis.fields.tcp import TCP_FIELDS

__all__ = ["FIELDS", "Field"]

FIELDS: dict[str, Field] = {
    field.name: field for group in (FRAME_FIELDS, ETHERNET_FIELDS, IPV4_FIELDS, TCP_FIELDS) for field in group
}
"""Every supported field by its Wireshark name; a test compares each with tshark."""
