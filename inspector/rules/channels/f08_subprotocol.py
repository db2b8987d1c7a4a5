"""F08: no offered subprotocol was chosen, and the client left."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.refs import Ref
from inspector.rules.channels._causes import findings
from inspector.rules.channels._consequences import FRAMES_AND_ENDS, OF_A_REFUSED_UPGRADE
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "": N_("{path} was asked for with subprotocol {offered}, the 101 names none, and the client left at once"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.refusals.get("F08", []), _SENTENCES)


RULE = Rule(
    id="F08",
    title_fail=N_("No subprotocol was chosen, and the client left at once"),
    title_pass=N_("No client left because of a subprotocol"),
    why=N_("A browser that offers subprotocols fails the connection when the answer names none."),
    next_step=N_("accept(subprotocol=…) with one of scope['subprotocols']."),
    refute=N_("The client sends messages on this connection."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(Ref("RFC 6455", "4.1"),),
    needs=(Need.UPGRADE,),
    explains=(*OF_A_REFUSED_UPGRADE, *FRAMES_AND_ENDS),
    judge=_judge,
)
