"""The pcapng format (draft-ietf-opsawg-pcapng).

The kernel walks packet blocks; every other block is read here. Broken blocks end the reading where tshark 4.0 ends it.
"""

from __future__ import annotations

import ipaddress
from array import array
from collections.abc import Callable
from struct import unpack_from

from inspector.errors import CaptureError
from inspector.i18n import _
from inspector.model.damage import Damage, DamageKind
from inspector.recording import records
from inspector.recording.metadata import CustomBlock, Metadata, Secret, Section, Statistics
from inspector.recording.options import BadOption, comments_of, iterate_options, text_of
from inspector.recording.reader import BATCH_BYTES, NO_LINK, Interface, Views, longest_packet
from inspector.recording.source import Source

__all__ = ["PCAPNG_MAGIC", "PcapngReader"]

PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"

_BYTE_ORDER = {b"\x1a\x2b\x3c\x4d": True, b"\x4d\x3c\x2b\x1a": False}
"""Big-endian or not, by the byte-order magic as it lies in the file."""
_VERSIONS = {(1, 0), (1, 2)}
"""(1, 2) was written by some programs and means (1, 0)."""

_SECTION = 0x0A0D0D0A
_INTERFACE = 1
_NAMES = 4
_STATISTICS = 5
_JOURNAL = 9
_SECRETS = 10
_CUSTOM = 0x0BAD
_CUSTOM_NO_COPY = 0x40000BAD

_LEAST = {
    _SECTION: 28,
    _INTERFACE: 20,
    _NAMES: 16,
    _STATISTICS: 24,
    _JOURNAL: 35,
    _SECRETS: 20,
    _CUSTOM: 16,
    _CUSTOM_NO_COPY: 16,
}
"""Shortest total length of each block that is read here."""

_MOST_INTERFACES = 65_535
"""``packets.interface`` has 16 bits, and an enhanced packet block of 2**16 interfaces is not a network."""
_MOST_NAMES = 1_000_000
"""Addresses with names that are kept; a hostile file could hold nothing else, at 200 bytes of memory each."""
_MOST_SECTIONS = 65_535
_MOST_SECRETS = 65_535
"""A hostile file could hold nothing but sections or secrets, each many times larger in memory than in the file."""
_MOST_CUSTOM_BLOCKS = 65_536
"""Custom blocks that are kept apart; further ones still have their row among the packets."""
_MOST_SECONDS = 9_223_372_035
"""An if_tsoffset beyond this leaves the range of 64-bit nanoseconds anyway."""

_MOST_NAMES_OF_ONE = 100
"""Names of one address that are kept."""
_MOST_DIGITS = 15
"""Digits of a journal time: more leave the range of 64-bit nanoseconds."""

_FILTER = 11

_REALTIME = b"__REALTIME_TIMESTAMP="
"""Field of a systemd journal entry: microseconds since the epoch."""

_REASONS = {
    records.BAD_LENGTH: "record_length",
    records.BAD_BLOCK_LENGTH: "block_length",
    records.BAD_TRAILER: "block_trailer",
    records.NO_INTERFACE: "no_interface",
    records.BAD_OPTION: "option_length",
}


