"""F01: the server refused a handshake because of its Origin."""

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
    "no_origin": N_("The handshake to {path} has no Origin header and was answered with 403 without a body"),
    "null_origin": N_("The handshake to {path} has Origin {origin} and was answered with 403 without a body"),
    "told": N_("Origin {origin} is not Host {host}, and the 403 to the handshake to {path} speaks of the origin"),
    "": N_("Origin {origin} is not Host {host}: the handshake to {path} was answered with 403 without a body"),
}
_SIDES = {"no_origin": Side.CLIENT}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.refusals.get("F01", []), _SENTENCES, _SIDES)


RULE = Rule(
    id="F01",
    title_fail=N_("The server refused the WebSocket because of its Origin"),
    title_pass=N_("No WebSocket was refused because of its Origin"),
    why=N_(
        "Browsers send cookies with every handshake, from any page; Origin is the only defence, so a "
        "validator refuses pages of other places, without a line in the log."
    ),
    next_step=N_(
        "Add the page's host to ALLOWED_HOSTS, or use OriginValidator with scheme and port; a client "
        "that is no browser must send an Origin itself."
    ),
    refute=N_("The same Origin is accepted by the same server in another handshake."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(Ref("RFC 6455", "10.2"),),
    needs=(Need.UPGRADE,),
    explains=OF_A_REFUSED_UPGRADE,
    judge=_judge,
)
