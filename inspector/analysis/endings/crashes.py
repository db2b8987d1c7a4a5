"""Ends with the mark of an exception (1011): the order of tests is that of the notes, the widest first."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from inspector.analysis.causes import Cause
from inspector.analysis.contents import leaves, wants_to_leave
from inspector.analysis.endings.aftermath import failing_after, redis_refused
from inspector.analysis.endings.gone import SAME_TICK_NS, Gone, Trigger, latest_message, reap_ns
from inspector.analysis.endings.oddities import ORDINARY, is_new, what_is_odd
from inspector.model.finding import Confidence

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts
    from inspector.analysis.sockets import Socket

__all__ = ["crashes", "idle_crash", "joined_idle_crashes", "own_crash", "redis_down"]

_MOST_SURVIVORS = 2
"""Survivors named: that they live shows in one."""


def crashes(facts: Facts, group: list[Gone]) -> list[Cause]:
    """The causes of sockets of one server that crashed on the same tick."""
    if not group:
        return []
    everybody = [
        s
        for s in facts.front_sockets
        if s.server_name == group[0].socket.server_name and s.open_at(group[0].time_ns - 1)
    ]
    paths = sorted({g.socket.path for g in group})
    gone = {g.socket.connection for g in group}
    all_gone = len(group) >= 2 and all(s.connection in gone for s in everybody)
    # A room in which somebody had just spoken has a reason of its own; of several rooms, each needs something new.
    spoken = {g.socket.path for g in group if g.trigger is not None and (len(paths) == 1 or is_new(g.trigger))}
    unexplained = len(spoken) < len(paths)
    if redis_refused(facts, group[0].time_ns) or (all_gone and unexplained):
        return [redis_down(facts, group)]
    return [
        cause
        for path in paths
        for cause in _of_room(
            facts,
            [g for g in group if g.socket.path == path],
            [s for s in everybody if s.path == path and s.connection not in gone],
        )
    ]


def _of_room(facts: Facts, gone: list[Gone], survivors: list[Socket]) -> list[Cause]:
    """Sockets of one address that crashed on the same tick, and its members that live on."""
    first = _first_trigger(facts, gone, survivors)
    if first is None:
        return [idle_crash(facts, g) for g in gone]
    heard = _heard(first, survivors, gone[0].time_ns)
    if survivors and len(heard) == len(survivors):
        return [_mutated(facts, gone, first, heard)]
    if len(gone) >= 2 and not all(g.trigger is not None and what_is_odd(g.trigger) != ORDINARY for g in gone):
        return [_no_handler(gone, first)]
    return [own_crash(g, g.trigger) if g.trigger is not None else idle_crash(facts, g) for g in gone]


def _first_trigger(facts: Facts, gone: list[Gone], survivors: list[Socket]) -> Trigger | None:
    """The earliest message of those that crashed; else the latest of a member that lives on may have crashed them."""
    own = [g.trigger for g in gone if g.trigger is not None]
    if own:
        return min(own, key=_when)
    at, within = gone[0].time_ns, reap_ns(facts, gone[0].socket, gone[0].time_ns)
    others = [message for s in survivors if (message := latest_message(s, at, within)) is not None]
    return max(others, key=_when, default=None)


def _when(message: Trigger) -> int:
    return message.time_ns


def _heard(first: Trigger, survivors: list[Socket], gone_ns: int) -> list[tuple[Socket, int]]:
    """The survivors that got what the first message said, with the row of that message."""
    said = leaves(first.content)
    heard = []
    for socket in survivors:
        rows, times = socket.messages(True)
        for row, time_ns in zip(rows.tolist(), times.tolist(), strict=True):
            if first.time_ns <= time_ns <= gone_ns + SAME_TICK_NS and said & leaves(socket.content(row)):
                heard.append((socket, row))
                break
    return heard


def _mutated(facts: Facts, gone: list[Gone], first: Trigger, heard: list[tuple[Socket, int]]) -> Cause:
    """F23: one member per process got the message, all others crashed."""
    survivors = [(socket.packet_of(row), "survivor") for socket, row in heard[:_MOST_SURVIVORS]]
    processes = {facts.processes.get(socket.connection) for socket, _ in heard}
    return Cause(
        "F23", tuple(g.socket.connection for g in gone), first.time_ns, gone[0].time_ns,
        ((first.packet, "trigger"), *survivors, *(g.mark for g in gone)),
        confidence=Confidence.LIKELY if len(processes) == len(heard) else Confidence.UNCLEAR,
        numbers={"crashed": len(gone), "received": len(heard)},
    )  # fmt: skip


def _no_handler(gone: list[Gone], first: Trigger) -> Cause:
    """F13: one message crashed all members."""
    order = sorted(gone, key=lambda g: g.socket is not first.socket)
    return Cause(
        "F13", tuple(g.socket.connection for g in order), first.time_ns, gone[0].time_ns,
        ((first.packet, "trigger"), *(g.mark for g in order)), confidence=Confidence.LIKELY,
        numbers={"crashed": len(gone)},
    )  # fmt: skip


def own_crash(item: Gone, trigger: Trigger) -> Cause:
    """F12, or F14 when the message asked to be let go."""
    odd = what_is_odd(trigger)
    leaving = odd == ORDINARY and wants_to_leave(trigger.content)
    rule, reason, rivals = ("F14", "illegal_code", ("F12",)) if leaving else ("F12", odd, ())
    return Cause(
        rule, (item.socket.connection,), trigger.time_ns, item.time_ns, ((trigger.packet, "trigger"), item.mark), reason,
        Confidence.LIKELY if odd == ORDINARY else Confidence.CERTAIN, rivals,
        {"wait_ms": round((item.time_ns - trigger.time_ns) / 1e6)},
    )  # fmt: skip


def idle_crash(facts: Facts, item: Gone) -> Cause:
    """F18: nothing had been said."""
    socket = item.socket
    return Cause(
        "F18", (socket.connection,), item.time_ns, item.time_ns,
        ((socket.last_packet_before(item.time_ns), "last"), item.mark), "idle", Confidence.LIKELY, ("F19",),
        {
            "server": socket.server_name,
            "idle_s": round((item.time_ns - socket.said_until(item.time_ns)) / 1e9, 2),
            "timeout_s": facts.settings.redis_timeout,
        },
    )  # fmt: skip


def joined_idle_crashes(causes: list[Cause]) -> list[Cause]:
    """Idle sockets of one server that crashed one after the other crashed for one reason: one cause for each server."""
    joined: dict[object, Cause] = {}
    for index, cause in enumerate(sorted(causes, key=lambda c: c.seen_ns)):
        key = cause.numbers["server"] if cause.rule == "F18" else index
        known = joined.get(key)
        joined[key] = cause if known is None else dataclasses.replace(
            known, connections=known.connections + cause.connections, packets=known.packets + cause.packets
        )  # fmt: skip
    return list(joined.values())


def redis_down(facts: Facts, group: list[Gone]) -> Cause:
    """F19: what all sockets of a server need is gone."""
    refused = redis_refused(facts, group[0].time_ns)
    connections = (*(g.socket.connection for g in group), *failing_after(facts, group[0]))
    packets = (*((packet, "refused") for packet in refused[:1]), *(g.mark for g in group))
    reason, confidence = ("refused", Confidence.CERTAIN) if refused else ("all_at_once", Confidence.LIKELY)
    return Cause(
        "F19", connections, group[0].time_ns, group[0].time_ns, packets, reason, confidence,
        numbers={"sockets": len(group)},
    )  # fmt: skip
