"""N1: nobody answered the SYN."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.tcp_rows import numbers_of, sent_rows
from inspector.i18n import N_
from inspector.model.ending import Ending
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_SYNS = 2


def _judge(facts: Facts) -> Iterator[Finding]:
    table = facts.table
    for number in np.flatnonzero((table.ending == Ending.UNANSWERED) & (table.syns >= _LEAST_SYNS)).tolist():
        row = table[number]
        yield RULE.fail(
            *(Evidence(packet, note=Text("SYN")) for packet in numbers_of(facts, sent_rows(facts, number))),
            connections=(number,),
            time_ns=row.start_ns,
            fact=told(
                N_("{server} was asked {count} times within {seconds} s and never answered"),
                server=str(row.server),
                count=int(table.syns[number]),
                seconds=round(row.duration_ns / 1e9, 1),
            ),
        )


RULE = Rule(
    id="N1",
    title_fail=N_("Nobody answered the connection request"),
    title_pass=N_("Every connection request was answered"),
    why=N_("A firewall drops the packets, the host is down, or the address is wrong; a running host would refuse."),
    next_step=N_("Check the address, routes and firewalls; capture at the server to see whether the SYN arrives."),
    refute=N_("An answer on another interface, or one that the capture lost."),
    severity=Severity.ERROR,
    side=Side.NETWORK,
    refs=(Ref("RFC 9293", "3.8.3"), Ref("RFC 6298", "2")),
    needs=(Need.TCP, Need.CAPTURED),
    thresholds=(
        Threshold("LEAST_SYNS", _LEAST_SYNS, "SYNs", N_("A single SYN may be answered after the capture ended.")),
    ),
    judge=_judge,
)
