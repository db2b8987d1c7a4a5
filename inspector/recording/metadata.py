"""What a pcapng file says besides packets: sections, comments, names, secrets, statistics, custom blocks."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector.errors import CaptureError
from inspector.i18n import _, reason_of
from inspector.recording.options import comments_of, iterate_options
from inspector.recording.source import Source

__all__ = ["CustomBlock", "Metadata", "PacketComments", "Secret", "SecretKind", "Section", "Statistics", "read_key_log"]

_MOST_KEY_BYTES = 256 << 20
"""A key log line is some 200 bytes per connection: this holds a million connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section header.

    Args:
        big_endian: Byte order of the section.
        hardware, os, application: What wrote it, or None.
        comments: Comments on the whole section.
    """

    big_endian: bool
    hardware: str | None = None
    os: str | None = None
    application: str | None = None
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counters of an interface; None is what the capturing program did not write.

    Args:
        received: Packets the interface received (isb_ifrecv).
        dropped: Packets the interface dropped for lack of resources (isb_ifdrop).
        accepted: Packets the capture filter accepted (isb_filteraccept).
        dropped_by_os: Packets the operating system dropped (isb_osdrop).
        delivered: Packets delivered to the capturing program (isb_usrdeliv).
    """

    received: int | None = None
    dropped: int | None = None
    accepted: int | None = None
    dropped_by_os: int | None = None
    delivered: int | None = None


class SecretKind(IntEnum):
    """Secrets types of the pcapng draft."""

    TLS_KEY_LOG = 0x544C534B
    SSH_KEY_LOG = 0x5353484B
    WIREGUARD_KEY_LOG = 0x57474B4C


@dataclass(frozen=True, slots=True)
class Secret:
    """Keys embedded in a recording.

    Args:
        kind: A ``SecretKind``, or any other number.
        data: The keys; never shown unasked.
    """

    kind: int
    data: bytes = field(repr=False)


def read_key_log(path: str | os.PathLike[str]) -> Secret:
    """Read a TLS key log file (SSLKEYLOGFILE).

    Raises:
        CaptureError: If it cannot be read, or is too large to be one.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MOST_KEY_BYTES + 1)
    except OSError as error:
        raise CaptureError(_("cannot read {name}: {why}").format(name=path, why=reason_of(error))) from error
    if len(data) > _MOST_KEY_BYTES:
        raise CaptureError(
            _("{name} is no key log: it is larger than {most} bytes").format(name=path, most=_MOST_KEY_BYTES)
        )
    return Secret(SecretKind.TLS_KEY_LOG, data)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomBlock:
    """A block of somebody's own.

    Args:
        packet: Row in ``packets`` that stands for it, as Wireshark gives it a frame number too.
        enterprise: Private enterprise number of whoever defined it.
        position, size: Where its data lie in the (uncompressed) file.
        copy: Whether tools that do not know it may copy it.
    """

    packet: int
    enterprise: int
    position: int
    size: int
    copy: bool


class PacketComments(Mapping[int, tuple[str, ...]]):
    """Comments by packet number (from 1); texts are read from the file when asked for.

    Args:
        source: The file.
        rows: One row per packet that has comments: packet row, start and end of its options, big-endian (0 or 1);
            int64, shape (n, 4), ascending.
    """

    def __init__(self, source: Source, rows: NDArray[np.int64]) -> None:
        self._source = source
        self._rows = rows

    def __getitem__(self, number: int) -> tuple[str, ...]:
        index = int(np.searchsorted(self._rows[:, 0], number - 1))
        if index == len(self._rows) or self._rows[index, 0] != number - 1:
            raise KeyError(number)
        _, start, end, big = self._rows[index].tolist()
        return comments_of(iterate_options(self._source.data[start:end], bool(big)))

    def between(self, first: int, end: int) -> list[int]:
        """The packet numbers from ``first`` to before ``end`` that have comments."""
        start, stop = np.searchsorted(self._rows[:, 0], [first - 1, end - 1])
        numbers: list[int] = (self._rows[start:stop, 0] + 1).tolist()
        return numbers

    def __iter__(self) -> Iterator[int]:
        return iter((self._rows[:, 0] + 1).tolist())

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(slots=True)
class Metadata:
    """Everything but packets and interfaces, collected while the file is read.

    Attributes:
        sections: Section headers, in order.
        names: Host names by address, as text ("192.0.2.1").
        secrets: Embedded keys, in order.
        statistics: Last counters by index of the interface.
        custom_blocks: Custom blocks, in order.
        unknown_blocks: How many blocks of other kinds were passed over.
        comments: Rows of ``PacketComments``, one after the other.
        untimed: Rows of packets without a time stamp (their ``time_ns`` is 0).
    """

    sections: list[Section] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)
    secrets: list[Secret] = field(default_factory=list)
    statistics: dict[int, Statistics] = field(default_factory=dict)
    custom_blocks: list[CustomBlock] = field(default_factory=list)
    unknown_blocks: int = 0
    comments: array[int] = field(default_factory=lambda: array("q"))
    untimed: array[int] = field(default_factory=lambda: array("q"))
