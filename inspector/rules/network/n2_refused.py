"""N2: a SYN was answered by a reset."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.ending import Ending
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    table, time = facts.table, facts.time_ns
    for number in np.flatnonzero(table.ending == Ending.REFUSED).tolist():
        syn, reset = int(table.syn_packet[number]), int(table.rst_packet[number])
        yield RULE.fail(
            Evidence(syn + 1, note=Text("SYN")),
            Evidence(reset + 1, note=Text("RST")),
            connections=(number,),
            time_ns=int(time[syn]),
            fact=told(
                N_("{server} answered the SYN with a reset after {wait_ms} ms: nothing listens there"),
                server=str(table[number].server),
                wait_ms=round((int(time[reset]) - int(time[syn])) / 1e6, 1),
            ),
        )


RULE = Rule(
    id="N2",
    title_fail=N_("The connection was refused"),
    title_pass=N_("No connection was refused"),
    why=N_("Nothing listens on that port, or a firewall answers in the server's name."),
    next_step=N_("Check that the server runs and listens on this address and port."),
    refute=N_("A reset whose time to live differs from other packets of that host came from a firewall in between."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 9293", "3.10.7.1"),),
    needs=(Need.TCP, Need.CAPTURED),
    judge=_judge,
)
