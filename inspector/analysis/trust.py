"""Can this capture be trusted? Eight checks (T1 to T8) of what a capture can hide, each with packets that show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.ip_columns import ip_columns
from inspector.analysis.once import once_per_capture
from inspector.analysis.tcp_flags import TcpFlag, tcp_flags
from inspector.analysis.tcp_options import tcp_options
from inspector.model.grade import Grade
from inspector.model.tables import SEGMENT_FRAGMENT, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT
from inspector.recording.capture import Capture
from inspector.recording.checksums import ChecksumState
from inspector.recording.dissect import dissect
from inspector.recording.grades import connection_grades
from inspector.recording.reader import NO_LINK

__all__ = ["CHECKS", "TrustCheck", "clock_steps", "trust"]

_NOT_SENT = SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT
_MOST_EVIDENCE = 5
"""Packets named by a check: enough to look at, not a list of everything."""

NEARER = 4
"""How many times longer one half of the handshake takes than the other, for the capture to be near one end."""
COPY_NS = 5_000_000
"""A mirror port or a second interface delivers its copy within this time."""
LEAST_COPIES = 3
"""Single packets are doubled by networks, too."""
STEP_NS = 1_000_000
"""Capture queues and interfaces are out of step by less than this; a clock that is set jumps farther."""
SAMPLE = 64
"""Segments whose checksum is computed: reading all of a large capture would take longer than everything else."""
LEAST_ONE_SIDED = 3
"""Packets of a connection from which on it should have been answered."""
START_TTLS = (64, 128, 255)
"""Values with which hosts send: nothing routed the packet before it was captured."""


@dataclass(frozen=True, slots=True)
class TrustCheck:
    """A check's outcome.

    Args:
        id: ``"T1"`` to ``"T8"``.
        holds: True if nothing speaks against the capture, False if something does, None if it cannot be told.
        packets: Numbers (from 1) of packets that show it, at most five.
        params: What was measured; names end in their unit.
    """

    id: str
    holds: bool | None
    packets: tuple[int, ...] = ()
    params: dict[str, int | str] = field(default_factory=dict)


@once_per_capture
def trust(capture: Capture) -> tuple[TrustCheck, ...]:
    """Run all checks, T1 first; done once per capture."""
    # Only the file itself can be checked where all packets were made by the program that recorded the session.
    made = capture.packet_count > 0 and not _captured(capture).any()
    return tuple(
        TrustCheck(f"T{number}", None, params={"made_packets": capture.packet_count})
        if made and check is not whole_and_in_time
        else check(capture)
        for number, check in enumerate(CHECKS, 1)
    )


def _captured(capture: Capture) -> NDArray[np.bool_]:
    """Which packets are real: those of interfaces of the grade ``captured``, shape (packets,)."""
    of_interface = np.array(
        [interface.grade is Grade.CAPTURED and interface.link_type != NO_LINK for interface in capture.interfaces],
        np.bool_,
    )
    captured: NDArray[np.bool_] = of_interface[capture.packets.interface]
    return captured


def _real(capture: Capture) -> NDArray[np.bool_]:
    """Which connections have real packets, shape (connections,)."""
    return np.equal(connection_grades(capture), Grade.CAPTURED)


def _sent(capture: Capture) -> NDArray[np.bool_]:
    """Which segments are real and were sent: neither quoted by ICMP nor fragments nor cut, shape (segments,)."""
    segments = capture.segments
    sent: NDArray[np.bool_] = (segments.marks & _NOT_SENT == 0) & _captured(capture)[segments.packet]
    return sent


def _numbers(rows: Iterable[int]) -> tuple[int, ...]:
    """Packet numbers of the first rows of ``Packets``, ascending."""
    return tuple(sorted({int(row) + 1 for row in rows})[:_MOST_EVIDENCE])


def capture_point(capture: Capture) -> TrustCheck:
    """T1: where it was captured: near the client, near the server, or between, by the two halves of handshakes."""
    table, time = capture.connections, capture.packets.time_ns
    shaken = (table.syn_packet >= 0) & (table.ack_packet >= 0)  # no ACK without a SYN+ACK before it
    whole = np.flatnonzero(shaken & _real(capture))
    whole = whole[(table.syns[whole] == 1) & (table.syn_acks[whole] == 1)]
    if not len(whole):
        return TrustCheck("T1", None, params={"handshakes": 0, "place": "unknown"})
    first, second, third = (
        time[column[whole]] for column in (table.syn_packet, table.syn_ack_packet, table.ack_packet)
    )
    answer, reply = second - first, third - second
    votes = {
        "client": int((answer > NEARER * reply).sum()),
        "server": int((reply > NEARER * answer).sum()),
    }
    votes["middle"] = len(whole) - sum(votes.values())
    place = max(votes, key=lambda name: votes[name])
    if 2 * votes[place] <= len(whole):
        place = "mixed"
    host = _own_host(capture, table.syn_packet[whole], table.syn_ack_packet[whole], place)
    example = whole[0]
    params: dict[str, int | str] = {
        "handshakes": len(whole),
        "place": place,
        "on_host": "yes" if host else "no",
        "answer_ns": int(np.median(answer)),
        "reply_ns": int(np.median(reply)),
    }
    packets = (table.syn_packet[example], table.syn_ack_packet[example], table.ack_packet[example])
    return TrustCheck("T1", None if place == "mixed" else True, _numbers(packets), params)


def _own_host(capture: Capture, syns: NDArray[np.int32], answers: NDArray[np.int32], place: str) -> bool:
    """Whether the near end's packets carry the TTL that they were sent with."""
    packets = {"client": syns, "server": answers}.get(place)
    if packets is None:
        return False
    ttl = ip_columns(capture).ttl[np.searchsorted(capture.segments.packet, packets)]
    return bool(np.isin(ttl, START_TTLS).all())


