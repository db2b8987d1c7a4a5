"""How rows of layers and rows of segments and datagrams correspond."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.model.tables import ASSEMBLED
from inspector.proto import LayerKind
from inspector.recording.capture import Capture

__all__ = ["DATAGRAM_BYTES", "SEGMENT_BYTES", "datagram_layers", "header_byte", "segment_layers"]

SEGMENT_BYTES = 20
"""Captured bytes from which on a TCP header has a row in ``Capture.segments``."""
DATAGRAM_BYTES = 8
"""Captured bytes from which on a UDP header has a row in ``Capture.datagrams``."""


def segment_layers(capture: Capture) -> NDArray[np.int64]:
    """The row of ``Capture.layers`` of each row of ``Capture.segments``."""
    layers = capture.layers
    return np.flatnonzero((layers.kind == LayerKind.TCP) & (layers.size >= SEGMENT_BYTES))


def datagram_layers(capture: Capture) -> NDArray[np.int64]:
    """The row of ``Capture.layers`` of each row of ``Capture.datagrams``."""
    layers = capture.layers
    return np.flatnonzero((layers.kind == LayerKind.UDP) & (layers.size >= DATAGRAM_BYTES))


def header_byte(
    capture: Capture, packet: NDArray[np.unsignedinteger], layer: NDArray[np.int64], at: int
) -> NDArray[np.uint8]:
    """Byte ``at`` of each header, which must be captured.

    Args:
        capture: The recording.
        packet: Row of the packet, per header.
        layer: Row of the layer, per header.
        at: Which byte, from 0.
    """
    offset = capture.layers.offset[layer].astype(np.int64)
    assembled = offset >= ASSEMBLED
    found = np.empty(len(layer), np.uint8)
    in_file = ~assembled
    start = capture.packets.position[packet[in_file]] + offset[in_file]
    found[in_file] = np.frombuffer(capture.source.data, np.uint8)[start + at]
    if assembled.any():
        found[assembled] = np.frombuffer(capture.assembled, np.uint8)[offset[assembled] - ASSEMBLED + at]
    return found
