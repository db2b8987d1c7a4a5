"""F02: the consumer refused the handshake: nobody is logged in."""

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
    "no_cookie": N_(
        "Origin fits and the handshake to {path} carries no session cookie: it was answered with 403 without a body"
    ),
    "": N_(
        "Origin fits and the handshake to {path} carries a session cookie that the server did not take: "
        "403 without a body"
    ),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.refusals.get("F02", []), _SENTENCES)


RULE = Rule(
    id="F02",
    title_fail=N_("The consumer refused the WebSocket: nobody is logged in"),
    title_pass=N_("No WebSocket was refused for want of a login"),
    why=N_(
        "The consumer closed before it accepted. The wire shows 403 only; a code or reason given before "
        "accept() never reaches the browser."
    ),
    next_step=N_(
        "Log in under the same host name (localhost is not 127.0.0.1) and wrap the router in "
        "AuthMiddlewareStack; to tell the browser why, accept first, then close with 4401."
    ),
    refute=N_("The server's log names another reason at that second."),
    severity=Severity.ERROR,
    side=Side.CLIENT,
    refs=(Ref("RFC 6265", "4.2"),),
    needs=(Need.UPGRADE,),
    explains=OF_A_REFUSED_UPGRADE,
    judge=_judge,
)
