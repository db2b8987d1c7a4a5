"""Readers of capture file formats: from the file's header to batches of records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from inspector.errors import CaptureError
from inspector.i18n import _
from inspector.model.damage import Damage
from inspector.proto.kinds import LayerKind
from inspector.recording.source import Source

__all__ = ["Interface", "Reader", "Views", "open_reader"]

Views = dict[str, memoryview]
"""Buffers by ``"table.column"``."""

_FIRST_LAYER = {
    0: LayerKind.NULL,
    1: LayerKind.ETHERNET,
    9: LayerKind.PPP,
    12: LayerKind.RAW,
    14: LayerKind.RAW,
    101: LayerKind.RAW,
    104: LayerKind.CHDLC,
    105: LayerKind.IEEE80211,
    108: LayerKind.LOOP,
    113: LayerKind.SLL,
    127: LayerKind.RADIOTAP,
    228: LayerKind.IPV4,
    229: LayerKind.IPV6,
    276: LayerKind.SLL2,
}
"""First header by link type (the tcpdump group's LINKTYPE list)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """Where packets were seen.

    Args:
        link_type: LINKTYPE number of the tcpdump group's list.
        snaplen: Bytes kept of each packet; 0 means no limit was given.
        name, description, filter: As written by the capturing program, or None.
        ticks_per_second: Resolution of its time stamps.
        offset_seconds: Added to its time stamps.
    """

    link_type: int
    snaplen: int
    name: str | None = None
    description: str | None = None
    filter: str | None = None
    ticks_per_second: int = 1_000_000
    offset_seconds: int = 0

    @property
    def first_layer(self) -> LayerKind:
        """The header that packets of this interface begin with."""
        return _FIRST_LAYER.get(self.link_type, LayerKind.UNKNOWN)


class Reader(Protocol):
    """What a format offers: records, batch by batch."""

    format: str
    interfaces: list[Interface]
    damage: Damage | None
    position: int

    def read(self, views: Views) -> int:
        """Fill ``packets.*`` of ``views`` from the next records.

        Returns:
            Rows filled; 0 at the end of the file or where it is damaged.
        """
        ...


def open_reader(source: Source) -> Reader:
    """Choose the reader by the file's first bytes.

    Raises:
        CaptureError: If they are not those of a known format.
    """
    from inspector.recording.pcap import PCAP_MAGICS, PcapReader

    start = source.data[:4]
    if start in PCAP_MAGICS:
        return PcapReader(source)
    raise CaptureError(
        _("{name} is not a capture file: it starts with {start}; expected pcap or pcapng").format(
            name=source.name, start=start.hex(" ")
        )
    )
