"""F23: a handler changes the event that it shares."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.channels._causes import findings
from inspector.rules.channels._consequences import OF_AN_ENDED_SOCKET
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "": N_("One message in {path}: {received} members got it, {crashed} crashed at the same moment"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.endings.get("F23", []), _SENTENCES)


RULE = Rule(
    id="F23",
    title_fail=N_("One member got the message and the others crashed: the event was changed"),
    title_pass=N_("No member crashed because another changed an event"),
    why=N_(
        "The layer hands one dictionary to all consumers of a process; the first handler takes something "
        "out, and the others miss it."
    ),
    next_step=N_("Treat the event as read-only; copy it before changing it."),
    refute=N_("Two members of one process that both get the message."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.WEBSOCKET,),
    explains=OF_AN_ENDED_SOCKET,
    judge=_judge,
)