class _Broken(Exception):
    """The block cannot be what it claims: the reason's code and the number at fault."""

    def __init__(self, code: str, value: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.value = value


class _Interfaces:
    """The interfaces of one section, as columns for the kernel: grown in place, one may come before every packet."""

    def __init__(self) -> None:
        self.index = array("H")
        self.scale = array("B")
        self.unit = array("Q")
        self.offset_seconds = array("q")
        self.longest = array("q")
        self.snaplen = 0


class PcapngReader:
    """Reads the blocks of a pcapng file."""

    format = "pcapng"

    def __init__(self, source: Source) -> None:
        self._source = source
        self._data = memoryview(source.data)
        self.interfaces: list[Interface] = []
        self.metadata = Metadata()
        self.damage: Damage | None = None
        self.position = 0
        self._packets = 0
        self._row = 0
        self._views: Views = {}
        self._big = False
        self._section = _Interfaces()
        self._other_interface: int | None = None
        self._read_block()
        if self.damage is not None:
            raise CaptureError(
                _("{name} is damaged in its first block: {why}").format(name=source.name, why=self.damage.reason)
            )

    def read(self, views: Views) -> int:
        """See ``Reader.read``."""
        rows = len(views["packets.position"])
        end = self.position + BATCH_BYTES
        self._views = views
        self._row = 0
        while self.damage is None and self._row < rows and self.position < len(self._data):
            if self.position >= end:
                if self._row:
                    break
                # A batch without rows would mean the end of the file; this one held nothing but other blocks.
                end = self.position + BATCH_BYTES
                self._source.release(self.position)
            section = self._section
            self._row, self.position, state, value, passed = records.walk_pcapng(
                self._data,
                self.position,
                end - self.position,
                self._big,
                section.index,
                section.scale,
                section.unit,
                section.offset_seconds,
                section.longest,
                section.snaplen,
                self._row,
                views["packets.position"],
                views["packets.time_ns"],
                views["packets.captured"],
                views["packets.length"],
                views["packets.interface"],
                self._packets,
                self.metadata.comments,
                self.metadata.untimed,
            )
            self.metadata.unknown_blocks += passed
            if state == records.OTHER_BLOCK:
                self._read_block()
            elif state == records.CUT:
                self._cut()
            elif state in _REASONS:
                self._corrupt(_REASONS[state], value)
        self._packets += self._row
        return self._row

    def _cut(self) -> None:
        self.damage = self._source.cut(self._packets + self._row, self.position)

    def _corrupt(self, code: str, value: int) -> None:
        self.damage = Damage(
            kind=DamageKind.CORRUPT,
            packets=self._packets + self._row,
            position=self.position,
            code=code,
            value=value,
        )

    def _read_block(self) -> None:
        """Read the block at the position, one that is not a packet, and go behind it."""
        try:
            body = self._body()
            if body is None:
                self._cut()
            else:
                _READERS[self._kind()](self, body)
                self.position += len(body) + 12
        except BadOption:
            self._corrupt("option_length", 0)
        except _Broken as broken:
            self._corrupt(broken.code, broken.value)

    def _kind(self) -> int:
        return self._number("I", self.position)

    def _number(self, code: str, at: int) -> int:
        return int(unpack_from((">" if self._big else "<") + code, self._data, at)[0])

    def _body(self) -> bytes | None:
        """What lies between the two lengths of the block at the position; None where the file ends inside it."""
        at = self.position
        left = len(self._data) - at
        if left < 12:
            return None
        if self._data[at : at + 4] == PCAPNG_MAGIC:
            magic = bytes(self._data[at + 8 : at + 12])
            if magic not in _BYTE_ORDER:
                raise _Broken("byte_order", int.from_bytes(magic))
            self._big = _BYTE_ORDER[magic]
        claimed = self._number("I", at + 4)
        total = claimed + 3 & ~3
        if claimed < _LEAST[self._kind()] or total > records.LONGEST_BLOCK:
            raise _Broken("block_length", claimed)
        if left < total:
            return None
        trailer = self._number("I", at + total - 4)
        if trailer + 3 & ~3 != total:
            raise _Broken("block_trailer", trailer)
        return bytes(self._data[at + 8 : at + total - 4])

    def _read_section(self, body: bytes) -> None:
        version = unpack_from(">HH" if self._big else "<HH", body, 4)
        if version not in _VERSIONS:
            raise _Broken("section_version", version[0])
        if len(self.metadata.sections) >= _MOST_SECTIONS:
            raise _Broken("too_many", _MOST_SECTIONS)
        options = list(iterate_options(body[16:], self._big))
        texts = _texts(options)
        self.metadata.sections.append(
            Section(
                big_endian=self._big,
                hardware=texts.get(2),
                os=texts.get(3),
                application=texts.get(4),
                comments=comments_of(options),
            )
        )
        self._section = _Interfaces()

    def _read_interface(self, body: bytes) -> None:
        if len(self.interfaces) >= _MOST_INTERFACES:
            raise _Broken("too_many", _MOST_INTERFACES)
        link_type, _reserved, snaplen = unpack_from(">HHI" if self._big else "<HHI", body)
        options = list(iterate_options(body[8:], self._big))
        texts = _texts(options)
        sized = {(code, len(value)): value for code, value in reversed(options)}
        order = ">" if self._big else "<"
        resolution = sized.get((9, 1), b"\6")[0]
        offset = unpack_from(order + "q", sized.get((14, 8), bytes(8)))[0]
        if any(code == _FILTER and not value for code, value in options):
            raise _Broken("option_length")
        section = self._section
        section.snaplen = section.snaplen if section.index else snaplen
        section.index.append(len(self.interfaces))
        scale, unit = _scale(resolution)
        section.scale.append(scale)
        section.unit.append(unit)
        section.offset_seconds.append(max(-_MOST_SECONDS, min(offset, _MOST_SECONDS)))
        section.longest.append(longest_packet(link_type))
        self.interfaces.append(
            Interface(
                link_type=link_type,
                snaplen=snaplen,
                number=len(section.index) - 1,
                section=len(self.metadata.sections) - 1,
                name=texts.get(2),
                description=texts.get(3),
                filter=next((text_of(v[1:]) for code, v in options if code == _FILTER and v[0] == 0), None),
                os=texts.get(12),
                hardware=texts.get(15),
                resolution=resolution,
                offset_seconds=offset,
                comments=comments_of(options),
            )
        )

    def _read_names(self, body: bytes) -> None:
        at = 0
        while len(body) - at >= 4:
            kind, size = unpack_from(">HH" if self._big else "<HH", body, at)
            value = body[at + 4 : at + 4 + size]
            if len(value) < size:
                raise _Broken("name_length", size)
            if kind == 0:
                return
            address_size = {1: 4, 2: 16}.get(kind, 0)
            if address_size:
                if size < address_size:
                    raise _Broken("name_length", size)
                if not value[address_size:].endswith(b"\0"):
                    raise _Broken("name_end", size)
                address = str(ipaddress.ip_address(value[:address_size]))
                if len(self.metadata.names) < _MOST_NAMES or address in self.metadata.names:
                    known = self.metadata.names.setdefault(address, [])
                    for name in value[address_size:-1].split(b"\0"):
                        text = name.decode("utf-8", "backslashreplace")
                        if text and text not in known and len(known) < _MOST_NAMES_OF_ONE:
                            known.append(text)
            at += 4 + (size + 3 & ~3)

    def _read_statistics(self, body: bytes) -> None:
        number = self._number("I", self.position + 8)
        order = ">Q" if self._big else "<Q"
        counts = {
            code: unpack_from(order, value)[0]
            for code, value in iterate_options(body[12:], self._big)
            if len(value) == 8
        }
        if number < len(self._section.index):
            self.metadata.statistics[self._section.index[number]] = Statistics(
                received=counts.get(4),
                dropped=counts.get(5),
                accepted=counts.get(6),
                dropped_by_os=counts.get(7),
                delivered=counts.get(8),
            )

    def _read_secrets(self, body: bytes) -> None:
        kind, size = unpack_from(">II" if self._big else "<II", body)
        if size > len(body) - 8:
            raise _Broken("secrets_length", size)
        if len(self.metadata.secrets) >= _MOST_SECRETS:
            raise _Broken("too_many", _MOST_SECRETS)
        self.metadata.secrets.append(Secret(kind, body[8 : 8 + size]))

    def _read_custom(self, body: bytes) -> None:
        if len(self.metadata.custom_blocks) < _MOST_CUSTOM_BLOCKS:
            self.metadata.custom_blocks.append(
                CustomBlock(
                    packet=self._packets + self._row,
                    enterprise=self._number("I", self.position + 8),
                    position=self.position + 12,
                    size=len(body) - 4,
                    copy=self._kind() == _CUSTOM,
                )
            )
        self.metadata.untimed.append(self._packets + self._row)
        self._add_row(self.position + 12, len(body) - 4, 0)

    def _read_journal(self, body: bytes) -> None:
        digits = body.partition(_REALTIME)[2].partition(b"\n")[0]
        microseconds = int(digits) if digits.isdigit() and len(digits) <= _MOST_DIGITS else None
        if microseconds is None:
            self.metadata.untimed.append(self._packets + self._row)
        self._add_row(self.position + 8, len(body.rstrip(b"\0")), (microseconds or 0) * 1000)

    def _add_row(self, position: int, size: int, time_ns: int) -> None:
        """A block that is no packet but has a frame number in Wireshark: a row that belongs to no interface."""
        if self._other_interface is None:
            if len(self.interfaces) >= _MOST_INTERFACES:
                raise _Broken("too_many", _MOST_INTERFACES)
            self._other_interface = len(self.interfaces)
            self.interfaces.append(Interface(link_type=NO_LINK, snaplen=0))
        values = (position, time_ns, size, size, self._other_interface)
        for name, value in zip(("position", "time_ns", "captured", "length", "interface"), values, strict=True):
            self._views[f"packets.{name}"][self._row] = value
        self._row += 1


_READERS: dict[int, Callable[[PcapngReader, bytes], None]] = {
    _SECTION: PcapngReader._read_section,
    _INTERFACE: PcapngReader._read_interface,
    _NAMES: PcapngReader._read_names,
    _STATISTICS: PcapngReader._read_statistics,
    _JOURNAL: PcapngReader._read_journal,
    _SECRETS: PcapngReader._read_secrets,
    _CUSTOM: PcapngReader._read_custom,
    _CUSTOM_NO_COPY: PcapngReader._read_custom,
}
"""The reader of each block that is not a packet; not bound, since a reader that refers to itself would stay in memory."""


def _scale(resolution: int) -> tuple[int, int]:
    """if_tsresol as (scale, unit) of the kernel."""
    exponent = resolution & 0x7F
    if resolution & 0x80:
        # From 2**-94 on every 64-bit number of ticks is less than a nanosecond.
        return records.SCALE_BINARY, min(exponent, 95)
    if exponent <= 9:
        return records.SCALE_PLAIN, 10**exponent
    return records.SCALE_FINE, min(10 ** (exponent - 9), 2**64 - 1)


def _texts(options: list[tuple[int, bytes]]) -> dict[int, str]:
    """The first text of each option code."""
    return {code: text_of(value) for code, value in reversed(options)}
