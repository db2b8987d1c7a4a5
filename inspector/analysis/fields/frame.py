"""Fields of the record itself: ``frame.*``."""

from __future__ import annotations

import numpy as np

from inspector.analysis.fields.field import Field
from inspector.analysis.fields.values import NUMBER, SECONDS, Values
from inspector.analysis.fields.window import Window
from inspector.i18n import N_

__all__ = ["FRAME_FIELDS"]


def _number(window: Window) -> Values:
    return window.per_packet(np.arange(window.first + 1, window.end + 1))


def _time_epoch(window: Window) -> Values:
    return window.per_packet(window.capture.packets.time_ns[window.first : window.end])


def _time_delta(window: Window) -> Values:
    times = window.capture.packets.time_ns
    previous = times[window.first - 1] if window.first else times[0]
    return window.per_packet(np.diff(times[window.first : window.end], prepend=previous))


def _time_relative(window: Window) -> Values:
    times = window.capture.packets.time_ns
    return window.per_packet(times[window.first : window.end] - times[0])


def _length(window: Window) -> Values:
    return window.per_packet(window.capture.packets.length[window.first : window.end])


def _captured(window: Window) -> Values:
    return window.per_packet(window.capture.packets.captured[window.first : window.end])


FRAME_FIELDS = (
    Field("frame.number", NUMBER, N_("Packet number, from 1."), _number),
    Field("frame.time_epoch", SECONDS, N_("When it was captured, in seconds since 1970."), _time_epoch),
    Field("frame.time_delta", SECONDS, N_("Time since the packet before."), _time_delta),
    Field("frame.time_relative", SECONDS, N_("Time since the first packet."), _time_relative),
    Field("frame.len", NUMBER, N_("Length on the wire, in bytes."), _length),
    Field("frame.cap_len", NUMBER, N_("Bytes of it that are in the file."), _captured),
)
