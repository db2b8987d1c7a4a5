"""F13: a group message that no member can handle."""

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
    "": N_("One message in {path}, and {crashed} sockets ended at the same moment"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.endings.get("F13", []), _SENTENCES)


RULE = Rule(
    id="F13",
    title_fail=N_("A message to the group crashed every member at once"),
    title_pass=N_("No message crashed all members of a group"),
    why=N_(
        "group_send calls the method named by type on every member: where it does not exist, or raises, "
        "all of them die at once."
    ),
    next_step=N_(
        "Define the method (dots become underscores; websocket_close for 'websocket.close') on every "
        "consumer that joins the group."
    ),
    refute=N_("A member of the same group and process that lives on."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(Ref("RFC 6455", "7.4.1"),),
    needs=(Need.WEBSOCKET,),
    explains=OF_AN_ENDED_SOCKET,
    thresholds=(
        Threshold(
            "SAME_TICK",
            0.06,
            "s",
            N_("All victims of one tick are closed within this: 1 ms measured, more on a loaded machine."),
        ),
    ),
    judge=_judge,
)
