"""Fields of the record itself: ``frame.*``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import Field
from inspector.analysis.fields.values import NUMBER, SECONDS, TEXT, Values
from inspector.analysis.fields.window import Window
from inspector.i18n import N_
from inspector.recording.reader import NO_LINK

__all__ = ["FRAME_FIELDS"]


def _number(window: Window) -> Values:
    return window.per_packet(np.arange(window.first + 1, window.end + 1))


def _times(window: Window, times: NDArray[np.int64]) -> Values:
    """A column of times; a packet that was written without its time has none."""
    untimed = window.capture.untimed
    first, end = np.searchsorted(untimed, [window.first, window.end])
    if first == end:
        return window.per_packet(times)
    present = np.ones(len(window), bool)
    present[untimed[first:end] - window.first] = False
    return window.per_packet(times, present)


def _time_epoch(window: Window) -> Values:
    return _times(window, window.capture.packets.time_ns[window.first : window.end])


def _time_delta(window: Window) -> Values:
    times = window.capture.packets.time_ns
    return _times(window, times[window.first : window.end] - times[_rows_before(window)])


def _rows_before(window: Window) -> NDArray[np.int64]:
    """The row before each; blocks without a time that are no packets are passed over, as tshark does."""
    capture = window.capture
    other = [index for index, item in enumerate(capture.interfaces) if item.link_type == NO_LINK]
    untimed = capture.untimed
    passed = untimed[np.isin(capture.packets.interface[untimed], other)]
    before = max(window.first - 1, 0)
    while before and before in passed:
        before -= 1
    rows = np.arange(window.first, window.end)
    rows[np.isin(rows, passed)] = before
    return np.maximum.accumulate(np.concatenate([[before], rows[:-1]]))


def _time_relative(window: Window) -> Values:
    times = window.capture.packets.time_ns
    return _times(window, times[window.first : window.end] - times[0])


def _length(window: Window) -> Values:
    return window.per_packet(window.capture.packets.length[window.first : window.end])


def _captured(window: Window) -> Values:
    return window.per_packet(window.capture.packets.captured[window.first : window.end])


def _interface(window: Window) -> Values:
    numbers = np.array([-1 if i.number is None else i.number for i in window.capture.interfaces], np.int64)
    column = numbers[window.capture.packets.interface[window.first : window.end]]
    return window.per_packet(column, column >= 0)


def _comment(window: Window) -> Values:
    found = [
        (number - 1 - window.first, comment)
        for number in window.capture.comments.between(window.first + 1, window.end + 1)
        for comment in window.capture.comments[number]
    ]
    rows = np.array([row for row, _text in found], np.int64)
    texts = np.empty(len(found), object)
    texts[:] = [text for _row, text in found]
    return Values(rows, np.arange(len(found)), texts)


FRAME_FIELDS = (
    Field("frame.number", NUMBER, N_("Packet number, from 1."), _number),
    Field("frame.time_epoch", SECONDS, N_("When it was captured, in seconds since 1970."), _time_epoch),
    Field("frame.time_delta", SECONDS, N_("Time since the packet before."), _time_delta),
    Field("frame.time_relative", SECONDS, N_("Time since the first packet."), _time_relative),
    Field("frame.len", NUMBER, N_("Length on the wire, in bytes."), _length),
    Field("frame.cap_len", NUMBER, N_("Bytes of it that are in the file."), _captured),
    Field("frame.interface_id", NUMBER, N_("Number of its interface in its section of a pcapng file."), _interface),
    Field("frame.comment", TEXT, N_("Comments that were written to it."), _comment),
)
