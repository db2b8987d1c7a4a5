"""The data behind TCP and UDP headers, for filters.

Not printed: tshark shows no tcp.payload where a message that lasts until the connection's end is put together, and
udp.payload goes beyond the UDP length, so that neither would always be equal.
"""

from __future__ import annotations

import numpy as np

from inspector.analysis.fields.field import Field
from inspector.analysis.fields.segments import SegmentRows
from inspector.analysis.fields.values import BYTES, Values
from inspector.analysis.fields.window import Window
from inspector.i18n import N_
from inspector.proto import LayerKind

__all__ = ["PAYLOAD_FIELDS"]

_UDP_HEADER = 8


def _tcp_payload(window: Window) -> Values:
    rows = SegmentRows(window)
    start = rows.header_size
    data = rows.headers.slices(start, start + rows.column("captured"))
    return rows.headers.values(data, rows.read & rows.possible & ~rows.short & (rows.column("captured") > 0))


def _udp_payload(window: Window) -> Values:
    found = window.headers(LayerKind.UDP)
    data = found.slices(np.full(len(found), _UDP_HEADER), found.size)
    return found.values(data, found.size > _UDP_HEADER)


PAYLOAD_FIELDS = (
    Field("tcp.payload", BYTES, N_("The data of a TCP segment."), _tcp_payload),
    Field("udp.payload", BYTES, N_("The data of a UDP datagram."), _udp_payload),
)
