"""A supported field: Wireshark's name, what it means, and how its column is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.values import IPV6, Kind, Values, merge
from inspector.analysis.fields.window import Headers, Window
from inspector.proto import HEADERS, LayerKind

__all__ = ["Condition", "Field", "both", "declared", "in_header"]

Condition = Callable[[Window, Headers], NDArray[np.bool_]]
"""For which headers tshark prints a field, beyond those in which it fits."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field that ``inspector fields`` prints as ``tshark -T fields`` does.

    Args:
        name: Wireshark's name.
        kind: How its values are stored and printed.
        meaning: One line in plain words (translatable).
        extract: Makes its column for a window of packets.
    """

    name: str
    kind: Kind
    meaning: str
    extract: Callable[[Window], Values]


def declared(
    name: str, kind: Kind, *, scale: int = 1, needs: int = 0, only: Condition | None = None, alias: str | None = None
) -> Field:
    """A field that lies in a declared header, found there by its Wireshark name.

    Args:
        name: Wireshark's name, as in the declaration.
        kind: How tshark prints it.
        scale: What tshark multiplies the bits with.
        needs: Bytes of the header that must be captured, where tshark wants more than the field itself.
        only: For which headers it is printed; None for all.
        alias: Another Wireshark name to print the same bits under.
    """
    layer_kind, item, bit = next(
        (header.kind, item, start)
        for header in HEADERS
        for item, start in header.walk()
        if item.filter == name and header.kind is not None
    )
    return in_header(alias or name, kind, item.meaning, layer_kind, bit, item.bits, scale=scale, needs=needs, only=only)


def in_header(
    name: str,
    kind: Kind,
    meaning: str,
    layer_kind: LayerKind,
    bit: int,
    bits: int,
    *,
    scale: int = 1,
    needs: int = 0,
    only: Condition | None = None,
) -> Field:
    """A field at a fixed place of a header; arguments as in ``declared`` and ``Field``, place in bits."""
    size = max(needs, (bit + bits + 7) // 8)

    def extract(window: Window) -> Values:
        found = window.headers(layer_kind)
        present = found.fits(size)
        if only is not None:
            present &= only(window, found)
        if kind is IPV6:
            return found.values(found.matrix(bit // 8, 16), present)
        numbers = found.number(bit, bits)
        return found.values(numbers * np.uint64(scale) if scale > 1 else numbers, present)

    return Field(name, kind, meaning, extract)


def both(name: str, meaning: str, first: Field, second: Field) -> Field:
    """A field that stands for two others, such as ``ip.addr`` for source and destination."""
    return Field(name, first.kind, meaning, lambda window: merge(first.extract(window), second.extract(window)))
