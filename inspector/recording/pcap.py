"""The classic pcap format (draft-ietf-opsawg-pcap) and the variants of it that were once written."""

from __future__ import annotations

from struct import unpack_from

from inspector.errors import CaptureError
from inspector.i18n import _
from inspector.model.damage import Damage, DamageKind
from inspector.recording.metadata import Metadata
from inspector.recording.reader import BATCH_BYTES, Interface, Views, longest_packet
from inspector.recording.records import BAD_LENGTH, CUT, walk_pcap
from inspector.recording.source import Source

__all__ = ["PCAP_MAGICS", "PcapReader"]

PCAP_MAGICS = {
    # first four bytes: (big-endian, nanoseconds, lengths that a record header may have, the usual one first)
    bytes.fromhex("a1b2c3d4"): (True, False, (16, 24, 20)),
    bytes.fromhex("d4c3b2a1"): (False, False, (16, 24, 20)),
    bytes.fromhex("a1b23c4d"): (True, True, (16,)),
    bytes.fromhex("4d3cb2a1"): (False, True, (16,)),
    bytes.fromhex("a1b2cd34"): (True, False, (24, 28)),
    bytes.fromhex("34cdb2a1"): (False, False, (24, 28)),
}
"""24: Kuznetzov's patched libpcap, whose first version kept the usual magic; 28: a later patch; 20: Nokia's tcpdump."""

_FILE_HEADER = 24
_RESERVED = 0x03FF_0000
"""Bits of the link type field that must be zero; those above hold the length of the frame check sequence."""

_AIX_VERSION = (2, 2)
_AIX_LINK_TYPES = {6: 1, 9: 6, 15: 10, 24: 0}
"""AIX tcpdump wrote interface types of its own (ifType of RFC 1213), and nanoseconds."""

_JUDGED_RECORDS = 3
"""Records looked at to tell the length of record headers, as many as tshark looks at."""
_NEAR_SECONDS = 10 * 366 * 24 * 3600
"""Neighbouring records are not further apart than this; bytes that are no time stamps usually are."""


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
        self._big, self._nanoseconds, headers = PCAP_MAGICS[source.data[:4]]
        major, minor, _zone, _figures, snaplen, link = unpack_from(
            ">HHIIII" if self._big else "<HHIIII", source.data, 4
        )
        if major < 2:
            raise CaptureError(
                _("{name} has pcap version {major}.{minor}; only 2.x is known").format(
                    name=source.name, major=major, minor=minor
                )
            )
        if link & _RESERVED:
            raise CaptureError(
                _(
                    "{name} has reserved bits set in its link type field, {field}: it is no pcap file that can be read"
                ).format(name=source.name, field=f"0x{link:08x}")
            )
        link &= 0xFFFF
        self._swap = _swapped_lengths(major, minor)
        if (major, minor) == _AIX_VERSION and link in _AIX_LINK_TYPES:
            link = _AIX_LINK_TYPES[link]
            self._nanoseconds = True
        self._longest = longest_packet(link)
        self.interfaces = [Interface(link_type=link, snaplen=snaplen, resolution=9 if self._nanoseconds else 6)]
        self.metadata = Metadata()
        self.damage: Damage | None = None
        self.position = _FILE_HEADER
        self._packets = 0
        # The first of the best, so the usual length unless another makes more sense of the file.
        self._header = max(headers, key=self._sensible)

    def read(self, views: Views) -> int:
        """See ``Reader.read``."""
        if self.damage:
            return 0
        rows, self.position, state, value = walk_pcap(
            self._data,
            self.position,
            BATCH_BYTES,
            self._big,
            self._nanoseconds,
            self._header,
            self._swap,
            self._longest,
            views["packets.position"],
            views["packets.time_ns"],
            views["packets.captured"],
            views["packets.length"],
        )
        self._packets += rows
        if state == CUT:
            self.damage = self._source.cut(self._packets, self.position)
        elif state == BAD_LENGTH:
            self.damage = Damage(
                kind=DamageKind.CORRUPT,
                packets=self._packets,
                position=self.position,
                code="record_length",
                value=value,
            )
        return int(rows)

    def _sensible(self, header: int) -> int:
        """How many of the first records make sense when their headers are this long; all where the file ends before."""
        usual = header == PCAP_MAGICS[self._source.data[:4]][2][0]
        at = _FILE_HEADER
        before = 0
        for count in range(_JUDGED_RECORDS):
            if at == len(self._data):
                break
            if len(self._data) - at < header:
                return _JUDGED_RECORDS if usual else count
            seconds, fraction, captured, length = unpack_from(">4I" if self._big else "<4I", self._data, at)
            if self._swap == 2:
                captured, length = length, captured
            if captured > self._longest:
                return count
            if not usual:
                # Zeros and text make records too, but not like these.
                near = count == 0 or abs(seconds - before) < _NEAR_SECONDS
                if not near or fraction >= 10**9 or not 0 < captured <= min(length, len(self._data) - at - header):
                    return count
            before = seconds
            at += header + captured
            if at > len(self._data):
                break
        return _JUDGED_RECORDS


def _swapped_lengths(major: int, minor: int) -> int:
    """How ``walk_pcap`` finds lengths that old writers swapped: always before 2.3, in 2.3 by some, and by DG/UX (543)."""
    if (major, minor) < (2, 3) or major == 543:
        return 2
    return 1 if (major, minor) == (2, 3) else 0
