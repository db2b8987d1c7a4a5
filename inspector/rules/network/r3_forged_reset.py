"""R3: a reset that its supposed sender did not send."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.ip_columns import ip_columns
from inspector.analysis.tcp_rows import RST, numbers_of, sent_rows, side_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_MOST_HOPS = 2
_LEAST_PACKETS = 2


def _judge(facts: Facts) -> Iterator[Finding]:
    table, segments = facts.table, facts.capture.segments
    for number in np.flatnonzero(table.rst_packet >= 0).tolist():
        rows = sent_rows(facts, number)
        ttl = ip_columns(facts.capture).ttl[rows].astype(np.int64)
        side, resets = side_of(facts, rows), segments.flags[rows] & RST != 0
        for sender in (0, 1):
            others = ttl[(side == sender) & ~resets]
            if len(others) < _LEAST_PACKETS:
                continue
            usual = int(np.median(others))
            if np.abs(others - usual).max() > _MOST_HOPS:
                continue  # several ways lead there
            odd = np.flatnonzero((side == sender) & (np.abs(ttl - usual) > _MOST_HOPS))  # resets, therefore
            if not len(odd):
                continue
            normal = rows[np.flatnonzero((side == sender) & ~resets)[-1:]]
            client = sender == table[number].client_side
            yield RULE.fail(
                Evidence(numbers_of(facts, rows[odd])[0], note=Text(N_("the reset"))),
                Evidence(numbers_of(facts, normal)[0], note=Text(N_("an ordinary packet of that host"))),
                connections=(number,),
                time_ns=int(facts.time_ns[int(segments.packet[rows[odd[0]]])]),
                confidence=Confidence.LIKELY,
                fact=told(
                    N_("A reset in the name of the {side} has time to live {ttl}, its other packets {usual}"),
                    side=(Side.CLIENT if client else Side.SERVER).word,
                    ttl=int(ttl[odd[0]]),
                    usual=usual,
                ),
            )


RULE = Rule(
    id="R3",
    title_fail=N_("A reset was forged by something in between"),
    title_pass=N_("Every reset came from its sender"),
    why=N_("A firewall, intrusion prevention or load balancer ended the connection in the host's name."),
    next_step=N_(
        "Look for rules of firewalls and inspection devices on the path; the time to live tells how far away."
    ),
    refute=N_("Other resets of the same host carry the same time to live: some systems use another for resets."),
    severity=Severity.ERROR,
    side=Side.NETWORK,
    refs=(Ref("RFC 3360"), Ref("RFC 5961", "3")),
    needs=(Need.TCP, Need.CAPTURED),
    explains=("R1", "R2", "R4", "W6", "N2"),
    thresholds=(
        Threshold("MOST_HOPS", _MOST_HOPS, "hops", N_("Routes change by a hop or two.")),
        Threshold("LEAST_PACKETS", _LEAST_PACKETS, "packets", N_("One packet shows no habit.")),
    ),
    judge=_judge,
)
