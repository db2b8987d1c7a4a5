"""The verdict: whose fault, in one sentence, how sure, decided by which packets, and what was not looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.ending import Ending
from inspector.model.finding import NOTHING, Confidence, Finding, Outcome, Severity, Side, Text, told
from inspector.model.grade import Grade
from inspector.model.tls import Decryption
from inspector.proto.kinds import LayerKind
from inspector.rules.run import Run

__all__ = ["NotExamined", "Verdict", "not_examined", "reach_verdict"]

_MOST_PACKETS = 5
"""Deciding packets named in the verdict; the findings have them all."""
_MOST_CONNECTIONS = 20
"""Connections named as not examined; the rest is counted."""

NO_PACKETS = N_("The capture holds no packets.")
ALL_WELL = N_("Nothing wrong was found.")
ONLY_WARNINGS = N_("Nothing failed; the warnings below deserve a look.")
NOTHING_TO_JUDGE = N_("The capture holds nothing that could be judged: no TCP connection and no DNS lookup.")
ONLY_UNDECIDED = N_("Something went wrong, and this capture cannot tell what.")


_SIDES = (Side.CLIENT, Side.NETWORK, Side.PROXY, Side.SERVER, Side.APPLICATION)


@dataclass(frozen=True, slots=True)
class NotExamined:
    """Something in the capture that no rule could look at.

    Args:
        what: Stable code, e.g. ``"tls_no_keys"``.
        text: The same for people.
        connections: Numbers of connections concerned, at most twenty.
        count: How many connections (or packets, when none is named).
    """

    what: str
    text: Text
    connections: tuple[int, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "whose fault?".

    Args:
        side: Whose.
        sentence: What happened.
        confidence: How sure.
        because: Ids of the rules that decide.
        packets: Numbers of the deciding packets.
        settle: What would settle what is unclear; empty when nothing is.
        refute: What would show that the verdict is wrong; empty when nothing failed.
        sides: What is known of each side: ``"fault"``, ``"ok"`` or ``"unknown"``.
    """

    side: Side
    sentence: Text
    confidence: Confidence
    because: tuple[str, ...] = ()
    packets: tuple[int, ...] = ()
    settle: Text = NOTHING
    refute: Text = NOTHING
    sides: tuple[tuple[Side, str], ...] = ()


def reach_verdict(facts: Facts, outcome: Run) -> Verdict:
    """Decide: the worst and surest failure names the side; what the capture can hide lowers the confidence."""
    failed = [f for f in outcome.findings if f.outcome is Outcome.FAIL]
    # A note (info) says that something cannot be known, not that something is wrong.
    undecided = [f for f in outcome.findings if f.outcome is Outcome.UNDECIDABLE and f.severity is not Severity.INFO]
    if failed:
        return _of_failure(facts, failed, undecided)
    if undecided:
        first = undecided[0]
        return Verdict(
            first.side,
            first.fact if first.fact.message else Text(ONLY_UNDECIDED),
            Confidence.UNCLEAR,
            (first.rule,),
            _packets(first),
            first.why,
            first.refute,
            _sides(facts, outcome),
        )
    if not len(facts.capture.packets):
        return Verdict(Side.NOBODY, Text(NO_PACKETS), Confidence.CERTAIN)
    if not len(facts.table) and not facts.lookups:
        sides = tuple((side, "unknown") for side in _SIDES)
        return Verdict(Side.UNKNOWN, Text(NOTHING_TO_JUDGE), Confidence.UNCLEAR, sides=sides)
    warned = [
        f for f in outcome.findings if f.severity is not Severity.INFO and (f.connections or f.side is not Side.NOBODY)
    ]
    hidden = _what_hides(facts)
    sentence = Text(ONLY_WARNINGS if warned else ALL_WELL)
    confidence = Confidence.LIKELY if hidden.message or not_examined(facts) else Confidence.CERTAIN
    return Verdict(
        Side.NOBODY,
        sentence,
        confidence,
        tuple(dict.fromkeys(f.rule for f in warned)),
        settle=hidden,
        sides=_sides(facts, outcome),
    )


def _of_failure(facts: Facts, failed: list[Finding], undecided: list[Finding]) -> Verdict:
    first = failed[0]
    hidden = _what_hides(facts)
    confidence = first.confidence
    if confidence is Confidence.CERTAIN and hidden.message:
        confidence = Confidence.LIKELY
    settle = first.why if first.why.message else hidden
    if not settle.message and undecided:
        settle = undecided[0].why
    because = tuple(dict.fromkeys(finding.rule for finding in failed))
    sentence = first.fact if first.fact.message else first.title
    sides = tuple(
        (side, "fault" if any(f.side is side for f in failed) else "ok" if _observable(facts, side) else "unknown")
        for side in _SIDES
    )
    return Verdict(first.side, sentence, confidence, because, _packets(first), settle, first.refute, sides)


