"""R5: a SYN met the remains of an older connection on the same ports."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.tcp_rows import ACK, RST, SYN, numbers_of, sent_rows, side_of
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    table, segments = facts.table, facts.capture.segments
    for number in np.flatnonzero(table.syn_packet >= 0).tolist():
        rows = sent_rows(facts, number)
        client = side_of(facts, rows) == int(table.client[number])
        opened = rows[segments.flags[rows] & SYN != 0]
        answers = rows[~client]
        answers = answers[answers > opened[0]]
        if not len(answers) or int(segments.flags[answers[0]]) & (SYN | RST | ACK) != ACK:
            continue
        if int(segments.ack[answers[0]]) == (int(segments.seq[opened[0]]) + 1) & 0xFFFFFFFF:
            continue  # it acknowledges this SYN: the SYN+ACK was not captured
        yield RULE.fail(
            Evidence(numbers_of(facts, opened)[0], note=Text("SYN")),
            Evidence(numbers_of(facts, answers)[0], note=Text(N_("challenge ACK"))),
            connections=(number,),
            time_ns=int(facts.time_ns[int(segments.packet[opened[0]])]),
            fact=told(
                N_("{server} answered the SYN with an ACK of an older connection on the same ports"),
                server=str(table[number].server),
            ),
        )


RULE = Rule(
    id="R5",
    title_fail=N_("Ports were used again before the old connection was gone"),
    title_pass=N_("No ports were used again too soon"),
    why=N_(
        "The client or its NAT runs out of ports and reuses one that the server still keeps (TIME-WAIT): the "
        "handshake stalls."
    ),
    next_step=N_("Reuse connections; more source ports or addresses; do not shorten TIME-WAIT at the server."),
    refute=N_("A SYN+ACK that the capture lost."),
    severity=Severity.WARNING,
    side=Side.CLIENT,
    refs=(Ref("RFC 9293", "3.10.7.4"), Ref("RFC 5961", "4"), Ref("RFC 6191", "2")),
    needs=(Need.TCP, Need.CAPTURED, Need.BOTH_DIRECTIONS),
    judge=_judge,
)
