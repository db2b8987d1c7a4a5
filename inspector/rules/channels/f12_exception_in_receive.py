"""F12: an exception while handling a message."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.refs import Ref
from inspector.rules.channels._causes import findings
from inspector.rules.channels._consequences import OF_AN_ENDED_SOCKET
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_SENTENCES = {
    "invalid_json": N_("A message that is no JSON, and {wait_ms} ms later the server ended the socket"),
    "missing_key": N_(
        "A message without a key that earlier ones had, and {wait_ms} ms later the server ended the socket"
    ),
    "binary": N_("A binary message, and {wait_ms} ms later the server ended the socket"),
    "empty_text": N_("An empty message, and {wait_ms} ms later the server ended the socket"),
    "not_an_object": N_(
        "A message that is no JSON object as earlier ones were, and {wait_ms} ms later the server ended the socket"
    ),
    "": N_("{wait_ms} ms after a message the server ended the socket; what was wrong with it the wire does not show"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.endings.get("F12", []), _SENTENCES)


RULE = Rule(
    id="F12",
    title_fail=N_("A message made the consumer raise, and its socket closed"),
    title_pass=N_("No message made a consumer raise"),
    why=N_(
        "An unhandled exception ends the consumer; disconnect() is not called, and its membership in "
        "groups stays behind."
    ),
    next_step=N_(
        "Catch what is expected and answer with an error message; validate; use database_sync_to_async "
        "for the ORM. The server's log of that second names the exception."
    ),
    refute=N_("The log shows no exception between the message and the close."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(Ref("RFC 6455", "7.4.1"),),
    needs=(Need.WEBSOCKET,),
    explains=OF_AN_ENDED_SOCKET,
    thresholds=(
        Threshold(
            "REAP",
            1.05,
            "s",
            N_("Daphne closes sockets of dead applications on a tick of one second (0.03 to 1.005 s measured)."),
        ),
    ),
    judge=_judge,
)
