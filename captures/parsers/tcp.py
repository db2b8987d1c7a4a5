"""TCP segments as Wireshark sees them."""

from __future__ import annotations

from dataclasses import dataclass

from captures.tree import Dissected, Item
from inspector.recording.dissect import TcpPlace

__all__ = ["WiresharkSegment", "parse_tcp"]

_ANALYSIS = "tcp.analysis."


@dataclass(frozen=True, slots=True)
class WiresharkSegment:
    """A TCP header as Wireshark sees it.

    Args:
        place: Where it stands; Wireshark does not say who the client is.
        flags: The 12 bits.
        window: As sent.
        notes: What Wireshark's analysis says of it, e.g. ``retransmission``, without the prefix ``tcp.analysis.``.
        acknowledges: Number of the packet that it acknowledges, or None.
    """

    place: TcpPlace
    flags: int
    window: int
    notes: tuple[str, ...]
    acknowledges: int | None


def parse_tcp(found: Dissected) -> list[WiresharkSegment]:
    """The TCP headers of a packet, outermost first."""
    return [_segment(layer) for layer in found.protocol("tcp")]


def _segment(layer: Item) -> WiresharkSegment:
    flags = layer.number("tcp.flags") or 0
    place = TcpPlace(
        connection=layer.number("tcp.stream") or 0,
        from_client=None,
        seq=layer.number("tcp.seq"),
        ack=layer.number("tcp.ack") if flags & 0x10 else None,
        length=layer.number("tcp.len") or 0,
        next_seq=layer.number("tcp.nxtseq"),
    )
    notes = [
        item.name.removeprefix(_ANALYSIS)
        for expert in layer.all("_ws.expert")
        for item in expert.items
        if item.name.startswith(_ANALYSIS)
    ]
    acknowledged = layer.number("tcp.analysis.acks_frame")
    return WiresharkSegment(
        place, flags, layer.number("tcp.window_size_value") or 0, tuple(dict.fromkeys(notes)), acknowledged
    )
