"""W11: a frame that is masked and must not be, or the reverse."""

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

_FAULTS = Fault.UNMASKED_CLIENT_FRAME | Fault.MASKED_SERVER_FRAME


def _judge(facts: Facts) -> Iterator[Finding]:
    return faulty_frames(RULE, facts, _FAULTS, N_("{count} frames break the masking rule ({code}), sent by the {side}"))


RULE = Rule(
    id="W11",
    title_fail=N_("A frame is not masked as it must be"),
    title_pass=N_("Every frame is masked as it must be"),
    why=N_(
        "Clients mask every frame, servers none; the receiver must close with 1002. Typical of a program in "
        "the wrong role, or a proxy that rewrites."
    ),
    next_step=N_("Correct the program that sends; look for something in between."),
    refute=N_("The capture mixed up who is the client."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(Ref("RFC 6455", "5.1"),),
    needs=(Need.WEBSOCKET, Need.AS_SENT),
    explains=("W6", "W15", "R1"),
    judge=_judge,
)
