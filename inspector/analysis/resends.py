"""Our own verdict on each segment that came again or late: resend, reordering, a copy by capture or network, or undecided.

Wireshark decides by the clock alone and calls a loss that is repaired quickly "out of order", slow reordering
"retransmission" and every copy of a mirror port "retransmission". Here packets decide: IP identification, timestamps,
acknowledgment numbers, SACK and DSACK; where they do not, the verdict says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from inspector.analysis import resend_rules
from inspector.analysis.ip_columns import ip_columns
from inspector.analysis.once import once_per_capture
from inspector.analysis.tcp_flags import TcpFlag, tcp_flags
from inspector.analysis.tcp_options import tcp_options
from inspector.i18n import N_, _
from inspector.recording.capture import Capture
from inspector.recording.growing import view

__all__ = ["RESENT", "Reason", "Resends", "Verdict", "explain", "resends"]

RESENT = TcpFlag.SPURIOUS_RETRANSMISSION | TcpFlag.FAST_RETRANSMISSION | TcpFlag.OUT_OF_ORDER | TcpFlag.RETRANSMISSION
"""The segments that are judged: those for which "ws-4.0" has one of these flags."""


class Verdict(IntEnum):
    """What a segment is, as in ``Resends.verdict``."""

    RESEND = resend_rules.VERDICTS.index("resend")
    """The sender sent these bytes again."""
    REORDER = resend_rules.VERDICTS.index("reorder")
    """The first copy, overtaken by later bytes."""
    CAPTURE_DUPLICATE = resend_rules.VERDICTS.index("capture_duplicate")
    """One packet, recorded twice."""
    UNDECIDED = resend_rules.VERDICTS.index("undecided")
    """The capture cannot tell."""
    NETWORK_DUPLICATE = resend_rules.VERDICTS.index("network_duplicate")
    """One packet that the network delivered twice: the receiver tells so by DSACK."""


class Reason(IntEnum):
    """Why, as in ``Resends.reason``; ``explain`` puts it into words."""

    NONE = 0
    SAME_IP_ID = 1
    IDENTICAL_AT_ONCE = 2
    NEW_IP_ID = 3
    NEWER_TSVAL = 4
    OLDER_TSVAL = 5
    NEWER_ACK = 6
    OLDER_ACK = 7
    LATER_IP_ID = 8
    EARLIER_IP_ID = 9
    DIFFERENT_PACKET = 10
    ALREADY_ACKNOWLEDGED = 11
    DSACK = 12
    ASKED_FOR = 13
    AFTER_TIMEOUT = 14
    TOO_SOON = 15
    SAME_IP_ID_LATE = 16
    NETWORK_DUPLICATE = 17
    IDENTICAL = 18
    ACKNOWLEDGED_AT_ONCE = 19
    EITHER_COPY = 20
    NO_EVIDENCE = 21


_SENTENCES = {
    "same_ip_id": N_("It has the IP identification and all header fields of packet {packet}, at most 5 ms later."),
    "identical_at_once": N_("It equals packet {packet}, at most 5 ms later, and nobody had asked for it again."),
    "new_ip_id": N_("Packet {packet} carried the same bytes with another IP identification."),
    "newer_tsval": N_("Its timestamp is newer than that of packet {packet}, so it was made later."),
    "older_tsval": N_("Its timestamp is older than that of packet {packet}, so it was made earlier."),
    "newer_ack": N_("It acknowledges more than packet {packet}, so it was made later."),
    "older_ack": N_("It acknowledges less than packet {packet}, so it was made earlier."),
    "later_ip_id": N_("The sender counts IP identifications, and this one follows that of packet {packet}."),
    "earlier_ip_id": N_("The sender counts IP identifications, and this one precedes that of packet {packet}."),
    "different_packet": N_("Packet {packet} carried some of the same bytes, cut or marked differently."),
    "already_acknowledged": N_("Packet {packet} had acknowledged these bytes more than 5 ms before."),
    "dsack": N_("Packet {packet} reports by DSACK that the bytes arrived twice."),
    "asked_for": N_("Duplicate acknowledgments asked for it, last packet {packet}, and a round trip had passed."),
    "after_timeout": N_("It came at least 200 ms after packet {packet}: a retransmission timeout."),
    "too_soon": N_("It came too soon after packet {packet} overtook it for anybody to have asked for it."),
    "same_ip_id_late": N_("It equals packet {packet} down to the IP identification, but came more than 5 ms later."),
    "network_duplicate": N_("It equals packet {packet}, and the receiver reports by DSACK that both arrived."),
    "identical": N_("It equals packet {packet}, and neither IP identification nor timestamp tells them apart."),
    "acknowledged_at_once": N_("Packet {packet} acknowledges these bytes less than 5 ms before they were seen."),
    "either_copy": N_("Packet {packet} brings the same bytes; nothing tells which of the two is the first copy."),
    "no_evidence": N_("No timestamp, IP identification or acknowledgment tells when it was made."),
}

_WHY_NOT = {
    (Verdict.RESEND, TcpFlag.OUT_OF_ORDER): N_(
        "Wireshark says out-of-order, because it came within the initial round-trip time of the highest segment."
    ),
    (Verdict.REORDER, TcpFlag.RETRANSMISSION): N_(
        "Wireshark says retransmission, because it came later than the initial round-trip time of the highest segment."
    ),
    (Verdict.REORDER, TcpFlag.FAST_RETRANSMISSION): N_(
        "Wireshark says fast retransmission, because duplicate acknowledgments came at most 20 ms before."
    ),
    (Verdict.REORDER, TcpFlag.SPURIOUS_RETRANSMISSION): N_(
        "Wireshark says spurious retransmission, because the bytes had been acknowledged."
    ),
    (Verdict.CAPTURE_DUPLICATE, TcpFlag.OUT_OF_ORDER): N_(
        "Wireshark says out-of-order, because it does not compare IP identifications."
    ),
    (Verdict.CAPTURE_DUPLICATE, TcpFlag.RETRANSMISSION): N_(
        "Wireshark says retransmission, because it does not compare IP identifications."
    ),
    (Verdict.CAPTURE_DUPLICATE, TcpFlag.FAST_RETRANSMISSION): N_(
        "Wireshark says fast retransmission, because it does not compare IP identifications."
    ),
    (Verdict.CAPTURE_DUPLICATE, TcpFlag.SPURIOUS_RETRANSMISSION): N_(
        "Wireshark says spurious retransmission, because it does not compare IP identifications."
    ),
}
# Whoever copied the packet, Wireshark errs for the same reason.
_WHY_NOT |= {
    (Verdict.NETWORK_DUPLICATE, flag): text
    for (verdict, flag), text in tuple(_WHY_NOT.items())
    if verdict is Verdict.CAPTURE_DUPLICATE
}


@dataclass(frozen=True, slots=True, eq=False)
class Resends:
    """One row per judged segment, in capture order.

    Columns: ``segment`` row in ``Capture.segments``; ``verdict`` (``Verdict``); ``reason`` (``Reason``);
    ``packet`` number (from 1) of the segment and ``decider`` of the packet that decides (0 = none);
    ``wireshark`` the one flag of "ws-4.0" that made it a candidate (``TcpFlag``).
    """

    segment: NDArray[np.int64]
    verdict: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    packet: NDArray[np.int64]
    decider: NDArray[np.int64]
    wireshark: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.segment)


def explain(table: Resends, row: int) -> list[str]:
    """Sentences for people: why this verdict, and, where it differs, why Wireshark says something else."""
    reason = Reason(int(table.reason[row]))
    sentences = [_(_SENTENCES[reason.name.lower()]).format(packet=int(table.decider[row]))]
    other = _WHY_NOT.get((Verdict(int(table.verdict[row])), TcpFlag(int(table.wireshark[row]))))
    return [*sentences, _(other)] if other else sentences


@once_per_capture
def resends(capture: Capture) -> Resends:
    """Judge every resent segment; done once per capture."""
    segments, options, addresses = capture.segments, tcp_options(capture), ip_columns(capture)
    flags = tcp_flags(capture).flags
    chosen = (flags & RESENT) != 0
    numbers = capture.segment_connection
    order = np.argsort(numbers, kind="stable")
    places = np.flatnonzero(chosen[order])
    starts = np.searchsorted(numbers[order], np.arange(len(capture.connections) + 1))
    connection = numbers[order[places]]
    rtt = np.where(capture.connections.rtt_plausible, capture.connections.rtt_ns, -1)
    columns = {n: view(getattr(segments, n)) for n in ("marks", "seq", "ack", "window", "flags", "length", "packet")}
    columns |= {n: view(getattr(options, n)) for n in ("present", "tsval", "tsecr")}
    columns |= {n: view(getattr(options, n)) for n in ("sack_start", "sack_left", "sack_right")}
    columns |= {n: view(getattr(addresses, n)) for n in ("version", "identification")}
    columns |= {"order": view(order), "resent": view(chosen.view(np.uint8))}
    columns["time_ns"] = view(capture.packets.time_ns[segments.packet])
    verdict, reason = np.zeros(len(places), np.uint8), np.zeros(len(places), np.uint8)
    decider = np.full(len(places), -1, np.int64)
    resend_rules.Judge(columns).run(
        view(places),
        view(starts[connection].astype(np.int64)),
        view(starts[connection + 1].astype(np.int64)),
        view(rtt[connection].astype(np.int64)),
        view(verdict),
        view(reason),
        view(decider),
    )
    rows = order[places]
    deciding = np.where(decider >= 0, segments.packet[np.maximum(decider, 0)].astype(np.int64) + 1, 0)
    again = np.argsort(rows, kind="stable")
    return Resends(
        segment=rows[again],
        verdict=verdict[again],
        reason=reason[again],
        packet=segments.packet[rows[again]].astype(np.int64) + 1,
        decider=deciding[again],
        wireshark=flags[rows[again]] & np.uint16(RESENT),
    )
