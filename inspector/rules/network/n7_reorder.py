"""N7: packets overtook each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.resends import Verdict
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST = 3


def _judge(facts: Facts) -> Iterator[Finding]:
    resends, numbers = facts.resends, facts.capture.segment_connection
    rows = np.flatnonzero(resends.verdict == Verdict.REORDER)
    count = np.bincount(numbers[resends.segment[rows]], minlength=len(facts.table))
    for number in np.flatnonzero(count >= _LEAST).tolist():
        mine = rows[numbers[resends.segment[rows]] == number]
        yield RULE.fail(
            *(Evidence(int(resends.packet[row]), note=Text(N_("came late"))) for row in mine[:4]),
            connections=(number,),
            time_ns=int(facts.time_ns[int(resends.packet[mine[0]]) - 1]),
            fact=told(N_("{count} segments were overtaken by later ones"), count=int(count[number])),
        )


RULE = Rule(
    id="N7",
    title_fail=N_("Packets overtook each other"),
    title_pass=N_("Packets came in order"),
    why=N_("Paths of different length; usually harmless, but it can look like loss and make the sender slower."),
    next_step=N_("Nothing, unless segments are sent again for it (DSACK)."),
    refute=N_("Newer timestamps on the late packets: then they were sent again."),
    severity=Severity.INFO,
    side=Side.NETWORK,
    refs=(Ref("RFC 4737"),),
    needs=(Need.TCP, Need.CAPTURED),
    thresholds=(Threshold("LEAST", _LEAST, "segments", N_("Single ones happen on any path.")),),
    judge=_judge,
)
