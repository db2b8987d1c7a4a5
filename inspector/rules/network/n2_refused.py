"""N2: a SYN was answered by a reset."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.ending import Ending
from inspector.model.finding import Evidence, Finding, Outcome, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_FALLBACK_NS = 1_000_000_000
_MOST_TRIED = 50
"""Connections looked at for each refused one; a program tries its addresses one right after the other."""


def _judge(facts: Facts) -> Iterator[Finding]:
    table, time = facts.table, facts.time_ns
    refused = np.flatnonzero(table.ending == Ending.REFUSED)
    elsewhere = _answered_elsewhere(facts, refused)
    for number in refused.tolist():
        syn, reset = int(table.syn_packet[number]), int(table.rst_packet[number])
        mild = number in elsewhere
        yield RULE.fail(
            Evidence(syn + 1, note=Text("SYN")),
            Evidence(reset + 1, note=Text("RST")),
            outcome=Outcome.WARN if mild else Outcome.FAIL,
            severity=Severity.INFO if mild else Severity.ERROR,
            reason="other_address_answers" if mild else "",
            connections=(number,),
            time_ns=int(time[syn]),
            fact=told(
                N_("{server} answered the SYN with a reset after {wait_ms} ms: nothing listens there"),
                server=str(table[number].server),
                wait_ms=round((int(time[reset]) - int(time[syn])) / 1e6, 1),
            ),
        )


def _answered_elsewhere(facts: Facts, refused: NDArray[np.intp]) -> set[int]:
    """Refused connections after which the client reached the same port under another address (RFC 8305)."""
    table = facts.table
    opened = np.flatnonzero(table.syn_ack_packet >= 0)
    starts = table.first_time_ns[opened]
    order = np.argsort(starts, kind="stable")
    opened, starts = opened[order], starts[order]
    found = set()
    for number in refused.tolist():
        begin = int(table.first_time_ns[number])
        first, last = np.searchsorted(starts, [begin, begin + _FALLBACK_NS])
        row = table[number]
        for other in opened[first:last][:_MOST_TRIED].tolist():
            server = table[other].server
            if server.port == row.server.port and server.address != row.server.address:
                found.add(number)
                break
    return found


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
    thresholds=(
        Threshold(
            "FALLBACK",
            _FALLBACK_NS / 1e9,
            "s",
            N_("Programs try a host's other address at once; then no harm is done."),
        ),
    ),
    judge=_judge,
)
