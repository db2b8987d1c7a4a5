"""N6: packets were lost on the way."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.resends import Reason, Verdict
from inspector.analysis.tcp_rows import side_of
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Outcome, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_RESENDS = 3
_PART = 0.01
_HEAVY_PART, _HEAVY_RESENDS = 0.05, 10


def _judge(facts: Facts) -> Iterator[Finding]:
    table, resends, numbers = facts.table, facts.resends, facts.capture.segment_connection
    rows = np.flatnonzero(resends.verdict == Verdict.RESEND)
    count = np.bincount(numbers[resends.segment[rows]], minlength=len(table))
    timeouts = np.bincount(
        numbers[resends.segment[rows]], resends.reason[rows] == Reason.AFTER_TIMEOUT, minlength=len(table)
    )
    carrying = np.flatnonzero(facts.capture.segments.length > 0)
    data = np.bincount(numbers[carrying], minlength=len(table))
    part = count / np.maximum(data, 1)
    lossy = ((count >= _LEAST_RESENDS) & (part > _PART)) | (timeouts > 0)
    for number in np.flatnonzero(lossy).tolist():
        mine = rows[numbers[resends.segment[rows]] == number]
        row = table[number]
        # Between programs of one host nothing is lost: their TCP was too impatient.
        home = row.client.address == row.server.address or ipaddress.ip_address(row.server.address).is_loopback
        heavy = part[number] > _HEAVY_PART and count[number] >= _HEAVY_RESENDS
        first = int(resends.segment[mine[0]])
        from_client = int(side_of(facts, np.array([first]))[0]) == row.client_side
        yield RULE.fail(
            *(Evidence(int(resends.packet[row]), note=Text(N_("sent again"))) for row in mine[:4]),
            *(Evidence(int(resends.decider[row]), note=Text(N_("shows it"))) for row in mine[:2]),
            outcome=Outcome.FAIL if heavy and not home else Outcome.WARN,
            severity=Severity.INFO if home else Severity.ERROR if heavy else Severity.WARNING,
            connections=(number,),
            time_ns=int(facts.time_ns[int(resends.packet[mine[0]]) - 1]),
            fact=told(
                N_(
                    "{count} of {data} data segments were sent again ({percent} %), {timeouts} after a "
                    "timeout; first: {side}"
                ),
                count=int(count[number]),
                data=int(data[number]),
                percent=round(100 * float(part[number]), 1),
                timeouts=int(timeouts[number]),
                side=(Side.CLIENT if from_client else Side.SERVER).word,
            ),
        )


RULE = Rule(
    id="N6",
    title_fail=N_("Packets were lost on the way and sent again"),
    title_pass=N_("Few or no packets were lost on the way"),
    why=N_("Every loss costs a round trip or more, a timeout at least 200 ms, and makes the sender slower."),
    next_step=N_(
        "Look for the place of the loss: captures at both ends, interface counters, radio links, full queues."
    ),
    refute=N_("The first copies arrived (DSACK), or the capture recorded packets twice."),
    severity=Severity.WARNING,
    side=Side.NETWORK,
    refs=(Ref("RFC 5681", "3"), Ref("RFC 6298", "5"), Ref("RFC 2018", "3")),
    needs=(Need.TCP, Need.CAPTURED, Need.BOTH_DIRECTIONS),
    thresholds=(
        Threshold("LEAST_RESENDS", _LEAST_RESENDS, "segments", N_("One or two losses happen on any path.")),
        Threshold("PART", _PART, "of data segments", N_("Above one in a hundred TCP becomes slow.")),
        Threshold("HEAVY", _HEAVY_PART, "of data segments", N_("With ten resends or more: no application works well.")),
    ),
    judge=_judge,
)