def capture_drops(capture: Capture) -> TrustCheck:
    """T2: bytes that were acknowledged though the capture never saw them."""
    table = capture.connections
    real = _real(capture)
    unseen = int((table.unseen_a + table.unseen_b)[real].sum())
    payload = int((table.payload_a + table.payload_b)[real].sum())
    rows = np.flatnonzero(tcp_flags(capture).flags & TcpFlag.ACK_LOST_SEGMENT)
    losers = np.flatnonzero(((table.unseen_a + table.unseen_b) > 0) & real)
    rows = rows[np.isin(capture.segment_connection[rows], losers)]
    params: dict[str, int | str] = {"unseen_bytes": unseen, "payload_bytes": payload, "connections": len(losers)}
    return TrustCheck("T2", unseen == 0 if len(table) else None, _numbers(capture.segments.packet[rows[:5]]), params)


def duplicates(capture: Capture) -> TrustCheck:
    """T3: packets recorded twice: same IP identification, sequence number and length within 5 ms."""
    segments, address = capture.segments, ip_columns(capture)
    rows = np.flatnonzero((address.identification != 0) & _sent(capture))  # IPv6 has none
    if not len(rows):
        return TrustCheck("T3", None, params={"segments": 0, "copies": 0})
    columns = [
        column[rows].astype(np.uint64)
        for column in (
            capture.segment_connection,
            segments.marks & SEGMENT_FROM_B,
            address.identification,
            segments.seq,
            segments.ack,
            segments.length,
            segments.flags,
        )
    ]
    mixed = np.zeros(len(rows), np.uint64)
    for column in columns:
        mixed = (mixed ^ column) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    # Below the mixed value its place: equal ones come one after the other in the order of the file, and a plain sort does.
    bits = np.uint64(len(rows).bit_length())
    mixed <<= bits
    mixed |= np.arange(len(rows), dtype=np.uint64)
    mixed.sort()
    near = np.flatnonzero((mixed[1:] ^ mixed[:-1]) >> bits == 0)
    first, second = ((mixed[at] & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.intp) for at in (near, near + 1))
    time = capture.packets.time_ns[segments.packet[rows]]
    same = np.abs(time[second] - time[first]) <= COPY_NS
    for column in columns:
        same &= column[second] == column[first]
    first, second = rows[first[same]], rows[second[same]]
    example = np.argsort(second)[:2]
    packets = segments.packet[np.concatenate([first[example], second[example]])]
    params: dict[str, int | str] = {"segments": len(rows), "copies": len(first)}
    return TrustCheck("T3", len(first) < LEAST_COPIES, _numbers(packets), params)


def snap_length(capture: Capture) -> TrustCheck:
    """T4: packets of which only the beginning was captured."""
    cut = np.flatnonzero(capture.packets.captured < capture.packets.length)
    longest = int(capture.packets.captured[cut].max()) if len(cut) else 0
    params: dict[str, int | str] = {"packets": len(cut), "longest_captured_bytes": longest}
    return TrustCheck("T4", not len(cut), _numbers(cut[:_MOST_EVIDENCE]), params)


