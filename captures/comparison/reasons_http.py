"""Tests of the reasons that are about HTTP/1.x messages and their places; see ``captures.comparison.reasons``."""

from __future__ import annotations

import itertools

import numpy as np

from captures.comparison.gather import Gathered
from captures.comparison.unit import ONLY_OURS, Difference, Unit
from inspector.model.http import HttpMessage
from inspector.recording.derived import DerivedStream
from inspector.recording.http import HttpExchange

__all__ = ["after_pipelined_head", "folded_line", "in_order", "until_close"]

_FIN = 0x01


def _source(unit: Unit | None) -> tuple[HttpExchange, HttpMessage] | None:
    if unit is None or unit.kind != "http.message" or not isinstance(unit.source, tuple):
        return None
    exchange, message = unit.source
    return (exchange, message) if isinstance(exchange, HttpExchange) and isinstance(message, HttpMessage) else None


def until_close(found: Gathered, difference: Difference) -> bool:
    """The response tells no length; Wireshark has it with the sender's FIN, or inside TLS, or without a FIN, not at all."""
    ours = _source(difference.unit)
    if ours is None or difference.unit is None:
        return False
    exchange, message = ours
    if message.status is None or message.values("content-length") or message.values("transfer-encoding"):
        return False
    fins = _fins(found, difference.unit.where)
    if difference.field == "packet":
        return difference.wireshark in fins
    stream = exchange.application.server
    return (
        difference.field == ONLY_OURS and message.end == stream.end and (isinstance(stream, DerivedStream) or not fins)
    )


def _fins(found: Gathered, where: tuple[int, ...]) -> list[int]:
    """Packets in which one side of a connection sent a FIN."""
    capture = found.capture
    rows = np.flatnonzero((capture.segment_connection == where[0]) & (capture.segments.flags & _FIN != 0))
    packets = (int(capture.segments.packet[row]) + 1 for row in rows)
    return [packet for packet in packets if found.places.of_packet(packet) == where[:2]]


def after_pipelined_head(found: Gathered, difference: Difference) -> bool:
    """The next request was sent before the answer to a HEAD request, which would have a body if it answered GET.

    The message is that answer, or comes after it.
    """
    ours = _source(difference.unit)
    if ours is None or difference.unit is None or difference.field not in (ONLY_OURS, "packet", "content"):
        return False
    sent: list[HttpExchange] = []
    for unit in found.ours:
        source = _source(unit)
        if source is not None and source[0].connection == ours[0].connection and source[0] not in sent:
            sent.append(source[0])
    for one, following in itertools.pairwise(sent):
        request, response = one.exchange.request, one.exchange.response
        if request is None or response is None or request.method != b"HEAD" or following.request_packets is None:
            continue
        nothing = response.status in (204, 304) or response.values("content-length") == [b"0"]
        early = one.response_packets is not None and following.request_packets[1] < one.response_packets[0]
        if early and not nothing and ours[1].status is not None and ours[1].start >= response.start:
            return True
    return False


def folded_line(_found: Gathered, difference: Difference) -> bool:
    """A line of the head begins with white space.

    But for white space and colons both have the same characters, or Wireshark has all but those of such lines.
    """
    ours = _source(difference.unit)
    if ours is None or difference.field not in ("headers", "packet", "content", "first_line"):
        return False
    exchange, message = ours
    stream = exchange.application.client if message is exchange.exchange.request else exchange.application.server
    head = stream.read(message.start, message.head_end)
    lines = head.split(b"\n")[1:]
    unfolded = [line for line in lines if line[:1] not in (b" ", b"\t")]
    theirs = _characters(difference.wireshark)
    return len(unfolded) < len(lines) and theirs in (_characters(difference.ours), _bare(b"".join(unfolded)))


def _characters(headers: object) -> bytes:
    return _bare(b"".join(part for pair in headers for part in pair)) if isinstance(headers, tuple) else b""


def _bare(text: bytes) -> bytes:
    return b"".join(text.replace(b":", b"").split())


def in_order(found: Gathered, difference: Difference) -> bool:
    """Bytes that the sender sent before came later: Wireshark tells what it reads with the packet that filled the hole."""
    mine, other = difference.ours, difference.wireshark
    if (
        difference.field != "packet"
        or difference.unit is None
        or not isinstance(mine, int)
        or not isinstance(other, int)
    ):
        return False
    stream = found.capture.stream(*difference.unit.where[:2])
    here = stream.start[stream.packet == mine - 1]
    if not len(here):
        return False
    return other > mine and int(stream.packet[stream.start < here.max()].max(initial=0)) + 1 == other
