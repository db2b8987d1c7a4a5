"""F22: a member hears nobody any more although its socket lives."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.deliveries import Broadcast, Room
from inspector.analysis.facts import Facts
from inspector.analysis.sockets import Socket
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_MISSED = 3


def _judge(facts: Facts) -> Iterator[Finding]:
    for room in facts.rooms:
        for member in room.members:
            missed = _deaf_since(room, member)
            if missed is None:
                continue
            heard = _heard(room, member)
            places = [Evidence(next(iter(b.received.values())), note=Text(N_("others get it"))) for b in missed[:3]]
            alive = member.last_packet_before(int(member.activity[-1]) + 1)
            places.append(Evidence(alive, note=Text(N_("it still answers"))))
            numbers: dict[str, int | str] = {"path": room.path, "missed": len(missed)}
            if heard:
                yield RULE.fail(
                    *places,
                    connections=facts.with_upstream(member.connection),
                    time_ns=_busy_since(member, heard[-1], missed[0]),
                    reason="expiry",
                    confidence=Confidence.LIKELY,
                    fact=told(
                        N_(
                            "{path}: a member that had heard the others missed the last {missed} messages and "
                            "still answers"
                        ),
                        **numbers,
                    ),
                )
            else:
                yield RULE.undecidable(
                    *places,
                    connections=facts.with_upstream(member.connection),
                    time_ns=member.opened_ns,
                    reason="missing_await",
                    fact=told(N_("{path}: a member never heard any of {missed} messages and still answers"), **numbers),
                    why=Text(
                        N_(
                            "Whether it never joined the group (an await is missing), or lost its place, or is "
                            "meant to hear nothing: the server's trace tells (--trace)."
                        )
                    ),
                )


def _deaf_since(room: Room, member: Socket) -> list[Broadcast] | None:
    """The last broadcasts of others, all missed, each heard by somebody who had not said it; None when it is not deaf."""
    missed = room.missed(member)
    heard_ns = max((b.time_ns for b in _heard(room, member)), default=-1)
    later = [b for b in missed if b.time_ns > heard_ns and b.spread and b.sender != member.connection]
    if len(later) < _LEAST_MISSED:
        return None
    return later if (member.activity > later[0].time_ns).any() else None


def _heard(room: Room, member: Socket) -> list[Broadcast]:
    """Broadcasts that reached the member and somebody else; an answer to itself proves no membership."""
    return [b for b in room.broadcasts if member.connection in b.received and len(b.received) > 1 and b.spread]


def _busy_since(member: Socket, heard: Broadcast, missed: Broadcast) -> int:
    """When it last asked for something before it turned deaf: that kept it busy."""
    asked = member.last_message(False, missed.time_ns)
    return asked[1] if asked is not None and asked[1] >= heard.time_ns else heard.time_ns


RULE = Rule(
    id="F22",
    title_fail=N_("A member of the room has turned deaf"),
    title_pass=N_("No member of a room was deaf"),
    why=N_(
        "The in-memory layer takes a channel out of all its groups when it was busy for longer than the "
        "expiry (60 s); a group_add without await never joins at all. The socket lives on, pings and its own "
        "echo work."
    ),
    next_step=N_("Keep handlers short; join the groups again with every heartbeat; await group_add."),
    refute=N_("A message to the group that reaches the member later."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.WEBSOCKET,),
    thresholds=(Threshold("LEAST_MISSED", _LEAST_MISSED, "messages", N_("One or two may be meant for others.")),),
    judge=_judge,
)