def offload(capture: Capture) -> TrustCheck:
    """T5: the network card cut or summed the packets later, so sizes and checksums are not those of the wire."""
    segments, options, numbers = capture.segments, tcp_options(capture), capture.segment_connection
    sent = _sent(capture)
    side = (segments.marks & SEGMENT_FROM_B != 0).astype(np.int64)
    # What each side can receive bounds what the other may send.
    limit = np.zeros(2 * len(capture.connections), np.int64)
    told = np.flatnonzero(sent & (segments.flags & 2 != 0))  # 0 where it tells none
    limit[2 * numbers[told] + 1 - side[told]] = options.mss[told]
    rows = np.flatnonzero(sent)
    bound = limit[2 * numbers[rows] + side[rows]]
    large = rows[(bound > 0) & (segments.length[rows] > bound)]
    wrong = _wrong_checksums(capture, rows)
    addresses = {(int(segments.flow[row]), int(side[row])) for row in wrong}
    both = any((flow, 1 - end) in addresses for flow, end in addresses)
    unfinished = len(wrong) > 0 and not both
    params: dict[str, int | str] = {
        "larger_than_mss": len(large),
        "largest_bytes": int(segments.length[large].max()) if len(large) else 0,
        "wrong_checksums": len(wrong),
        "wrong_in": "both directions" if both else "one direction" if unfinished else "none",
    }
    shown = [*segments.packet[large[:3]].tolist(), *segments.packet[wrong[:2]].tolist()]
    return TrustCheck("T5", not (len(large) or unfinished) if len(rows) else None, _numbers(shown), params)


def _wrong_checksums(capture: Capture, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Segments, of an even sample, whose TCP checksum does not hold."""
    chosen = rows[:: max(len(rows) // SAMPLE, 1)][:SAMPLE]
    bad = []
    for row in chosen.tolist():
        layers = dissect(capture, int(capture.segments.packet[row]) + 1, inside=False).layers
        states = [layer.checksum.state for layer in layers if layer.checksum is not None]
        if any(
            state in (ChecksumState.WRONG, ChecksumState.OFFLOADED) for state in states[-1:]
        ):  # the innermost: TCP's
            bad.append(row)
    return np.array(bad, np.int64)


def missing_handshake(capture: Capture) -> TrustCheck:
    """T6: connections whose beginning is not in the capture, so that the window scale is not known."""
    table = capture.connections
    talking = ((table.payload_a + table.payload_b) > 0) & _real(capture)
    without = np.flatnonzero(talking & ((table.syns == 0) | (table.syn_acks == 0)))
    params: dict[str, int | str] = {"connections": len(without), "with_data": int(talking.sum())}
    holds = not len(without) if talking.any() else None
    return TrustCheck("T6", holds, _numbers(table.first_packet[without[:_MOST_EVIDENCE]]), params)


def whole_and_in_time(capture: Capture) -> TrustCheck:
    """T7: the file ends within a packet, or the clock was set back while capturing."""
    rows, steps = clock_steps(capture)
    back = np.flatnonzero(steps < -STEP_NS)
    around = np.concatenate([rows[back], rows[back + 1]])[: 2 * _MOST_EVIDENCE]
    params: dict[str, int | str] = {
        "cut_off": "yes" if capture.damage else "no",
        "steps_back": len(back),
        "largest_step_ns": int(-steps[back].min()) if len(back) else 0,
    }
    return TrustCheck("T7", not capture.damage and not len(back), _numbers(around), params)


def clock_steps(capture: Capture) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How time goes on from packet to packet of an interface.

    Nothing orders the packets of one interface among those of another (draft-ietf-opsawg-pcapng, 4.3), and a recording
    that was made from a proxy's events is in the order of these, not in that of the times they tell.

    Returns:
        Rows of real packets with a time, interface after interface, shape (n,), and the nanoseconds from each to the
        next of the same interface, shape (n - 1,); 0 from an interface's last to another's first.
    """
    timed = _captured(capture)
    timed[capture.untimed] = False
    rows = np.flatnonzero(timed)
    rows = rows[np.argsort(capture.packets.interface[rows], kind="stable")]
    steps = np.diff(capture.packets.time_ns[rows])
    steps[np.diff(capture.packets.interface[rows].astype(np.int64)) != 0] = 0
    return rows, steps


def one_direction(capture: Capture) -> TrustCheck:
    """T8: connections of which only one side was captured, although it acknowledges what the other sent."""
    table, segments = capture.connections, capture.segments
    if not len(table):
        return TrustCheck("T8", None, params={"connections": 0, "of": 0})
    alone = (table.packets_a == 0) | (table.packets_b == 0)
    alone &= (table.packets_a + table.packets_b >= LEAST_ONE_SIDED) & _real(capture)
    # A host that only repeats its SYN is not answered; one that acknowledges is.
    numbers = capture.segment_connection
    answered = np.zeros(len(table), bool)
    answered[numbers[(segments.flags & 0x16 == 0x10) & (segments.marks & _NOT_SENT == 0)]] = True
    found = np.flatnonzero(alone & answered)
    params: dict[str, int | str] = {"connections": len(found), "of": len(table)}
    return TrustCheck("T8", not len(found), _numbers(table.first_packet[found[:_MOST_EVIDENCE]]), params)


CHECKS: tuple[Callable[[Capture], TrustCheck], ...] = (
    capture_point,
    capture_drops,
    duplicates,
    snap_length,
    offload,
    missing_handshake,
    whole_and_in_time,
    one_direction,
)
"""All checks, T1 first."""
