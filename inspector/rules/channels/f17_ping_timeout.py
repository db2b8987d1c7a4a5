"""F17: the server dropped a client that answers its pings: the timers of two pings overlapped."""

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
    "overlapping_timer": N_("A ping got no pong, a later one did, and {wait_ms} ms after the first the server hung up"),
}
_SIDES = {"overlapping_timer": Side.SERVER}


def _judge(facts: Facts) -> Iterator[Finding]:
    # Where nothing at all came from the client the server did right: W8 tells of that.
    causes = [cause for cause in facts.endings.get("F17", []) if cause.reason == "overlapping_timer"]
    yield from findings(facts, RULE, causes, _SENTENCES, _SIDES)


RULE = Rule(
    id="F17",
    title_fail=N_("The server dropped a client that was answering its pings"),
    title_pass=N_("No server dropped a client that was answering its pings"),
    why=N_(
        "Daphne resets the connection when a pong does not come. With a timeout above the interval its "
        "timer also strikes when only one pong was lost: that is its bug, not a dead client."
    ),
    next_step=N_("Keep --ping-timeout below --ping-interval, so that no two pings wait for their pongs at once."),
    refute=N_("A pong among bytes that the capture does not hold."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 6455", "5.5.2"),),
    needs=(Need.WEBSOCKET, Need.AS_SENT),
    explains=OF_AN_ENDED_SOCKET,
    thresholds=(
        Threshold("PING_EARLY", 1.1, "s", N_("The timer counts whole seconds and may strike early.")),
        Threshold("PING_LATE", 2.6, "s", N_("Daphne looks every two seconds.")),
    ),
    judge=_judge,
)
