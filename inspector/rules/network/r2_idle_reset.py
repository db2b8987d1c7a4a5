"""R2: after a long silence the connection was found dead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.tcp_rows import RST, numbers_of, sent_rows, side_of
from inspector.i18n import N_
from inspector.model.ending import Ending
from inspector.model.finding import Confidence, Evidence, Finding, Outcome, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE", "usual_timeout"]

_USUAL_S = (60, 100, 240, 300, 350, 900, 3600)
_TOLERANCE = 0.02
_LEAST_NS = 30 * 10**9


def usual_timeout(idle_ns: int) -> int | None:
    """The usual timeout of a middlebox that a silence fits, in seconds; None when it fits none."""
    return next((s for s in _USUAL_S if abs(idle_ns / 1e9 - s) <= max(_TOLERANCE * s, 1.0)), None)


def _judge(facts: Facts) -> Iterator[Finding]:
    table, segments = facts.table, facts.capture.segments
    for number in np.flatnonzero(table.ending == Ending.RESET).tolist():
        rows = sent_rows(facts, number)
        resets = rows[segments.flags[rows] & RST != 0]
        before = rows[rows < resets[0]]
        if len(before) < 2:
            continue
        times = facts.time_ns[segments.packet[np.append(before, resets[0])]]
        gaps = np.diff(times)
        longest = int(np.argmax(gaps))
        idle = int(gaps[longest])
        # The reset itself ends the silence, or answers the first packet after it.
        if idle < _LEAST_NS or longest < len(gaps) - 3:
            continue
        woken = longest < len(gaps) - 1
        client = int(side_of(facts, resets[:1])[0]) == table[number].client_side
        fits = usual_timeout(idle)
        if not woken and fits is None:
            continue
        yield RULE.fail(
            Evidence(numbers_of(facts, before[longest : longest + 1])[0], note=Text(N_("last before the silence"))),
            Evidence(numbers_of(facts, resets[:1])[0], note=Text("RST")),
            outcome=Outcome.FAIL if woken else Outcome.WARN,
            severity=Severity.ERROR if woken else Severity.WARNING,
            connections=(number,),
            time_ns=int(times[-1]),
            confidence=Confidence.LIKELY if fits else Confidence.UNCLEAR,
            fact=told(
                N_(
                    "After {idle_s} s of silence the connection was reset, by the {side}; usual timeout that "
                    "fits: {timeout}"
                ),
                idle_s=round(idle / 1e9, 1),
                side=(Side.CLIENT if client else Side.SERVER).word,
                timeout=f"{fits} s" if fits else "-",
            ),
        )


RULE = Rule(
    id="R2",
    title_fail=N_("The connection died of silence"),
    title_pass=N_("No connection died of silence"),
    why=N_(
        "A load balancer, NAT or firewall forgets connections on which nothing is sent; the next packet finds no way."
    ),
    next_step=N_("Send something more often than the timeout (TCP keep-alive, WebSocket ping), or raise the timeout."),
    refute=N_("A capture on the other side of the middlebox that shows the end of the host."),
    severity=Severity.ERROR,
    side=Side.NETWORK,
    refs=(Ref("RFC 5382", "5"),),
    needs=(Need.TCP, Need.CAPTURED),
    explains=("R1", "W6", "W7"),
    thresholds=(
        Threshold("LEAST", _LEAST_NS / 1e9, "s", N_("No middlebox forgets sooner.")),
        Threshold("TOLERANCE", _TOLERANCE, "of the timeout", N_("Timers are exact.")),
    ),
    judge=_judge,
)
