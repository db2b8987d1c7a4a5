"""Choosing frames and messages of a capture: by connection, sender, opcode, time and text, in the order of time."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import numpy as np
from numpy.typing import NDArray

from inspector.errors import UsageError
from inspector.i18n import _
from inspector.model.websocket import TEXT, Frames, Messages
from inspector.recording.connection import no_such_connection
from inspector.recording.websockets import WebSockets

__all__ = ["Selection", "select_frames", "select_messages"]

_LONGEST_PATTERN = 1000
"""Characters of a regular expression; no sensible one is longer."""
_LONGEST_SEARCHED = 1 << 20
"""Characters of a message that a regular expression is matched against."""
_PATTERN_SECONDS = 2.0
"""Time for one message: a pattern that needs more takes exponential time on what a hostile sender chose."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is wanted; None or empty: everything.

    Args:
        connections: Numbers of connections.
        sender: ``"client"`` or ``"server"``.
        opcodes: Of frames, or of messages' first frames.
        since_ns, until_ns: The first byte was seen at or after, and before this time.
        contains: Text messages with this text in them.
        pattern: Text messages in which this regular expression (Python's ``re``) is found.
    """

    connections: tuple[int, ...] = ()
    sender: str | None = None
    opcodes: tuple[int, ...] = ()
    since_ns: int | None = None
    until_ns: int | None = None
    contains: str | None = None
    pattern: str | None = None


def select_messages(websockets: WebSockets, selection: Selection) -> NDArray[np.intp]:
    """Rows of the messages wanted, in the order in which their first bytes came.

    Raises:
        UsageError: If there is no such connection, or the pattern does not parse, is too long or takes too long.
    """
    table = websockets.messages
    first = table.first_frame
    rows = _rows(
        websockets,
        table,
        selection,
        table.opcode,
        websockets.frames.first_packet[first],
        websockets.frame_times[0][first],
    )
    return _with_text(websockets, rows, selection)


def select_frames(websockets: WebSockets, selection: Selection) -> NDArray[np.intp]:
    """Rows of the frames wanted, in the order in which their first bytes came; text is that of their message.

    Raises:
        UsageError: As ``select_messages``.
    """
    table = websockets.frames
    rows = _rows(websockets, table, selection, table.opcode, table.first_packet, websockets.frame_times[0])
    if selection.contains is None and selection.pattern is None:
        return rows
    messages = np.unique(table.message[rows])
    wanted = _with_text(websockets, messages[messages >= 0].astype(np.intp), selection)
    return rows[np.isin(table.message[rows], wanted)]


def _rows(
    websockets: WebSockets,
    table: Frames | Messages,
    selection: Selection,
    opcode: NDArray[np.uint8],
    first_packet: NDArray[np.uint32],
    time_ns: NDArray[np.int64],
) -> NDArray[np.intp]:
    keep = np.ones(len(table), np.bool_)
    directions = websockets.directions
    count = len(websockets.capture.connections)
    for number in selection.connections:
        if not 0 <= number < count:
            raise no_such_connection(number, count)
    if selection.connections:
        keep &= np.isin([d.connection for d in directions], selection.connections)[table.direction]
    if selection.sender is not None:
        keep &= np.array([d.sender == selection.sender for d in directions], np.bool_)[table.direction]
    if selection.opcodes:
        keep &= np.isin(opcode, selection.opcodes)
    if selection.since_ns is not None:
        keep &= time_ns >= selection.since_ns
    if selection.until_ns is not None:
        keep &= time_ns < selection.until_ns
    # Within a direction the order of the stream holds, also where segments came out of order.
    arrival = first_packet.copy()
    edges = np.searchsorted(table.direction, np.arange(len(directions) + 1))
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        np.maximum.accumulate(arrival[start:end], out=arrival[start:end])
    rows = np.flatnonzero(keep)
    return rows[np.argsort(arrival[rows], kind="stable")]


def _with_text(websockets: WebSockets, rows: NDArray[np.intp], selection: Selection) -> NDArray[np.intp]:
    if selection.contains is None and selection.pattern is None:
        return rows
    rows = rows[websockets.messages.opcode[rows] == TEXT]
    needle = None if selection.contains is None else selection.contains.encode("utf-8", "surrogateescape")
    pattern = None if selection.pattern is None else _compiled(selection.pattern)
    return np.array([row for row in rows.tolist() if _matches(websockets, row, needle, pattern)], np.intp)


def _matches(websockets: WebSockets, row: int, needle: bytes | None, pattern: re.Pattern[str] | None) -> bool:
    content = websockets.content(row)
    if content is None or (needle is not None and needle not in content):
        return False
    if pattern is None:
        return True
    text = content.decode("utf-8", "replace")[:_LONGEST_SEARCHED]
    with _patience(pattern.pattern):
        return pattern.search(text) is not None


def _compiled(pattern: str) -> re.Pattern[str]:
    if len(pattern) > _LONGEST_PATTERN:
        raise UsageError(
            _("the regular expression has {size} characters; the most is {most}").format(
                size=len(pattern), most=_LONGEST_PATTERN
            )
        )
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(
            _("the regular expression {pattern} does not parse: {why}").format(pattern=repr(pattern), why=error)
        ) from None


@contextmanager
def _patience(pattern: str) -> Iterator[None]:
    """Give up on a match that lasts too long, where the system has timers (the matcher lets signals through)."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise UsageError(
            _(
                "the regular expression {pattern} took more than {seconds} s on one message; "
                "avoid repetitions inside repetitions"
            ).format(pattern=repr(pattern), seconds=_PATTERN_SECONDS)
        )

    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, _PATTERN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
