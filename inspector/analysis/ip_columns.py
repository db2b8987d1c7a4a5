"""What the IP header around each TCP segment says: identification and time to live, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.once import once_per_capture
from inspector.model.tables import ASSEMBLED
from inspector.proto.kinds import LayerKind
from inspector.recording.capture import Capture

__all__ = ["IpColumns", "ip_columns"]


@dataclass(frozen=True, slots=True, eq=False)
class IpColumns:
    """The innermost IP header by segment: row ``i`` is row ``i`` of ``Capture.segments``.

    Columns: ``version`` 4, 6, or 0 where no IP header comes right before; ``identification`` (IPv4 only, else 0);
    ``ttl`` time to live or hop limit.
    """

    version: NDArray[np.uint8]
    identification: NDArray[np.uint16]
    ttl: NDArray[np.uint8]


@once_per_capture
def ip_columns(capture: Capture) -> IpColumns:
    """Read them; done once per capture."""
    layers = capture.layers
    rows = np.flatnonzero(layers.kind == LayerKind.TCP)
    before = np.maximum(rows - 1, 0)
    kind = layers.kind[before]
    at = layers.offset[before].astype(np.int64)
    in_packet = at < ASSEMBLED
    position = capture.packets.position[capture.segments.packet] + at
    version = np.zeros(len(rows), np.uint8)
    identification = np.zeros(len(rows), np.uint16)
    ttl = np.zeros(len(rows), np.uint8)
    data = np.frombuffer(capture.source.data, np.uint8)
    four = np.flatnonzero((kind == LayerKind.IPV4) & in_packet)
    start = position[four]
    version[four] = 4
    identification[four] = (data[start + 4].astype(np.uint16) << 8) | data[start + 5]
    ttl[four] = data[start + 8]
    six = np.flatnonzero((kind == LayerKind.IPV6) & in_packet)
    version[six] = 6
    ttl[six] = data[position[six] + 7]
    return IpColumns(version, identification, ttl)
