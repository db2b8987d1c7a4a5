"""W13: fragments out of order, or an impossible length."""

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

_FAULTS = Fault.CONTINUATION_WITHOUT_START | Fault.MESSAGE_INTERRUPTED | Fault.LENGTH_NOT_MINIMAL | Fault.LENGTH_TOP_BIT


def _judge(facts: Facts) -> Iterator[Finding]:
    return faulty_frames(RULE, facts, _FAULTS, N_("{count} frames do not fit ({code}), sent by the {side}"))


RULE = Rule(
    id="W13",
    title_fail=N_("Fragments or lengths do not fit"),
    title_pass=N_("Fragments and lengths fit"),
    why=N_("The receiver cannot put the message together and must fail the connection with 1002."),
    next_step=N_("Correct the program that sends it; several threads that write to one socket do this."),
    refute=N_("Frames before it that the capture lost."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(
        Ref("RFC 6455", "5.4"),
        Ref("RFC 6455", "5.2"),
    ),
    needs=(Need.WEBSOCKET, Need.AS_SENT),
    explains=("W6", "W15", "R1"),
    judge=_judge,
)