def _sides(facts: Facts, outcome: Run) -> tuple[tuple[Side, str], ...]:
    accused = {f.side for f in outcome.findings if f.outcome is not Outcome.WARN and f.severity is not Severity.INFO}
    return tuple(
        (side, "unknown" if side in accused or Side.UNKNOWN in accused or not _observable(facts, side) else "ok")
        for side in _SIDES
    )


def _observable(facts: Facts, side: Side) -> bool:
    """Whether the capture could have shown a fault of this side."""
    if side in (Side.CLIENT, Side.PROXY):
        return True
    if facts.lookups:
        return side is not Side.NETWORK or not len(facts.grades) or bool((facts.grades == Grade.CAPTURED).any())
    if side is Side.APPLICATION:
        return bool(facts.exchanges or facts.websockets.connections)
    # Of connection requests that nobody answered it cannot be said who was well.
    heard = facts.table.ending != Ending.UNANSWERED
    if side is Side.NETWORK:
        heard &= facts.grades == Grade.CAPTURED
    return bool(heard.any())


def _undecoded(facts: Facts) -> int:
    """How many packets have a header that does not fit, or a link layer that is not decoded."""
    packets, layers = facts.capture.packets, facts.capture.layers
    broken = np.flatnonzero(layers.kind == LayerKind.MALFORMED)
    first = packets.layer_start[packets.layer_count > 0]
    unknown = first[layers.kind[first] == LayerKind.UNKNOWN]
    return len(broken) + len(unknown)


def _packets(finding: Finding) -> tuple[int, ...]:
    return tuple(dict.fromkeys(item.packet for item in finding.evidence))[:_MOST_PACKETS]


def _what_hides(facts: Facts) -> Text:
    """What about the capture itself could have misled the rules; empty when nothing."""
    for id_, message in (
        ("T2", N_("A capture without dropped packets would settle it.")),
        ("T8", N_("A capture of both directions would settle it.")),
        ("T3", N_("A capture that records each packet once would settle it.")),
    ):
        if facts.trust[id_].holds is False:
            return Text(message)
    return NOTHING


_DECRYPTIONS = (
    (Decryption.NO_KEYS, "tls_no_keys", N_("TLS connections without keys: {count}")),
    (Decryption.WRONG_KEYS, "tls_wrong_keys", N_("TLS connections whose keys do not fit: {count}")),
    (
        Decryption.UNSUPPORTED,
        "tls_unsupported",
        N_("TLS connections of a version or cipher not decrypted here: {count}"),
    ),
    (Decryption.NO_HANDSHAKE, "tls_no_handshake", N_("TLS connections whose beginning was not captured: {count}")),
)


def not_examined(facts: Facts) -> list[NotExamined]:
    """What no rule could look at, and why."""
    found: list[NotExamined] = []

    def tell(what: str, message: str, count: int, connections: Sequence[int] = ()) -> None:
        if count:
            found.append(NotExamined(what, told(message, count=count), tuple(connections[:_MOST_CONNECTIONS]), count))

    for problem, what, message in _DECRYPTIONS:
        numbers = [number for number, tls in facts.tls.items() if tls.decryption is problem]
        tell(what, message, len(numbers), numbers)
    packets = facts.capture.packets
    cut = int((packets.captured < packets.length).sum())
    tell("cut_packets", N_("Packets of which only the beginning was captured: {count}"), cut)
    tell("undecoded_packets", N_("Packets whose headers could not be decoded: {count}"), _undecoded(facts))
    # More than one SYN is a finding (N1).
    asked = np.flatnonzero((facts.table.ending == Ending.UNANSWERED) & (facts.table.syns == 1)).tolist()
    message = N_("Connection requests, sent once, whose answer the capture does not hold: {count}")
    tell("unanswered", message, len(asked), asked)
    if facts.trust["T8"].holds is False:
        message = N_("Connections of which only one direction was captured: {count}")
        tell("one_direction", message, int(facts.trust["T8"].params["connections"]))
    large = sum(room.messages for room in facts.large_rooms)
    tell("large_rooms", N_("Messages of rooms too large to compare who got what: {count}"), large)
    made = int((facts.grades != Grade.CAPTURED).sum())
    message = N_(
        "Connections without real packets (recorded by a proxy, or read from a HAR or flow file), whose network "
        "was not seen: {count}"
    )
    tell("network_not_seen", message, made)
    return found
