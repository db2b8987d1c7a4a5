"""F03: the server behind the address cannot speak WebSocket."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.refs import Ref
from inspector.rules.channels._causes import findings
from inspector.rules.channels._consequences import OF_A_REFUSED_UPGRADE
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "wsgi": N_("A WSGI server answered the handshake to {path} with {status}"),
    "": N_("The handshake to {path} was answered with {status} and a page"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.refusals.get("F03", []), _SENTENCES)


RULE = Rule(
    id="F03",
    title_fail=N_("The server behind this address cannot speak WebSocket"),
    title_pass=N_("Every handshake reached a server that speaks WebSocket"),
    why=N_("The request went to a WSGI server or an ordinary page: Django's URLs, not its consumers."),
    next_step=N_(
        "Put daphne first in INSTALLED_APPS, or run Daphne or uvicorn; a WSGI server cannot carry a WebSocket."
    ),
    refute=N_("A 101 of the same server to the same path."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 6455", "4.2.2"),),
    needs=(Need.UPGRADE,),
    explains=OF_A_REFUSED_UPGRADE,
    judge=_judge,
)
