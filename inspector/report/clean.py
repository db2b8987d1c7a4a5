"""Captured text made safe to show: control and direction characters become visible tokens."""

from __future__ import annotations

import unicodedata

__all__ = ["clean"]


def clean(text: str) -> str:
    """Replace every character that a terminal or browser acts on (C0, C1, bidi, zero-width) by ``<U+XXXX>``."""
    return "".join(
        f"<U+{ord(c):04X}>" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") else c
        for c in text
    )
