"""Wireshark's dissection of a packet as a tree, the same whichever program made it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["UNKNOWN_SOURCE", "Dissected", "Item", "Source"]

UNKNOWN_SOURCE = -1
"""``Item.source`` where the bytes are none of the packet's own and the program did not say whose they are."""


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes that Wireshark dissected.

    Args:
        name: Its name for them, e.g. ``"Unmasked data (20 bytes)"``; empty for the packet itself.
        data: The bytes.
    """

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the tree.

    Args:
        name: Wireshark's field name; empty for a line that is text only.
        label: What Wireshark writes, in English.
        value: As in a display filter, without quotes; empty where it has none.
        source: Index into ``Dissected.sources`` of the bytes it stands for, or ``UNKNOWN_SOURCE``.
        start, size: Byte range in them; size 0 where it stands for no bytes.
        data: These bytes; where the source is unknown the value's own.
        severity: ``""``, or of an expert item: ``comment``, ``chat``, ``note``, ``warning``, ``error``.
        packet: Number of the packet that the value names; 0 when it names none.
        items: The lines below it.
    """

    name: str
    label: str
    value: str = ""
    source: int = 0
    start: int = 0
    size: int = 0
    data: bytes = b""
    severity: str = ""
    packet: int = 0
    items: tuple[Item, ...] = ()

    def walk(self) -> Iterator[Item]:
        """This line and all below it, from the top."""
        yield self
        for item in self.items:
            yield from item.walk()

    def all(self, *names: str) -> list[Item]:
        """The lines below (and this one) with one of these names, from the top."""
        return [item for item in self.walk() if item.name in names]

    def first(self, name: str) -> Item | None:
        """The first of them."""
        return next((item for item in self.walk() if item.name == name), None)

    def number(self, name: str) -> int | None:
        """The value of the first line with this name as a number (``True`` is 1); None when there is none."""
        found = self.first(name)
        return None if found is None else _number(found.value)

    def text(self, name: str) -> str | None:
        """The value of the first line with this name; None when there is none."""
        found = self.first(name)
        return None if found is None else found.value


@dataclass(frozen=True, slots=True)
class Dissected:
    """What Wireshark says about one packet.

    Args:
        number: The packet's number in the capture that was asked about.
        layers: One tree per protocol, outermost first.
        sources: The packet's bytes, then what was made of them (reassembled, decrypted, unmasked, inflated); only the
            first is known when pyshark made the tree.
    """

    number: int
    layers: tuple[Item, ...]
    sources: tuple[Source, ...] = field(default=())

    def protocol(self, *names: str) -> list[Item]:
        """The layers of these protocols."""
        return [layer for layer in self.layers if layer.name in names]

    def walk(self) -> Iterator[Item]:
        """Every line of every layer."""
        for layer in self.layers:
            yield from layer.walk()

    @property
    def protocols(self) -> tuple[str, ...]:
        """The names of the layers."""
        return tuple(layer.name for layer in self.layers)


def _number(value: str) -> int | None:
    # tshark 4.0 writes booleans as 0 and 1, newer ones as False and True.
    if value in ("True", "False"):
        return int(value == "True")
    try:
        return int(value, 0)
    except ValueError:
        # Leading zeros, as in "007".
        return int(value) if value.isdecimal() else None
