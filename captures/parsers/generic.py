"""What every protocol's tree says in the same way: expert items, and the values of protocols that we do not decode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from captures.tree import Dissected

__all__ = ["ExpertItem", "parse_experts", "parse_other"]


@dataclass(frozen=True, slots=True)
class ExpertItem:
    """What Wireshark finds worth saying about a packet.

    Args:
        packet: Its number.
        protocol: The layer it is about.
        severity: ``chat``, ``note``, ``warning`` or ``error``, as in ``Item.severity``.
        group: Wireshark's group, e.g. ``Sequence`` or ``Malformed``.
        name: Field name of the item, e.g. ``tcp.analysis.retransmission``; empty where Wireshark has none.
        text: What it says, in English.
    """

    packet: int
    protocol: str
    severity: str
    group: str
    name: str
    text: str


def parse_experts(found: Dissected) -> list[ExpertItem]:
    """The expert items of a packet."""
    return list(_experts(found))


def _experts(found: Dissected) -> Iterator[ExpertItem]:
    for layer in found.layers:
        for item in layer.all("_ws.expert"):
            own = next((line for line in item.items if not line.name.startswith("_ws.expert")), None)
            group = next((line.label for line in item.items if line.name == "_ws.expert.group"), "")
            text = own.label if own is not None else item.text("_ws.expert.message") or item.label
            yield ExpertItem(
                found.number,
                layer.name,
                item.severity,
                group.rpartition("Group: ")[2],
                own.name if own is not None else "",
                text,
            )


def parse_other(found: Dissected, protocol: str) -> list[dict[str, list[str]]]:
    """The values of a protocol that has no parser of its own: for each of its layers, field names with their values."""
    layers = []
    for layer in found.protocol(protocol):
        values: dict[str, list[str]] = {}
        for item in layer.walk():
            if item.name and item is not layer:
                values.setdefault(item.name, []).append(item.value)
        layers.append(values)
    return layers
