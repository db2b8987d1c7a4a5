"""F15: a frame that is illegal or too large."""

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
    "too_big": N_(
        "A message of {size} bytes, more than the {limit} allowed, and the server ended the connection at once"
    ),
    "told_too_big": N_("After a message of {size} bytes the server closed with 1009: too big"),
    "told_too_big_unseen": N_("The server closed with 1009: too big; the message was not seen whole"),
    "": N_("An illegal frame ({reason}), and the server ended the connection at once"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.endings.get("F15", []), _SENTENCES)


RULE = Rule(
    id="F15",
    title_fail=N_("The server cut the connection because of an illegal or oversized message"),
    title_pass=N_("No connection was cut because of a frame"),
    why=N_(
        "Daphne resets the connection without a Close frame for messages above its limit (1 MiB) and for "
        "illegal frames; the browser sees 1006."
    ),
    next_step=N_(
        "Send large data over HTTP, or raise --websocket-max-message-size; correct the client that makes the frame."
    ),
    refute=N_("The server resets other connections at the same moment as well."),
    severity=Severity.ERROR,
    side=Side.CLIENT,
    refs=(
        Ref("RFC 6455", "5.2"),
        Ref("RFC 6455", "7.4.1"),
    ),
    needs=(Need.WEBSOCKET,),
    explains=OF_AN_ENDED_SOCKET,
    thresholds=(
        Threshold(
            "AT_ONCE", 0.1, "s", N_("What happens because of a frame and not by a timer follows it within this.")
        ),
    ),
    judge=_judge,
)
