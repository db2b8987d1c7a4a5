"""The classic pcap format (draft-ietf-opsawg-pcap)."""

from __future__ import annotations

import struct

from inspector.errors import CaptureError
from inspector.i18n import _
from inspector.model.damage import Damage, DamageKind
from inspector.recording.reader import Interface, Views
from inspector.recording.records import BAD_LENGTH, CUT, walk_pcap
from inspector.recording.source import Source

__all__ = ["PCAP_MAGICS", "PcapReader"]

PCAP_MAGICS = {
    # first four bytes: (big-endian, nanoseconds, length of a record header)
    bytes.fromhex("a1b2c3d4"): (True, False, 16),
    bytes.fromhex("d4c3b2a1"): (False, False, 16),
    bytes.fromhex("a1b23c4d"): (True, True, 16),
    bytes.fromhex("4d3cb2a1"): (False, True, 16),
    # Kuznetzov's modified format: eight more bytes per record
    bytes.fromhex("a1b2cd34"): (True, False, 24),
    bytes.fromhex("34cdb2a1"): (False, False, 24),
}

_FILE_HEADER = 24
_BATCH_BYTES = 32 << 20
"""Bytes of the file behind one batch: what stays in memory of a file larger than memory."""


class PcapReader:
    """Reads records of a pcap file in either byte order."""

    format = "pcap"

    def __init__(self, source: Source) -> None:
        if len(source.data) < _FILE_HEADER:
            raise CaptureError(
                _("{name} is cut in its file header: {size} of 24 bytes").format(
                    name=source.name, size=len(source.data)
                )
            )
        self._source = source
        self._data = memoryview(source.data)
        self._big, self._nanoseconds, self._header = PCAP_MAGICS[source.data[:4]]
        snaplen, link = struct.unpack_from(">II" if self._big else "<II", source.data, 16)
        self.interfaces = [Interface(link_type=link & 0xFFFF, snaplen=snaplen)]
        self.damage: Damage | None = None
        self.position = _FILE_HEADER
        self._packets = 0

    def read(self, views: Views) -> int:
        """See ``Reader.read``."""
        if self.damage:
            return 0
        rows, self.position, state = walk_pcap(
            self._data,
            self.position,
            _BATCH_BYTES,
            self._big,
            self._nanoseconds,
            self._header,
            views["packets.position"],
            views["packets.time_ns"],
            views["packets.captured"],
            views["packets.length"],
        )
        self._packets += rows
        if state == CUT:
            self.damage = Damage(
                kind=DamageKind.CUT,
                packets=self._packets,
                position=self.position,
                code="record_cut",
                value=len(self._data),
            )
        elif state == BAD_LENGTH:
            self.damage = Damage(
                kind=DamageKind.CORRUPT,
                packets=self._packets,
                position=self.position,
                code="record_length",
                value=struct.unpack_from(">I" if self._big else "<I", self._data, self.position + 8)[0],
            )
        return int(rows)
