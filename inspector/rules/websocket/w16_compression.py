"""W16: a compressed message that does not decompress."""

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
    Fault.INFLATE_FAILED
    | Fault.INFLATION_CAPPED
    | Fault.WINDOW_EXCEEDED
    | Fault.DATA_AFTER_FINAL_BLOCK
    | Fault.RSV1_MISPLACED
)


def _judge(facts: Facts) -> Iterator[Finding]:
    return faulty_frames(
        RULE, facts, _FAULTS, N_("{count} messages cannot be decompressed ({code}), sent by the {side}")
    )


RULE = Rule(
    id="W16",
    title_fail=N_("A compressed message does not decompress"),
    title_pass=N_("Compressed messages decompress"),
    why=N_(
        "Sender and receiver disagree about the compression: window, context takeover, or a broken library; "
        "the receiver must fail the connection."
    ),
    next_step=N_("Compare the agreed parameters with what is sent; switch permessage-deflate off to make sure."),
    refute=N_("Bytes before it that the capture lost."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(
        Ref("RFC 7692", "7.2.2"),
        Ref("RFC 6455", "7.4.1"),
    ),
    needs=(Need.WEBSOCKET, Need.AS_SENT),
    judge=_judge,
)
