"""Declared headers: fields, spans, bit diagrams."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspector.proto.field import ByteOrder, Field, Header, Show, Span
    from inspector.proto.kinds import LayerKind
    from inspector.proto.registry import HEADERS, header_at, header_of

__all__ = ["HEADERS", "ByteOrder", "Field", "Header", "LayerKind", "Show", "Span", "header_at", "header_of"]

_MODULES = {"LayerKind": "kinds", "HEADERS": "registry", "header_at": "registry", "header_of": "registry"}


# Any: whatever the module holds under that name.
def __getattr__(name: str) -> Any:
    """Load what is asked for: reading a capture needs the kinds of layers and none of the declarations."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"inspector.proto.{_MODULES.get(name, 'field')}"), name)
