"""W12: a control frame or header that breaks the format."""

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

_FAULTS = (
    Fault.CONTROL_FRAGMENTED | Fault.CONTROL_TOO_LONG | Fault.CLOSE_ONE_BYTE | Fault.RESERVED_OPCODE | Fault.RSV2_RSV3
)


def _judge(facts: Facts) -> Iterator[Finding]:
    return faulty_frames(RULE, facts, _FAULTS, N_("{count} frames break the format ({code}), sent by the {side}"))


RULE = Rule(
    id="W12",
    title_fail=N_("A frame breaks the format: control frame, opcode or reserved bits"),
    title_pass=N_("Control frames, opcodes and reserved bits are as they must be"),
    why=N_("The receiver must fail the connection with 1002."),
    next_step=N_("Correct the program that sends it."),
    refute=N_("Frames were found at wrong places after missing bytes."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(
        Ref("RFC 6455", "5.5"),
        Ref("RFC 6455", "5.2"),
    ),
    needs=(Need.WEBSOCKET, Need.AS_SENT),
    explains=("W6", "W15", "R1"),
    judge=_judge,
)
