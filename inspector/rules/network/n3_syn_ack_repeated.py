"""N3: the server's SYN+ACK was repeated and never acknowledged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.tcp_rows import SYN, numbers_of, sent_rows
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_ANSWERS = 2


def _judge(facts: Facts) -> Iterator[Finding]:
    table, segments = facts.table, facts.capture.segments
    halves = (table.syn_acks >= _LEAST_ANSWERS) & (table.ack_packet < 0)
    for number in np.flatnonzero(halves).tolist():
        rows = sent_rows(facts, number)
        rows = rows[segments.flags[rows] & SYN != 0]
        yield RULE.fail(
            *(Evidence(packet, note=Text("SYN, SYN+ACK")) for packet in numbers_of(facts, rows)),
            connections=(number,),
            time_ns=int(facts.time_ns[int(table.syn_ack_packet[number])]),
            fact=told(
                N_("{server} sent its SYN+ACK {count} times, and no ACK came"),
                server=str(table[number].server),
                count=int(table.syn_acks[number]),
            ),
        )


RULE = Rule(
    id="N3",
    title_fail=N_("The server's answer did not arrive at the client"),
    title_pass=N_("Every answer to a connection request was acknowledged"),
    why=N_(
        "The way back loses packets (asymmetric route, stateful firewall), or the client is gone or forged (SYN flood)."
    ),
    next_step=N_("Capture at the client: does the SYN+ACK arrive there?"),
    refute=N_("The client's ACK took another way past the capture."),
    severity=Severity.ERROR,
    side=Side.NETWORK,
    refs=(Ref("RFC 9293", "3.5"),),
    needs=(Need.TCP, Need.CAPTURED, Need.BOTH_DIRECTIONS),
    thresholds=(Threshold("LEAST_ANSWERS", _LEAST_ANSWERS, "SYN+ACKs", N_("One may be the capture's last packet.")),),
    judge=_judge,
)
