"""N2: a SYN was answered by a reset."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.i18n import N_, _
from inspector.model.finding import Evidence, Finding, Outcome, Severity
from inspector.recording.capture import Capture
from inspector.refs import Ref
from inspector.rules.rule import Rule

__all__ = ["RULE"]


def _judge(rule: Rule, capture: Capture) -> Iterator[Finding]:
    table = capture.connections
    refused = (table.syn_packet >= 0) & (table.syn_ack_packet < 0) & (table.rst_packet >= 0)
    refused &= (table.rst_from >= 0) & (table.rst_from != table.client)
    for number in np.flatnonzero(refused):
        evidence = (
            Evidence(int(table.syn_packet[number]) + 1, note="SYN"),
            Evidence(int(table.rst_packet[number]) + 1, note="RST"),
        )
        yield Finding(rule.id, Outcome.FAIL, rule.severity, _(rule.title_fail), int(number), evidence, rule.refs)


RULE = Rule(
    id="N2",
    title_fail=N_("The connection was refused"),
    title_pass=N_("No connection was refused"),
    why=N_("Nothing listens on that port, or a firewall answers in the server's name."),
    next_step=N_("Check that the server runs and listens on this address and port."),
    severity=Severity.ERROR,
    refs=(Ref("RFC 9293", "3.10.7.1"),),
    judge=_judge,
)
