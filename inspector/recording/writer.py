"""Writes recordings: pcapng (draft-ietf-opsawg-pcapng), block by block and never backwards.

Every block reaches the operating system before the call returns, so that a killed writer leaves a file that is whole
up to its last block.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from struct import pack
from types import TracebackType
from typing import Protocol, Self

from inspector.errors import UsageError
from inspector.i18n import _
from inspector.recording.metadata import Statistics
from inspector.recording.options import COMMENT, END
from inspector.recording.reader import Interface, longest_packet
from inspector.recording.records import LONGEST_BLOCK

__all__ = ["PcapngWriter"]

_LONGEST_OPTION = 0xFFFF
_LONGEST_ON_WIRE = 0x7FFF_FFFF
"""Wireshark's signed 32-bit ``frame.len``."""
_LATEST_NS = 9_223_372_036 * 10**9
"""Readers hold later times at the last whole second that 64-bit nanoseconds have."""
_NANOSECONDS = 9
"""if_tsresol of every interface written here."""


class _Output(Protocol):
    def write(self, data: bytes | memoryview, /) -> int | None: ...

    def flush(self) -> None: ...


class PcapngWriter:
    """Writes one section of a pcapng file in the machine's byte order.

    Args:
        output: Where to write, from its beginning; a path is created, or emptied where it exists.
        application: What writes, as other programs will show it.
        hardware: Description of the machine, or None.
        os_name: Description of the operating system, or None.
        comments: Comments on the whole recording.

    Raises:
        UsageError: From every method, where a value cannot be written; nothing is written then.
    """

    def __init__(
        self,
        output: _Output | str | os.PathLike[str],
        *,
        application: str | None = None,
        hardware: str | None = None,
        os_name: str | None = None,
        comments: Sequence[str] = (),
    ) -> None:
        self._order = "<" if sys.byteorder == "little" else ">"
        self._links: list[int] = []
        options = [*_comments(comments), *_texts({2: hardware, 3: os_name, 4: application})]
        head = self._pack("IHHq", 0x1A2B3C4D, 1, 0, -1) + self._options(options)
        self._file = None
        if isinstance(output, (str, os.PathLike)):
            self._file = Path(output).open("wb", buffering=0)  # noqa: SIM115  # closed by close()
            output = self._file
        self._output: _Output = output
        self._block(0x0A0D0D0A, head)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file that was opened here."""
        if self._file is not None:
            self._file.close()

    def add_interface(self, interface: Interface) -> int:
        """Describe an interface; its time stamps are written in nanoseconds whatever its ``resolution`` was.

        Returns:
            Its number, for ``write_packet``.
        """
        if not 0 <= interface.link_type <= 0xFFFF:
            raise UsageError(_("link type {number} is not one of a packet").format(number=interface.link_type))
        options = [
            *_comments(interface.comments),
            *_texts({2: interface.name, 3: interface.description, 12: interface.os, 15: interface.hardware}),
            (9, bytes((_NANOSECONDS,))),
        ]
        if interface.filter is not None:
            options.append((11, b"\0" + _text(interface.filter)))
        head = self._pack("HHI", interface.link_type, 0, interface.snaplen)
        self._block(1, head + self._options(options))
        self._links.append(interface.link_type)
        return len(self._links) - 1

    def write_packet(
        self, interface: int, time_ns: int, data: bytes, *, length: int | None = None, comments: Sequence[str] = ()
    ) -> None:
        """Write a packet.

        Args:
            interface: What ``add_interface`` returned.
            time_ns: When it was seen, nanoseconds since the epoch.
            data: Its captured bytes.
            length: Its bytes on the wire, where that is not what was captured.
            comments: Comments on it.
        """
        length = len(data) if length is None else length
        if not 0 <= interface < len(self._links):
            raise UsageError(
                _("there is no interface {number}; {count} were added").format(number=interface, count=len(self._links))
            )
        if not 0 <= time_ns < _LATEST_NS:
            raise UsageError(_("time {time_ns} ns is not within 1970 to 2262").format(time_ns=time_ns))
        longest = longest_packet(self._links[interface])
        if len(data) > longest or not 0 <= length <= _LONGEST_ON_WIRE:
            raise UsageError(
                _(
                    "a packet of {captured} captured bytes, {length} on the wire, cannot be written; most are {longest}"
                ).format(captured=len(data), length=length, longest=longest)
            )
        head = self._pack("IIIII", interface, time_ns >> 32, time_ns & 0xFFFF_FFFF, len(data), length)
        self._block(6, head + _padded(data) + self._options(_comments(comments)))

    def write_secret(self, kind: int, data: bytes) -> None:
        """Embed keys, before the packets that need them; ``kind`` is a ``SecretKind``."""
        self._block(10, self._pack("II", kind, len(data)) + data)

    def write_names(self, names: Mapping[str, Iterable[str]]) -> None:
        """Write host names by address."""
        records = b""
        for address, hosts in names.items():
            try:
                packed = ipaddress.ip_address(address).packed
            except ValueError as error:
                raise UsageError(_("{address} is not an IP address").format(address=address)) from error
            value = packed + b"".join(_text(host) + b"\0" for host in hosts)
            records += self._option(1 if len(packed) == 4 else 2, value)
        self._block(4, records + self._option(END, b""))

    def write_statistics(self, interface: int, time_ns: int, statistics: Statistics) -> None:
        """Write the counters of an interface at a time."""
        counts = (
            statistics.received,
            statistics.dropped,
            statistics.accepted,
            statistics.dropped_by_os,
            statistics.delivered,
        )
        options = [(code, self._pack("Q", count)) for code, count in enumerate(counts, 4) if count is not None]
        head = self._pack("III", interface, time_ns >> 32, time_ns & 0xFFFF_FFFF)
        self._block(5, head + self._options(options))

    def write_custom(self, enterprise: int, data: bytes, *, copy: bool = True) -> None:
        """Write a block of one's own; readers know its data with zeros up to a multiple of four.

        Args:
            enterprise: A private enterprise number (IANA) of whoever defines the data.
            data: Anything.
            copy: Whether tools that do not know it may copy it into other files.
        """
        self._block(0x0BAD if copy else 0x40000BAD, self._pack("I", enterprise) + data)

    def _pack(self, code: str, *values: int) -> bytes:
        return pack(self._order + code, *values)

    def _option(self, code: int, value: bytes) -> bytes:
        if len(value) > _LONGEST_OPTION:
            raise UsageError(
                _("a text of {size} bytes cannot be written into a recording; most are 65535").format(size=len(value))
            )
        return self._pack("HH", code, len(value)) + _padded(value)

    def _options(self, options: Sequence[tuple[int, bytes]]) -> bytes:
        if not options:
            return b""
        return b"".join(self._option(code, value) for code, value in options) + self._option(END, b"")

    def _block(self, kind: int, body: bytes) -> None:
        total = len(body) + -len(body) % 4 + 12
        if total > LONGEST_BLOCK:
            raise UsageError(
                _("a block of {size} bytes cannot be written; most are {most}").format(size=total, most=LONGEST_BLOCK)
            )
        data = memoryview(self._pack("II", kind, total) + _padded(body) + self._pack("I", total))
        # One call, so that a killed writer rarely leaves half a block; an unbuffered file may take less than all.
        while data:
            data = data[self._output.write(data) :]
        self._output.flush()


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _text(text: str) -> bytes:
    if "\0" in text:
        raise UsageError(_("a text with a NUL character cannot be written into a recording"))
    return text.encode("utf-8", "backslashreplace")


def _comments(comments: Sequence[str]) -> list[tuple[int, bytes]]:
    return [(COMMENT, _text(comment)) for comment in comments]


def _texts(texts: Mapping[int, str | None]) -> list[tuple[int, bytes]]:
    return [(code, _text(text)) for code, text in texts.items() if text is not None]
