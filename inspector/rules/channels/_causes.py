"""Telling a cause that the analysis worked out as a finding of its rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from inspector.analysis.causes import Cause
from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Side, Text, told
from inspector.rules.rule import Rule

__all__ = ["findings"]

_ROLES = {
    "trigger": N_("the last message before it"),
    "close": N_("Close frame"),
    "end": N_("end of TCP"),
    "ping": N_("ping without a pong"),
    "pong": N_("pong to a later ping"),
    "last": N_("last frame before the silence"),
    "refused": N_("connection refused"),
    "survivor": N_("the same message arrives"),
    "request": N_("request"),
    "answer": N_("answer"),
    "passed_on": N_("what the proxy passed on"),
    "handshake": N_("handshake"),
    "missed": N_("message that others got"),
    "late": N_("late answer"),
}
_BETWEEN = N_("The packets fit {rules}; the server's trace or log tells them apart (--trace).")
_OTHER_LEG = N_("The packets fit {rules}; a capture between the proxy and the server tells them apart.")
_OF_PROXIES = frozenset(("F09", "F10"))
"""What a proxy does to a handshake or a socket shows on its own connection to the server."""


def findings(
    facts: Facts,
    rule: Rule,
    causes: Iterable[Cause],
    sentences: Mapping[str, str],
    sides: Mapping[str, Side] | None = None,
) -> Iterator[Finding]:
    """Findings of ``rule`` from its causes.

    Args:
        facts: The capture's facts.
        rule: Which.
        causes: What the analysis found.
        sentences: What was seen, by reason of the cause; ``""`` for all others.
        sides: Whose fault it is by reason, where it is not the rule's side.
    """
    for cause in causes:
        numbers = {"path": _path(facts, cause), "reason": cause.reason, **cause.numbers}
        fact = told(sentences.get(cause.reason, sentences.get("", "")), **numbers)
        places = [Evidence(packet, note=Text(_ROLES[role])) for packet, role in cause.packets]
        connections = facts.with_upstream(*cause.connections)
        side = (sides or {}).get(cause.reason, rule.side)
        if cause.confidence is Confidence.UNCLEAR and cause.rivals:
            why = told(
                _OTHER_LEG if _OF_PROXIES.intersection(cause.rivals) else _BETWEEN, rules=", ".join(cause.rivals)
            )
            yield rule.undecidable(
                *places, why=why, connections=connections, time_ns=cause.time_ns, side=Side.UNKNOWN, fact=fact,
                reason=cause.reason, rivals=cause.rivals,
            )  # fmt: skip
            continue
        yield rule.fail(
            *places, connections=connections, time_ns=cause.time_ns, side=side, fact=fact, reason=cause.reason,
            rivals=cause.rivals, confidence=cause.confidence,
        )  # fmt: skip


def _path(facts: Facts, cause: Cause) -> str:
    socket = facts.socket_of.get(cause.connections[0])
    return socket.path if socket is not None else ""
