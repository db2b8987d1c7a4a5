"""N8: large packets vanish, small ones pass: an MTU black hole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.icmp_errors import icmp_errors
from inspector.analysis.tcp_rows import ACK, RST, numbers_of, sent_rows, side_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_COPIES = 3
_LEAST_BYTES = 512


def _judge(facts: Facts) -> Iterator[Finding]:
    segments = facts.capture.segments
    table = facts.table
    mtu = {error.connection: error.mtu for error in icmp_errors(facts.capture) if error.mtu}
    for number in np.flatnonzero((table.resent_a + table.resent_b) >= _LEAST_BYTES * (_LEAST_COPIES - 1)).tolist():
        rows = sent_rows(facts, number)
        side = side_of(facts, rows)
        for sender in (0, 1):
            mine = rows[(side == sender) & (segments.length[rows] >= _LEAST_BYTES)]
            answers = rows[(side != sender) & (segments.flags[rows] & (ACK | RST) == ACK)]
            found = _stuck(facts, mine, answers)
            if found is None:
                continue
            copies, size = found
            known = mtu.get(number, 0)
            yield RULE.fail(
                *(Evidence(packet, note=Text(N_("large, never acknowledged"))) for packet in numbers_of(facts, copies)),
                connections=(number,),
                time_ns=int(facts.time_ns[int(segments.packet[copies[0]])]),
                confidence=Confidence.CERTAIN if known else Confidence.LIKELY,
                fact=told(
                    N_(
                        "A segment of {size} bytes was sent {count} times and never acknowledged; smaller "
                        "ones were. MTU told by ICMP: {mtu}"
                    ),
                    size=size,
                    count=len(copies),
                    mtu=known or "-",
                ),
            )


def _stuck(facts: Facts, mine: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, int] | None:
    """Copies of a large segment that nobody acknowledged although something was answered, and its size."""
    segments = facts.capture.segments
    seqs, first, count = np.unique(segments.seq[mine], return_index=True, return_counts=True)
    for index in np.argsort(first).tolist():
        if count[index] < _LEAST_COPIES:
            continue
        seq = int(seqs[index])
        ahead = (segments.ack[answers].astype(np.int64) - seq + 2**31) % 2**32 - 2**31
        if (ahead > 0).any():
            continue
        copies = mine[segments.seq[mine] == seqs[index]]
        # A dead peer acknowledges nothing; here it must still speak after the first copy.
        if not (answers > copies[0]).any():
            continue
        return copies, int(segments.length[copies].max())
    return None


RULE = Rule(
    id="N8",
    title_fail=N_("Large packets vanish on the way: an MTU black hole"),
    title_pass=N_("Large packets pass"),
    why=N_(
        "A tunnel or VPN carries smaller packets than the ends believe, and the ICMP message that would tell "
        "is filtered."
    ),
    next_step=N_("Let ICMP 'fragmentation needed' pass, or lower the MTU or clamp the MSS at the tunnel."),
    refute=N_("A segment of the same size that is acknowledged on the same path."),
    severity=Severity.ERROR,
    side=Side.NETWORK,
    refs=(Ref("RFC 2923", "2.1"), Ref("RFC 1191", "4")),
    needs=(Need.TCP, Need.CAPTURED, Need.BOTH_DIRECTIONS),
    explains=("N6", "S1", "L2"),
    thresholds=(
        Threshold("LEAST_COPIES", _LEAST_COPIES, "copies", N_("Loss alone rarely hits the same segment three times.")),
        Threshold("LEAST_BYTES", _LEAST_BYTES, "bytes", N_("Every path carries 576 bytes.")),
    ),
    judge=_judge,
)
