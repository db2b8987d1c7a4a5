"""F21: the channel layer's queue overflowed, and messages were lost without a word."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.sequences import Losses, numbered_losses
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_MISSING = 3
_PART_OF_CAPACITY = 0.5


def _judge(facts: Facts) -> Iterator[Finding]:
    capacity = facts.settings.capacity
    for room in facts.rooms:
        lost = numbered_losses(room)
        # Below the capacity nothing overflows.
        if max((len(item.missing) for item in lost), default=0) < _LEAST_MISSING:
            continue
        if max(item.last - item.first + 1 for item in lost) < capacity:
            continue
        if max(item.rate for item in lost) < _PART_OF_CAPACITY * capacity:
            continue
        worst = max(lost, key=lambda item: len(item.missing))
        yield RULE.fail(
            Evidence(worst.before_packet, note=Text(N_("last before the first gap"))),
            Evidence(worst.after_packet, note=Text(N_("next after it"))),
            connections=facts.with_upstream(*(item.socket.connection for item in lost)),
            time_ns=worst.time_ns,
            confidence=Confidence.LIKELY,
            reason=_which_end(worst),
            fact=told(
                N_(
                    "{path}: {missing} of {count} numbered messages never came, from number {first}; the "
                    "socket stayed open"
                ),
                path=room.path,
                missing=len(worst.missing),
                count=worst.last - worst.first + 1,
                first=worst.missing[0],
            ),
        )


def _which_end(losses: Losses) -> str:
    """The in-memory layer drops the newest (the beginning is whole), the Redis layer the oldest (the end is whole)."""
    head = losses.missing[0] - losses.first
    tail = losses.last - losses.missing[-1]
    return "memory_capacity" if head >= tail else "redis_capacity"


RULE = Rule(
    id="F21",
    title_fail=N_("Messages were lost in the channel layer: its capacity was exceeded"),
    title_pass=N_("No numbered message was lost on the way to a member"),
    why=N_(
        "At most capacity (100) messages wait for a socket; what is beyond is dropped in silence, the newest "
        "by the in-memory layer, the oldest by the Redis layer."
    ),
    next_step=N_("Make handlers shorter, raise the capacity, number messages and ask again for gaps."),
    refute=N_("The missing numbers were never sent to this member on purpose."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.WEBSOCKET,),
    thresholds=(
        Threshold("LEAST_MISSING", _LEAST_MISSING, "messages", N_("One or two may be meant for others.")),
        Threshold(
            "PART_OF_CAPACITY",
            _PART_OF_CAPACITY,
            "of the capacity per second",
            N_("A queue overflows in a burst, not in slow traffic."),
        ),
    ),
    judge=_judge,
)
