"""ICMP errors about TCP connections: who sent them, and what they say."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

import numpy as np

from inspector.model.tables import SEGMENT_QUOTED
from inspector.proto.kinds import LayerKind
from inspector.recording.capture import Capture

__all__ = ["IcmpError", "icmp_errors"]

_MOST = 10_000
"""Errors looked at; a scan can bring millions that say the same."""


@dataclass(frozen=True, slots=True)
class IcmpError:
    """One error.

    Args:
        packet: Number of its packet.
        connection: Number of the connection it quotes.
        version: 4 or 6.
        type, code: As sent.
        mtu: What it says of the path's MTU (too big, fragmentation needed), else 0.
        source: Address of who sent it.
    """

    packet: int
    connection: int
    version: int
    type: int
    code: int
    mtu: int
    source: str


def icmp_errors(capture: Capture) -> list[IcmpError]:
    """The ICMP errors that quote a TCP header, in capture order."""
    segments, layers = capture.segments, capture.layers
    rows = np.flatnonzero((segments.marks & SEGMENT_QUOTED != 0) & (capture.segment_connection >= 0))
    found = []
    for row in rows[:_MOST].tolist():
        packet = int(segments.packet[row])
        first = int(capture.packets.layer_start[packet])
        kinds = layers.kind[first : first + int(capture.packets.layer_count[packet])].tolist()
        place = next((i for i, kind in enumerate(kinds) if kind in (LayerKind.ICMP, LayerKind.ICMPV6)), 0)
        before = [i for i in range(place) if kinds[i] in (LayerKind.IPV4, LayerKind.IPV6)]
        if not before:
            continue
        head = capture.bytes_at(packet, int(layers.offset[first + place]), 8)
        outer = capture.bytes_at(packet, int(layers.offset[first + before[-1]]), 40)
        if len(head) < 8:
            continue
        version = 4 if kinds[place] == LayerKind.ICMP else 6
        number = int(capture.segment_connection[row])
        mtu = int.from_bytes(head[6:8] if version == 4 else head[4:8], "big")
        too_big = (version, head[0]) == (6, 2) or (version, head[0], head[1]) == (4, 3, 4)
        found.append(
            IcmpError(packet + 1, number, version, head[0], head[1], mtu if too_big else 0, _source(outer, version))
        )
    return found


def _source(header: bytes, version: int) -> str:
    raw = header[12:16] if version == 4 else header[8:24]
    return str(ipaddress.ip_address(raw)) if len(raw) in (4, 16) else "?"
