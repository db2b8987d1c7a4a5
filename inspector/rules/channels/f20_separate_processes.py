"""F20: a room falls apart into as many as there are processes: a channel layer in memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from inspector.analysis.deliveries import Broadcast, Room
from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_MEMBERS = 2


def _judge(facts: Facts) -> Iterator[Finding]:
    for room in facts.rooms:
        if len({member.path for member in room.members}) > 1:
            continue  # several consumers need not be in one group
        parts = _parts(room)
        if len(parts) < 2:
            continue
        classes = [{facts.processes.get(number) for number in part} for part in parts]
        known = all(None not in group for group in classes)
        separate = known and all(a.isdisjoint(b) for a, b in itertools.combinations(classes, 2))
        missed = [_speaks(room, part) for part in parts]
        # Where the processes are known, one message that stays within its own is proof.
        if not separate and (known or not all(missed) or min(len(part) for part in parts) < _LEAST_MEMBERS):
            continue
        if not any(missed):
            continue
        examples = [next(b for b in room.broadcasts if b.sender in part) for part in parts[:2]]
        yield RULE.fail(
            *(place for example in examples for place in _places(example)),
            connections=facts.with_upstream(*sorted(number for part in parts for number in part)),
            time_ns=min(b.asked_ns for b in room.broadcasts if b.sender is not None),
            confidence=Confidence.CERTAIN if separate else Confidence.LIKELY,
            reason="memory_layer",
            fact=told(
                N_(
                    "The {count} members of {path} hear each other only within groups of {sizes}; processes "
                    "told by pings: {known}"
                ),
                count=len(room.members),
                path=room.path,
                sizes=" + ".join(str(len(part)) for part in parts),
                known=len(parts) if separate else "-",
            ),
        )


def _parts(room: Room) -> list[set[int]]:
    """Members that ever heard the same message, or each other, belong together."""
    parts: list[set[int]] = []
    for broadcast in room.broadcasts:
        if broadcast.sender is None:
            continue
        joined = {broadcast.sender, *broadcast.received}
        for part in [part for part in parts if part & joined]:
            parts.remove(part)
            joined |= part
        parts.append(joined)
    return sorted(parts, key=min)


def _speaks(room: Room, part: set[int]) -> bool:
    """Whether something was said within the part that members outside of it, who were there, missed."""
    outside = [member for member in room.members if member.connection not in part]
    return any(broadcast.sender in part for member in outside for broadcast in room.missed(member))


def _places(broadcast: Broadcast) -> list[Evidence]:
    received = [Evidence(packet, note=Text(N_("arrives"))) for packet in list(broadcast.received.values())[:2]]
    return [Evidence(broadcast.asked_packet, note=Text(N_("message"))), *received]


RULE = Rule(
    id="F20",
    title_fail=N_("One room has become several: the channel layer does not reach all processes"),
    title_pass=N_("Messages reach the members of all processes"),
    why=N_(
        "The in-memory channel layer knows the sockets of its own process only; who hears whom depends on "
        "which process took the connection."
    ),
    next_step=N_("Use the Redis layer (channels_redis) as soon as there is more than one process."),
    refute=N_("A message that reaches members of two of the groups."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.WEBSOCKET,),
    explains=("F22",),
    thresholds=(
        Threshold(
            "LEAST_MEMBERS",
            _LEAST_MEMBERS,
            "members",
            N_("Where pings do not tell processes apart, a group of one may be a deaf member."),
        ),
        Threshold("CLASS_GAP", 0.1, "s", N_("Ping phases nearer than this, modulo two seconds, cannot be told apart.")),
    ),
    judge=_judge,
)
