"""Readers of capture file formats: from the file's header to batches of records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from inspector.errors import CaptureError
from inspector.i18n import _
from inspector.model.damage import Damage
from inspector.model.grade import Grade, grade_of_comments
from inspector.proto.kinds import LayerKind
from inspector.recording.metadata import Metadata
from inspector.recording.source import Source

__all__ = ["BATCH_BYTES", "NO_LINK", "Interface", "Reader", "Views", "longest_packet", "open_reader"]

BATCH_BYTES = 16 << 20
"""Bytes of the file behind one batch: what stays in memory of a file larger than memory."""

NO_LINK = -1
"""``Interface.link_type`` of rows that are no packets: custom blocks and journal entries, which Wireshark numbers too."""

_LONGEST_PACKET = 262_144
"""Longest packet that readers accept (libpcap's MAXIMUM_SNAPLEN); a greater length is damage."""
_LONGEST_BY_LINK = {189: 128 << 20, 220: 128 << 20, 231: 128 << 20, 249: 128 << 20, 279: 8 << 20}
"""USB, D-Bus and EBHSCR transfer more at a time; the limits are those of tshark 4.0."""


def longest_packet(link_type: int) -> int:
    """The captured length above which a record of this link type is taken for damage."""
    return _LONGEST_BY_LINK.get(link_type, _LONGEST_PACKET)


Views = dict[str, memoryview]
"""Buffers by ``"table.column"``."""

_FIRST_LAYER = {
    0: LayerKind.NULL,
    1: LayerKind.ETHERNET,
    9: LayerKind.PPP,
    12: LayerKind.RAW,
    14: LayerKind.RAW,
    50: LayerKind.PPP,
    51: LayerKind.PPPOE,
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
        link_type: LINKTYPE number of the tcpdump group's list, or ``NO_LINK``.
        snaplen: Bytes kept of each packet; 0 means no limit was given.
        number: Its number in its section (Wireshark's ``frame.interface_id``); None outside pcapng.
        section: Its section in ``Capture.sections``; None outside pcapng.
        name, description, filter, os, hardware: As written by the capturing program, or None.
        resolution: if_tsresol: n for 10**-n seconds, 0x80 + n for 2**-n.
        offset_seconds: if_tsoffset, added to its time stamps.
        comments: Comments on the interface.
    """

    link_type: int
    snaplen: int
    number: int | None = None
    section: int | None = None
    name: str | None = None
    description: str | None = None
    filter: str | None = None
    os: str | None = None
    hardware: str | None = None
    resolution: int = 6
    offset_seconds: int = 0
    comments: tuple[str, ...] = ()

    @property
    def first_layer(self) -> LayerKind:
        """The header that packets of this interface begin with."""
        if self.link_type == NO_LINK:
            return LayerKind.NONE
        return _FIRST_LAYER.get(self.link_type, LayerKind.UNKNOWN)

    @property
    def grade(self) -> Grade:
        """How much of what it shows is real."""
        return grade_of_comments(self.comments)


class Reader(Protocol):
    """What a format offers: records, batch by batch."""

    format: str
    interfaces: list[Interface]
    metadata: Metadata
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
    from inspector.recording.pcapng import PCAPNG_MAGIC, PcapngReader

    start = source.data[:4]
    if start in PCAP_MAGICS:
        return PcapReader(source)
    if start == PCAPNG_MAGIC:
        return PcapngReader(source)
    raise CaptureError(
        _(
            "{name} is not a capture file: it starts with {start}; expected pcap or pcapng, plain or compressed; "
            "a HAR or a flow file of mitmproxy becomes one with inspector import"
        ).format(name=source.name, start=start.hex(" "))
    )
