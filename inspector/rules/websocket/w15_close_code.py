"""W15: what the close code says."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Outcome, Severity, Side, Text, told
from inspector.model.websocket import CLOSE_CODES, close_code_may_travel, close_note
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_NORMAL = (1000, 1001)
_COMPLAINTS = (1002, 1003, 1007, 1009, 1010)
"""The sender holds something against the other side."""
_REFUSALS = (1008, 1012, 1013)


def _judge(facts: Facts) -> Iterator[Finding]:
    for socket in facts.front_sockets:
        client, server = socket.close(False), socket.close(True)
        for close, other, sender in ((client, server, Side.CLIENT), (server, client, Side.SERVER)):
            if close is None or close.code is None or close.code in _NORMAL:
                continue
            if other is not None and other.code == close.code and other.time_ns < close.time_ns:
                continue  # an echo
            severity, side = _judgement(close.code, sender)
            yield RULE.fail(
                Evidence(close.packet, note=Text(N_("Close frame"))),
                outcome=Outcome.FAIL if severity is Severity.ERROR else Outcome.WARN,
                severity=severity,
                connections=(socket.connection,),
                time_ns=close.time_ns,
                side=side,
                confidence=Confidence.LIKELY,
                reason=str(close.code),
                fact=told(
                    N_("Close {code} {name}, sent by the {side}; reason: {reason}"),
                    code=close.code,
                    name=_name(close.code),
                    side=sender.word,
                    reason=close.close.reason.decode("utf-8", "backslashreplace") or "-",
                ),
            )


def _judgement(code: int, sender: Side) -> tuple[Severity, Side]:
    """How bad a code is, and whose fault it tells of."""
    other = Side.SERVER if sender is Side.CLIENT else Side.CLIENT
    if not close_code_may_travel(code):
        return Severity.ERROR, sender
    if code in _COMPLAINTS:
        return Severity.ERROR, other
    if code in _REFUSALS:
        return Severity.WARNING, sender
    if code >= 3000:
        return Severity.INFO, Side.NOBODY
    return Severity.ERROR, sender


def _name(code: int) -> Text:
    if code in CLOSE_CODES:
        return close_note(code)
    if 4000 <= code <= 4999:
        return Text(N_("(the application's own)"))
    return Text(N_("(registered)")) if 3000 <= code <= 3999 else Text(N_("(must not be sent)"))


RULE = Rule(
    id="W15",
    title_fail=N_("The Close frame tells of a failure, or of the application's own reason"),
    title_pass=N_("Close codes tell of nothing but normal ends"),
    why=N_(
        "1002 to 1010 complain about the other side, 1011 to 1014 admit a failure of one's own, 4000 to 4999 "
        "are the application's."
    ),
    next_step=N_("Take the code and its reason at their word, and look at the side it names."),
    refute=N_("Another code in the other side's own log."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(Ref("RFC 6455", "7.4.1"), Ref("RFC 6455", "7.4.2")),
    needs=(Need.WEBSOCKET,),
    judge=_judge,
)
