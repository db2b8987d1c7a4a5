"""Wireshark's opinion on packets of a capture: sharkd where it is found, else pyshark, with the same result.

Every call starts one process, gives it a temporary folder and a time limit, and leaves nothing behind. Calls may be made
on any thread and inside a running event loop (which they block).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from captures.excerpt import Excerpt, write_excerpt, write_keys, write_whole
from captures.profile import Profile
from captures.programs import Program, find_program, need_program
from captures.pyshark_session import Pyshark
from captures.sharkd import Sharkd
from captures.tree import Dissected, Item
from inspector.analysis.fields.facts import Facts
from inspector.errors import ProgramError, UsageError
from inspector.i18n import _

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["SECONDS", "WAYS", "Opinion", "Session", "open_session", "second_opinion"]

SECONDS = 60.0
"""Time limit of a call unless another is given: reading ten thousand packets takes sharkd a tenth of a second."""
WAYS = ("sharkd", "pyshark")
"""Ways to ask, the better one first."""

_FOREIGN_TIMES = ("frame.time_delta", "frame.time_delta_displayed", "frame.time_relative")
"""What Wireshark counts from other packets of the file: not of the capture where the file is only a part of it."""


class Session(Protocol):
    """Wireshark with one file read; numbers are those of the file."""

    program: Program
    packets: int
    cut: bool

    @property
    def pid(self) -> int:
        """The process that works for it."""
        ...

    def matching(self, display_filter: str) -> list[int]:
        """Numbers of the packets that a display filter matches; UsageError when it is none."""
        ...

    def dissect(self, numbers: Iterable[int]) -> Iterator[Dissected]:
        """The trees of packets."""
        ...


@dataclass(frozen=True, slots=True)
class Opinion:
    """What Wireshark says about a packet.

    Args:
        way: One of ``WAYS``.
        program: The program of Wireshark's that did it.
        dissected: The tree, in the numbers of the capture.
        matches: Whether the packet matches the display filter that was given.
    """

    way: str
    program: Program
    dissected: Dissected
    matches: bool


def second_opinion(
    capture: Capture, number: int, *, display_filter: str = "", way: str | None = None, seconds: float = SECONDS
) -> Opinion:
    """Ask Wireshark about one packet, with its whole conversation and the capture's secrets at hand.

    Args:
        capture: Where the packet is.
        number: Its number, from 1.
        display_filter: Also tell whether the packet matches it.
        way: One of ``WAYS``; by default the first that is installed.
        seconds: Time limit.

    Raises:
        UsageError: If there is no such packet, or the filter is none.
        MissingPart: If Wireshark's programs are missing.
        ProgramError: If they fail or take too long.
    """
    if not 1 <= number <= len(capture.packets):
        raise UsageError(
            _("there is no packet {number}; this capture has {count}").format(number=number, count=len(capture.packets))
        )
    with tempfile.TemporaryDirectory(prefix="inspector-") as name:
        folder = Path(name)
        excerpt = write_excerpt(capture, number, folder)
        with _session(capture, excerpt, Profile.thorough(), way, seconds, folder) as session:
            there = excerpt.there(number)
            if not there:
                raise UsageError(_("row {number} of the capture is no packet").format(number=number))
            matches = not display_filter or there in session.matching(display_filter)
            found = next(session.dissect([there]), None)
            if found is None:
                raise ProgramError(_("Wireshark gave no packet {number}").format(number=number))
            found = Dissected(number, found.layers, found.sources)
            if not excerpt.whole:
                found = _renumbered(capture, excerpt, found)
            return Opinion(_way(session), session.program, found, matches)


@contextmanager
def open_session(
    capture: Capture, profile: Profile, *, way: str | None = None, seconds: float = SECONDS
) -> Iterator[Session]:
    """Let Wireshark read the whole capture; its numbers are those of the capture.

    Args:
        capture: The capture; its own file is read, with its secrets.
        profile: Preferences.
        way: One of ``WAYS``.
        seconds: Time limit of the whole session.

    Raises:
        MissingPart: If Wireshark's programs are missing.
        CaptureError: If Wireshark cannot read it.
        ProgramError: If they fail or take too long.
    """
    with tempfile.TemporaryDirectory(prefix="inspector-") as name:
        folder = Path(name)
        excerpt = write_whole(capture, folder)
        keys = write_keys(capture, folder)
        if keys is not None:
            profile = profile.with_keys(keys)
        with _session(capture, excerpt, profile, way, seconds, folder) as session:
            yield session


@contextmanager
def _session(
    capture: Capture, excerpt: Excerpt, profile: Profile, way: str | None, seconds: float, folder: Path
) -> Iterator[Session]:
    session: Sharkd | Pyshark
    if way is None:
        way = "sharkd" if find_program("sharkd") is not None else "pyshark"
    if way == "sharkd":
        session = Sharkd(need_program("sharkd"), excerpt.path, profile, seconds, folder)
    else:

        def packet_bytes(number: int) -> bytes:
            row = excerpt.here(number) - 1
            return capture.bytes_at(row, 0, int(capture.packets.captured[row]))

        count = len(excerpt.numbers)
        session = Pyshark(need_program("tshark"), excerpt.path, profile, seconds, folder, packet_bytes, count)
    with session:
        yield session


def _way(session: Session) -> str:
    return "sharkd" if isinstance(session, Sharkd) else "pyshark"


def _renumbered(capture: Capture, excerpt: Excerpt, found: Dissected) -> Dissected:
    """The tree with the numbers of the capture in place of those of the excerpt."""
    rows = excerpt.numbers - 1
    segments, datagrams = capture.segments, capture.datagrams
    streams = {
        "tcp.stream": _in_order(capture.segment_connection[np.isin(segments.packet, rows)]),
        "udp.stream": _in_order(Facts(capture).datagram_stream[np.isin(datagrams.packet, rows)]),
    }

    def change(item: Item) -> Item:
        items = tuple(change(child) for child in item.items if child.name not in _FOREIGN_TIMES)
        if item.name in streams and item.value.isdecimal() and int(item.value) < len(streams[item.name]):
            return _with_number(item, int(item.value), streams[item.name][int(item.value)], items)
        if item.packet:
            here = excerpt.here(item.packet)
            return replace(_with_number(item, item.packet, here, items), packet=here)
        if item.name == "frame.number":
            return _with_number(item, int(item.value), found.number, items)
        if item.name == "frame":
            return replace(item, label=re.sub(r"^Frame \d+", f"Frame {found.number}", item.label), items=items)
        return replace(item, items=items)

    return Dissected(found.number, tuple(change(layer) for layer in found.layers), found.sources)


def _in_order(numbers: NDArray[np.integer]) -> list[int]:
    """Different numbers in order of their first appearance, as Wireshark counts them in a file of their own."""
    return [number for number in dict.fromkeys(numbers.tolist()) if number >= 0]


def _with_number(item: Item, old: int, new: int, items: tuple[Item, ...]) -> Item:
    label = re.sub(rf"\b{old}\b(?!.*\b{old}\b)", str(new), item.label)
    return replace(item, value=str(new), label=label, items=items)
