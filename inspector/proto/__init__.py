"""Declared headers: fields, spans, bit diagrams."""

from __future__ import annotations

from inspector.proto.ethernet import ETHERNET
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.ipv4 import IPV4
from inspector.proto.kinds import LayerKind
from inspector.proto.tcp import TCP

__all__ = ["HEADERS", "Field", "Header", "LayerKind", "Show", "Span", "header_of"]

HEADERS: tuple[Header, ...] = (ETHERNET, IPV4, TCP)
"""Every declared header; a test compares this list with the folder."""

_BY_KIND = {header.kind: header for header in HEADERS if header.kind is not None}


def header_of(kind: int) -> Header | None:
    """The declaration of a layer, or None where it has no fixed header."""
    return _BY_KIND.get(LayerKind(kind))
