"""DNS lookups of a capture: questions paired with their answers, over UDP and TCP, and the names they give to addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from inspector.model.dns import DnsMessage, Question
from inspector.model.tables import SEGMENT_FROM_B, SEGMENT_QUOTED
from inspector.wire.dns import parse_dns, split_tcp

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["DNS_PORTS", "Lookup", "dns_lookups", "dns_messages"]

DNS_PORTS = (53, 5353, 5355)
"""DNS, multicast DNS and LLMNR: the same messages."""
_MULTICAST_DNS = 5353
_LARGEST = 1 << 16

Key = tuple[int, int, str, int]
"""Flow, message id, first question's name (lower case) and type: what a response repeats (RFC 5452 section 9.1).

In multicast DNS everybody may answer, from a flow of his own, with what he is asked for and no question (RFC 6762 section
6): the flow is -1 there.
"""


@dataclass(slots=True)
class Lookup:
    """A question and what came of it.

    Args:
        flow: Row in ``Flows``.
        name, type: Of the first question; of the first record where multicast DNS tells something that nobody asked for.
        queries: Packet numbers of the question: more than one when it was sent again.
        query_ns: Time of the first, None when only the answer was captured.
        answer_packet, answer_ns: Of the first response, None when none came.
        answer: That response.
        tcp: Asked over TCP.
    """

    flow: int
    name: str
    type: int
    queries: list[int] = field(default_factory=list)
    query_ns: int | None = None
    answer_packet: int | None = None
    answer_ns: int | None = None
    answer: DnsMessage | None = None
    tcp: bool = False

    @property
    def latency_ns(self) -> int | None:
        """From the first question to the first response."""
        if self.query_ns is None or self.answer_ns is None:
            return None
        return self.answer_ns - self.query_ns


def dns_lookups(capture: Capture) -> list[Lookup]:
    """Every lookup on the usual ports, in the order of their first packet."""
    lookups: list[Lookup] = []
    waiting: dict[Key, Lookup] = {}
    for packet, flow, tcp, message in sorted(dns_messages(capture), key=lambda item: item[0]):
        question = _question(message)
        multicast = _MULTICAST_DNS in (int(capture.flows.a_port[flow]), int(capture.flows.b_port[flow]))
        key = (-1 if multicast else flow, message.id, question.name.lower(), question.type)
        time_ns = int(capture.packets.time_ns[packet - 1])
        known = waiting.get(key)
        if known is None or (not message.response and known.answer is not None):
            known = Lookup(flow, question.name, question.type, tcp=tcp)
            waiting[key] = known
            lookups.append(known)
        if not message.response:
            known.queries.append(packet)
            known.query_ns = time_ns if known.query_ns is None else known.query_ns
        elif known.answer is None:
            known.answer, known.answer_packet, known.answer_ns = message, packet, time_ns
    return lookups


def _question(message: DnsMessage) -> Question:
    """The first question; what the first answer says where there is none, as in multicast DNS."""
    if message.questions:
        return message.questions[0]
    first = message.answers[0] if message.answers else None
    return Question("", 0, 0) if first is None else Question(first.name, first.type, first.klass)


def dns_messages(capture: Capture) -> Iterator[tuple[int, int, bool, DnsMessage]]:
    """(packet number, flow, over TCP, message) of everything on the usual ports."""
    flows, rows = capture.flows, capture.datagrams
    named = np.isin(flows.a_port, DNS_PORTS) | np.isin(flows.b_port, DNS_PORTS)
    wanted = named[rows.flow] & ((rows.marks & SEGMENT_QUOTED) == 0) if len(rows) else np.zeros(0, bool)
    for row in np.flatnonzero(wanted).tolist():
        data = capture.bytes_at(int(rows.packet[row]), int(rows.offset[row]), min(int(rows.captured[row]), _LARGEST))
        message = parse_dns(data)
        if message is not None:
            yield int(rows.packet[row]) + 1, int(rows.flow[row]), False, message
    connections = capture.connections
    for number in np.flatnonzero(named[connections.flow]).tolist() if len(connections) else []:
        for side in (0, SEGMENT_FROM_B):
            yield from _of_stream(capture, number, side)


def _of_stream(capture: Capture, number: int, side: int) -> Iterator[tuple[int, int, bool, DnsMessage]]:
    stream = capture.stream(number, side)
    position, rest = 0, b""
    for start, block in stream.blocks():
        if start != position + len(rest):
            return  # after missing bytes the lengths between messages are lost
        messages, left = split_tcp(rest + block)
        for at, data in messages:
            message = parse_dns(data)
            packet = stream.packet_at(position + at + 1 + len(data))
            if message is not None and packet is not None:
                yield packet, int(capture.connections.flow[number]), True, message
        position += len(rest) + len(block) - len(left)
        rest = left
