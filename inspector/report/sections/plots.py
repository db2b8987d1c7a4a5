"""Series for plots, few enough points for paper and screen: sequence numbers, throughput, round trips."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.tcp_flags import TcpFlag, tcp_flags
from inspector.model.tables import SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT
from inspector.recording.capture import Capture
from inspector.report.sections.connections import chosen_connections
from inspector.report.sections.subject import Json, Subject

__all__ = ["plots_json"]

_MOST_CONNECTIONS = 6
_MOST_POINTS = 1_500
"""Points of one series: as many as a screen has pixels."""
_BINS = 240
"""Bars of throughput."""
_RESENT = TcpFlag.RETRANSMISSION | TcpFlag.FAST_RETRANSMISSION | TcpFlag.SPURIOUS_RETRANSMISSION

Integers = NDArray[np.int64]


def plots_json(subject: Subject) -> Json:
    """The plots of one source; times are seconds after its first packet."""
    capture = subject.capture
    return {
        "source": subject.index,
        "throughput": _throughput(subject),
        "connections": [
            plot
            for number in chosen_connections(subject, _MOST_CONNECTIONS)
            if (plot := _of_connection(subject, capture, number)) is not None
        ],
        "marks": [
            {"after_s": _seconds(int(capture.packets.time_ns[item.packet - 1]) - subject.start_ns), "finding": index}
            for index, finding in enumerate(subject.findings)
            for item in finding.evidence[:3]
        ],
    }


def _throughput(subject: Subject) -> Json:
    """Bits per second of the whole source, in equal bins."""
    packets = subject.capture.packets
    timed = packets.time_ns > 0
    after = packets.time_ns[timed] - subject.start_ns
    if not len(after) or not int(after.max()):
        return {"bin_s": 0, "after_s": [], "bits_per_s": [], "packets_per_s": []}
    width = max(int(after.max()) / _BINS, 1.0)
    places = np.minimum((after / width).astype(np.int64), _BINS - 1)
    size = np.bincount(places, packets.length[timed], minlength=_BINS)
    count = np.bincount(places, minlength=_BINS)
    return {
        "bin_s": width / 1e9,
        "after_s": [round(width * index / 1e9, 9) for index in range(_BINS)],
        "bits_per_s": [round(float(value) * 8e9 / width, 1) for value in size],
        "packets_per_s": [round(float(value) * 1e9 / width, 2) for value in count],
    }


def _of_connection(subject: Subject, capture: Capture, number: int) -> Json | None:
    segments = capture.segments
    rows = capture.rows_of_connection(number)
    rows = rows[(segments.marks[rows] & (SEGMENT_QUOTED | SEGMENT_SHORT)) == 0]
    if len(rows) < 4:
        return None
    facts = tcp_flags(capture)
    client = capture.connections[number].client_side
    from_client = ((segments.marks[rows] & SEGMENT_FROM_B) != 0) == bool(client)
    after = capture.packets.time_ns[segments.packet[rows]] - subject.start_ns
    sides = {}
    for name, mask in (("client", from_client), ("server", ~from_client)):
        sides[name] = _sequence(
            segments.seq[rows[mask]], segments.length[rows[mask]], after[mask], facts.flags[rows[mask]]
        )
    measured = np.flatnonzero(facts.ack_rtt_ns[rows] > 0)
    kept = _thinned(facts.ack_rtt_ns[rows][measured])
    measured = measured[kept]
    return {
        "connection": subject.key(number),
        "sequence": sides,
        "rtt": {
            "after_s": [_seconds(value) for value in after[measured].tolist()],
            "ms": [round(value / 1e6, 4) for value in facts.ack_rtt_ns[rows][measured].tolist()],
            "from_client": from_client[measured].tolist(),
        },
    }


def _sequence(seq: NDArray[np.uint32], length: NDArray[np.uint32], after: Integers, flags: NDArray[np.uint16]) -> Json:
    """Bytes sent over time: the end of each segment, counted from the first one seen."""
    if not len(seq):
        return {"after_s": [], "bytes": [], "resent": []}
    # Sequence numbers are compared modulo 2**32 (RFC 9293 section 3.4).
    wide = seq.astype(np.int64)
    step: Integers = wide - np.concatenate([wide[:1], wide[:-1]])
    step = (step + 2**31) % 2**32 - 2**31
    ends: Integers = np.cumsum(step) + length.astype(np.int64)
    loaded = np.flatnonzero(length > 0)
    kept = loaded[_thinned(ends[loaded])]
    return {
        "after_s": [_seconds(value) for value in after[kept].tolist()],
        "bytes": ends[kept].tolist(),
        "resent": ((flags[kept] & np.uint16(_RESENT)) != 0).tolist(),
    }


def _thinned(values: NDArray[Any]) -> Integers:
    """Indexes of at most ``_MOST_POINTS`` values: the least and the greatest of each stretch."""
    if len(values) <= _MOST_POINTS:
        return np.arange(len(values))
    edges = np.linspace(0, len(values), _MOST_POINTS // 2 + 1).astype(np.int64)
    kept = set()
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = values[start:end]
        kept |= {start + int(part.argmin()), start + int(part.argmax())}
    return np.array(sorted(kept))


def _seconds(nanoseconds: int) -> float:
    return round(nanoseconds / 1e9, 9)
