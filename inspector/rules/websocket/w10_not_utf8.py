"""W10: a text message or close reason that is no UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.model.websocket import Fault
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule
from inspector.rules.websocket._faults import faulty_frames

__all__ = ["RULE"]

_FAULTS = Fault.TEXT_NOT_UTF8 | Fault.CLOSE_REASON_NOT_UTF8


def _judge(facts: Facts) -> Iterator[Finding]:
    return faulty_frames(RULE, facts, _FAULTS, N_("{count} texts are no valid UTF-8, sent by the {side}"))


RULE = Rule(
    id="W10",
    title_fail=N_("A text is not valid UTF-8"),
    title_pass=N_("Every text is valid UTF-8"),
    why=N_("The receiver must fail the connection with 1007."),
    next_step=N_("Send binary data as binary messages; encode text as UTF-8, whole characters in each message."),
    refute=N_("The message decodes once missing bytes are there."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(
        Ref("RFC 6455", "8.1"),
        Ref("RFC 6455", "7.4.1"),
    ),
    needs=(Need.WEBSOCKET,),
    explains=("W6", "W15", "R1"),
    judge=_judge,
)
