"""F04: no consumer at this path."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.channels._causes import findings
from inspector.rules.channels._consequences import OF_A_REFUSED_UPGRADE
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "missing_slash": N_("{path} was answered with 500, {near} with 101: the slash at the end makes the difference"),
    "elsewhere": N_("{path} was answered with {status}, {near} with 101: the server speaks WebSocket, at another path"),
    "": N_("{path} was answered with 500, {near} with 101: one slip apart"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.refusals.get("F04", []), _SENTENCES)


RULE = Rule(
    id="F04",
    title_fail=N_("No consumer is routed at this path"),
    title_pass=N_("Every handshake was to a path with a consumer"),
    why=N_(
        "The router raises an error for a path it does not know, before any consumer is there; "
        "APPEND_SLASH does not help a WebSocket."
    ),
    next_step=N_("Correct the path; add a last route whose consumer accepts and closes with 4404."),
    refute=N_("The server's log shows an exception out of a consumer's connect() at that second."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.UPGRADE,),
    explains=OF_A_REFUSED_UPGRADE,
    judge=_judge,
)
