"""F05: an exception before accept()."""

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
    "": N_("The handshake to {path} was answered with 500"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.refusals.get("F05", []), _SENTENCES)


RULE = Rule(
    id="F05",
    title_fail=N_("The application failed before it accepted the WebSocket"),
    title_pass=N_("No application failed before it accepted a WebSocket"),
    why=N_(
        "The application's task ended with an exception: in connect(), in the router, or since the "
        "channel layer is not there."
    ),
    next_step=N_("Read the server's log of that second; guard connect()."),
    refute=N_("The log shows no exception at that second."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.UPGRADE,),
    explains=OF_A_REFUSED_UPGRADE,
    judge=_judge,
)
