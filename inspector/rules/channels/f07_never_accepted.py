"""F07: connect() neither accepted nor closed."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.channels._causes import findings
from inspector.rules.channels._consequences import OF_A_REFUSED_UPGRADE
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_SENTENCES = {
    "": N_("The handshake to {path} got no answer for {waited_s} s"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.refusals.get("F07", []), _SENTENCES)


RULE = Rule(
    id="F07",
    title_fail=N_("The consumer neither accepted nor refused the WebSocket"),
    title_pass=N_("Every handshake was accepted or refused"),
    why=N_("connect() forgot accept() on some branch, or is stuck: nothing is answered until somebody gives up."),
    next_step=N_(
        "Call accept() or close() on every branch of connect(); many such handshakes at once mean that "
        "the server is stuck (F26)."
    ),
    refute=N_("An answer among bytes that the capture does not hold."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.UPGRADE,),
    explains=OF_A_REFUSED_UPGRADE,
    thresholds=(
        Threshold(
            "HANDSHAKE_WINDOW",
            4.0,
            "s",
            N_(
                "Daphne gives up 4.0 to 5.0 s after the request: a timer of 5 s that counts whole "
                "seconds; scaled with handshake_timeout."
            ),
        ),
    ),
    judge=_judge,
)
