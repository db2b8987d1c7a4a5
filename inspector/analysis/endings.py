"""Why the server let go of WebSockets: the decision orders for 1011 and for 1006, in one place.

Each ended socket gets at most one cause. The causes are numbered as the failures of Channels applications are (F06, F10,
F12 to F19, F23); the rules of these numbers only tell them. What the orders rest on was measured with Daphne 4.2 and
uvicorn 0.54: Daphne reaps dead applications on a tick of one second, uvicorn at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inspector.analysis.contents import json_of, leaves, wants_to_leave
from inspector.analysis.servers import Program
from inspector.model.ending import Ending
from inspector.model.finding import Confidence
from inspector.model.websocket import BINARY, Fault

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts, Upgrade
    from inspector.analysis.sockets import Socket

__all__ = ["AT_ONCE_NS", "REAP_NS", "SAME_TICK_NS", "Cause", "ending_causes"]

REAP_NS = 1_050_000_000
"""From the fatal frame to Daphne's Close: it reaps once a second (0.03 to 1.005 s measured)."""
SAME_TICK_NS = 60_000_000
"""All victims of one tick are closed within this (3 sockets within 1 ms measured; a loaded machine needs longer)."""
AT_ONCE_NS = 100_000_000
"""What happens because of a frame and not by a timer follows it within this."""
_RESTART_NS = 15 * 10**9
"""How long after its end a restarted server may refuse connections."""
_IDLE_TOLERANCE = 0.15
"""Part by which idle times may differ from a proxy's timeout; timers are exact, captures and loaded machines less."""
_LEAST_IDLE_NS = 1_000_000_000
"""Shorter silences end for other reasons."""
_PING_EARLY_NS, _PING_LATE_NS = 1_100_000_000, 2_600_000_000
"""A ping timeout strikes up to a second early, since the timer counts whole seconds, or a tick of two seconds late."""
_INTERNAL_ERROR, _RESTART_CODE, _TOO_BIG = 1011, 1012, 1009
_PROTOCOL_CODES = (1002, 1003, 1007, 1009, 1010)
_LONGEST_GROUP = 99
"""Characters of a group name that channels accepts."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why one or several sockets ended.

    Args:
        rule: Number of the failure.
        connections: Numbers of those concerned, the one that decides first.
        time_ns: When the cause acted (the fatal frame was complete), else when it ended.
        seen_ns: When it ended.
        packets: Numbers of the deciding packets with a stable word for each: ``trigger``, ``close``, ``end``, ``ping``,
            ``last``, ``refused``, ``survivor``.
        reason: Stable code of the cause within the failure.
        confidence: How sure.
        rivals: Failures that fit as well.
        numbers: What was measured.
    """

    rule: str
    connections: tuple[int, ...]
    time_ns: int
    seen_ns: int
    packets: tuple[tuple[int, str], ...]
    reason: str = ""
    confidence: Confidence = Confidence.CERTAIN
    rivals: tuple[str, ...] = ()
    numbers: dict[str, int | float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Gone:
    """A socket that the server let go of unasked, with the client's message that may have been too much for it."""

    socket: Socket
    time_ns: int
    packet: int
    crash: bool
    """It is the mark of an exception: Close 1011, or uvicorn's end without a Close right after a message."""
    trigger: tuple[int, int] | None
    """Row and time of that message."""


def ending_causes(facts: Facts) -> list[Cause]:
    """Causes of all sockets that the server let go of, by time."""
    gone = sorted((g for s in facts.front_sockets if (g := _gone(facts, s)) is not None), key=lambda g: g.time_ns)
    causes: list[Cause] = []
    left: list[_Gone] = []
    for item in gone:
        cause = _by_frame(facts, item) or _by_ping(facts, item)
        if cause is not None:
            causes.append(cause)
        else:
            left.append(item)
    for group in _same_tick(left):
        causes += _of_group(facts, group)
    causes = _together(facts, causes)
    return sorted(causes, key=lambda c: (c.seen_ns, c.connections))


def _gone(facts: Facts, socket: Socket) -> _Gone | None:
    close, asked = socket.close(True), socket.close(False)
    if close is not None:
        if asked is not None and asked.time_ns <= close.time_ns and close.code not in _PROTOCOL_CODES:
            return None  # it answered the client's Close
        if close.code not in (_INTERNAL_ERROR, _RESTART_CODE, *_PROTOCOL_CODES):
            return None
        crash = close.code == _INTERNAL_ERROR
        return _Gone(socket, close.time_ns, close.packet, crash, _trigger(facts, socket, close.time_ns, REAP_NS))
    if not (socket.abnormal or _cut_after_illegal_close(socket)) or socket.end is None:
        return None
    end = socket.end
    trigger = _trigger(facts, socket, end.time_ns, AT_ONCE_NS)
    crash = trigger is not None and facts.server(socket.connection).program is not Program.DAPHNE and end.kind == "fin"
    return _Gone(socket, end.time_ns, end.packet, crash, trigger)


def _cut_after_illegal_close(socket: Socket) -> bool:
    """The client's Close itself was illegal, and the server cut the connection instead of answering."""
    close = socket.close(False)
    faults = socket.faults(close.close.frame) if close is not None else 0
    return socket.end is not None and socket.end.by_server and bool(faults & Fault.CLOSE_CODE_ILLEGAL)


def _trigger(facts: Facts, socket: Socket, gone_ns: int, within_ns: int) -> tuple[int, int] | None:
    """The message after which the server said nothing more: the first unanswered one of those that came in time."""
    rows, times = socket.messages(False)
    answered = socket.last_message(True, gone_ns)
    after = answered[1] if answered is not None else 0
    recent = [(int(r), int(t)) for r, t in zip(rows, times, strict=True) if gone_ns - within_ns <= t <= gone_ns]
    unanswered = [item for item in recent if item[1] > after]
    return unanswered[0] if unanswered else (recent[-1] if recent else None)


# --- 1006 by a frame or by a ping --------------------------------------------------------------------------------------

_ILLEGAL = (
    Fault.UNMASKED_CLIENT_FRAME | Fault.RSV1_NOT_AGREED | Fault.RSV2_RSV3 | Fault.RESERVED_OPCODE
    | Fault.CONTROL_FRAGMENTED | Fault.CONTROL_TOO_LONG | Fault.LENGTH_TOP_BIT | Fault.CONTINUATION_WITHOUT_START
    | Fault.MESSAGE_INTERRUPTED | Fault.CLOSE_ONE_BYTE | Fault.CLOSE_CODE_ILLEGAL | Fault.CLOSE_REASON_NOT_UTF8
    | Fault.TEXT_NOT_UTF8 | Fault.INFLATE_FAILED
)  # fmt: skip


def _by_frame(facts: Facts, item: _Gone) -> Cause | None:
    """F15: the server cut the connection because of a frame that is illegal or too large."""
    socket = item.socket
    found = socket.offence(_ILLEGAL, facts.settings.largest_message, item.time_ns)
    close = socket.close(True)
    told = close is not None and close.code in _PROTOCOL_CODES
    if found is None:
        if close is None or close.code != _TOO_BIG:
            return None
        last = socket.last_message(False, item.time_ns)
        found = (
            (last[1], socket.packet_of(last[0]), "too_big", 0) if last else (item.time_ns, item.packet, "too_big", 0)
        )
    time_ns, packet, reason, size = found
    if not told and item.time_ns - time_ns > AT_ONCE_NS:
        return None
    return Cause(
        "F15", (socket.connection,), time_ns, item.time_ns, ((packet, "trigger"), (item.packet, "close" if told else "end")), reason,
        numbers={"size": size, "limit": facts.settings.largest_message},
    )  # fmt: skip


def _by_ping(facts: Facts, item: _Gone) -> Cause | None:
    """F17: the pong that the server waited for did not come."""
    socket, settings, close = item.socket, facts.settings, item.socket.close(True)
    # uvicorn and others that use the websockets library say so in a Close frame.
    if close is not None and not (close.code == _INTERNAL_ERROR and b"ping timeout" in close.close.reason):
        return None
    timeout_ns = round(settings.ping_timeout * 1e9)
    answered = {payload for _, time_ns, payload in socket.client_pongs if time_ns <= item.time_ns}
    for row, time_ns, payload in socket.server_pings:
        wait = item.time_ns - time_ns
        if payload in answered or not timeout_ns - _PING_EARLY_NS <= wait <= timeout_ns + _PING_LATE_NS:
            continue
        later = [pong for pong in socket.client_pongs if time_ns < pong[1] <= item.time_ns]
        packets = [(socket.frame_packet(row), "ping"), (item.packet, "end")]
        if later:
            packets.insert(1, (socket.frame_packet(later[0][0]), "pong"))
        return Cause(
            "F17", (socket.connection,), time_ns, item.time_ns, tuple(packets), "overlapping_timer" if later else "no_pong",
            numbers={"wait_ms": round(wait / 1e6), "timeout_s": settings.ping_timeout},
        )  # fmt: skip
    return None


# --- groups ------------------------------------------------------------------------------------------------------------


def _same_tick(gone: list[_Gone]) -> Iterable[list[_Gone]]:
    """Sockets of one server that were let go of at the same moment."""
    by_server: dict[str, list[_Gone]] = {}
    for item in gone:
        by_server.setdefault(item.socket.server_name, []).append(item)
    for _, items in sorted(by_server.items()):
        group: list[_Gone] = []
        for item in items:
            if group and item.time_ns - group[-1].time_ns > SAME_TICK_NS:
                yield group
                group = []
            group.append(item)
        if group:
            yield group


def _of_group(facts: Facts, group: list[_Gone]) -> list[Cause]:
    """Decide for the sockets of one server that ended in the same moment."""
    restarts = [g for g in group if (c := g.socket.close(True)) is not None and c.code == _RESTART_CODE]
    if restarts:
        return [_restart(facts, restarts, "announced"), *_of_group(facts, [g for g in group if g not in restarts])] if (
            len(restarts) < len(group)
        ) else [_restart(facts, restarts, "announced")]  # fmt: skip
    refused = _refused_after(facts, group[0])
    if refused and len(group) >= 2 and _nobody_left(facts, group):
        return [_restart(facts, group, "refused_after", refused)]
    # uvicorn ends a socket whose group's name is wrong without a Close.
    named = [g for g in group if not g.crash and g.socket.close(True) is None and _bad_name(facts, g)]
    if named:
        rest = [g for g in group if g not in named]
        return [*(_name_crash(facts, g) for g in named), *(_of_group(facts, rest) if rest else [])]
    crashed = [g for g in group if g.crash]
    spread = {g.socket.path for g in crashed} | _spoken_to(facts, group)
    # uvicorn ends its other sockets of a room without a message of their own.
    cut = [g for g in group if not g.crash]
    followers = [g for g in cut if g.socket.close(True) is None and g.socket.path in spread]
    crashed, cut = crashed + followers, [g for g in cut if g not in followers]
    return (_crashes(facts, crashed) if crashed else []) + (_cuts(facts, cut) if cut else [])


def _nobody_left(facts: Facts, group: list[_Gone]) -> bool:
    """Whether a server's sockets all ended in this moment and none with a Close: its process is gone, whatever was said."""
    gone = {g.socket.connection for g in group}
    return all(g.socket.close(True) is None for g in group) and not any(
        s.server_name == group[0].socket.server_name and s.connection not in gone and s.open_at(group[-1].time_ns + 1)
        for s in facts.front_sockets
    )


def _spoken_to(facts: Facts, group: list[_Gone]) -> set[str]:
    """Rooms of uvicorn's sockets in which somebody who lives on had just said something."""
    if facts.server(group[0].socket.connection).program is Program.DAPHNE:
        return set()
    paths = {g.socket.path for g in group}
    return {
        s.path
        for s in facts.front_sockets
        if s.path in paths and s.server_name == group[0].socket.server_name and s.open_at(group[0].time_ns)
        and _recent(s, group[0].time_ns, AT_ONCE_NS) is not None
    }  # fmt: skip


def _cuts(facts: Facts, group: list[_Gone]) -> list[Cause]:
    """1006 that no frame and no ping explains: a restart (F16), a proxy's timeout (F10), or unknown."""
    first = group[0]
    refused = _refused_after(facts, first)
    if refused:
        return [_restart(facts, group, "refused_after", refused)]
    idle = [g for g in group if _is_idle_cut(facts, g)]
    causes = [_idle_cut(facts, g) for g in idle]
    rest = [g for g in group if g not in idle]
    if not rest:
        return causes
    uvicorn = facts.server(rest[0].socket.connection).program is Program.UVICORN
    if uvicorn and (_redis_refused(facts, rest[0].time_ns) or (len(rest) >= 2 and _failing_after(facts, rest[0]))):
        causes.append(_redis_down(facts, rest))
    elif len(rest) >= 2:
        causes.append(_restart(facts, rest, "together", []))
    elif uvicorn and rest[0].time_ns - rest[0].socket.said_until(rest[0].time_ns) >= _LEAST_IDLE_NS:
        causes.append(_idle_crash(facts, rest[0]))
    return causes


def _restart(facts: Facts, group: list[_Gone], reason: str, refused: list[tuple[int, int]] | None = None) -> Cause:
    refused = _refused_after(facts, group[0]) if refused is None else refused
    packets = [(g.packet, "close" if reason == "announced" else "end") for g in group]
    packets[1:1] = [(packet, "refused") for _, packet in refused[:1]]
    sure = Confidence.LIKELY if reason == "together" else Confidence.CERTAIN
    return Cause(
        "F16", (*(g.socket.connection for g in group), *(number for number, _ in refused)), group[0].time_ns,
        group[0].time_ns, tuple(packets), reason, sure, ("F19",) if reason == "together" else (),
        {"sockets": len(group)},
    )  # fmt: skip


def _together(facts: Facts, causes: list[Cause]) -> list[Cause]:
    """Idle sockets of one server that crashed one after the other crashed for one reason (F18)."""
    idle: dict[str, list[Cause]] = {}
    for cause in causes:
        if cause.rule == "F18":
            idle.setdefault(str(facts.table[cause.connections[0]].server), []).append(cause)
    joined = []
    for _, found in sorted(idle.items()):
        found.sort(key=lambda c: c.seen_ns)
        joined.append(
            dataclasses.replace(
                found[0],
                connections=tuple(number for cause in found for number in cause.connections),
                packets=tuple(packet for cause in found for packet in cause.packets),
            )
        )
    return [cause for cause in causes if cause.rule != "F18"] + joined


def _refused_after(facts: Facts, item: _Gone) -> list[tuple[int, int]]:
    """Later connections to the same server (or the one behind a proxy) that were refused: number and deciding packet."""
    table = facts.table
    behind = facts.upstream.get(item.socket.connection)
    servers = {item.socket.server_name} | ({facts.server_name(behind)} if behind is not None else set())
    found = []
    for number in facts.ended_as(Ending.REFUSED):
        row = table[number]
        if str(row.server) in servers and 0 <= row.start_ns - item.time_ns <= _RESTART_NS:
            found.append((number, row.end_packet or row.last_packet))
    for other in facts.answered(502):
        number = other.connection
        if other.request_ns is None or other.response_packets is None:
            continue
        if facts.server_name(number) in servers and 0 <= other.request_ns[0] - item.time_ns <= _RESTART_NS:
            found.append((number, other.response_packets[0]))
    return found


def _failing_after(facts: Facts, item: _Gone) -> list[Upgrade]:
    """Later handshakes at the same server that fail with 500: it runs, but what it needs does not."""
    return [
        upgrade
        for upgrade in facts.upgrades
        if upgrade.status == 500
        and facts.server_name(upgrade.connection) == item.socket.server_name
        and upgrade.item.request_ns is not None
        and upgrade.item.request_ns[0] >= item.time_ns
    ]


def _is_idle_cut(facts: Facts, item: _Gone) -> bool:
    socket = item.socket
    if not (facts.server(socket.connection).proxied or socket.connection in facts.upstream):
        return False
    idle = item.time_ns - socket.quiet_since(item.time_ns)
    timeout = facts.settings.proxy_timeout * 1e9
    return idle >= _LEAST_IDLE_NS and abs(idle - timeout) <= max(_IDLE_TOLERANCE * timeout, 3e8)


def _idle_cut(facts: Facts, item: _Gone) -> Cause:
    quiet = item.socket.quiet_since(item.time_ns)
    packets = ((item.socket.last_packet_before(item.time_ns), "last"), (item.packet, "end"))
    numbers: dict[str, int | float | str] = {
        "idle_s": round((item.time_ns - quiet) / 1e9, 2),
        "timeout_s": facts.settings.proxy_timeout,
    }
    return Cause("F10", (item.socket.connection,), item.time_ns, item.time_ns, packets, "idle", numbers=numbers)


# --- 1011 --------------------------------------------------------------------------------------------------------------


def _crashes(facts: Facts, group: list[_Gone]) -> list[Cause]:
    """1011: the order of tests is that of the notes, the widest first."""
    names = [g for g in group if _bad_name(facts, g)]
    causes = [_name_crash(facts, g) for g in names]
    rest = [g for g in group if g not in names]
    if not rest:
        return causes
    everybody = [
        s for s in facts.front_sockets if s.server_name == rest[0].socket.server_name and s.open_at(rest[0].time_ns - 1)
    ]
    paths = {g.socket.path for g in rest}
    all_gone = len(rest) >= 2 and {s.connection for s in everybody} <= {g.socket.connection for g in rest}
    if _redis_refused(facts, rest[0].time_ns) or (all_gone and (len(paths) > 1 or not any(g.trigger for g in rest))):
        return [*causes, _redis_down(facts, rest)]
    for path in sorted(paths):
        causes += _of_room(facts, path, [g for g in rest if g.socket.path == path], everybody)
    return causes


def _of_room(facts: Facts, path: str, gone: list[_Gone], everybody: list[Socket]) -> list[Cause]:
    """Sockets of one address that crashed on the same tick."""
    members = [s for s in everybody if s.path == path]
    triggers = sorted(((g.trigger[1], g) for g in gone if g.trigger), key=lambda item: item[0])
    numbers = {g.socket.connection for g in gone}
    survivors = [s for s in members if s.connection not in numbers]
    first = triggers[0][1] if triggers else _from_survivor(survivors, gone[0].time_ns, facts)
    if first is None:
        return [_idle_crash(facts, g) for g in gone]
    if survivors and (heard := _heard(first, survivors, gone[0].time_ns)) and len(heard) == len(survivors):
        return [_mutated(facts, gone, first, heard)]
    if len(gone) >= 2 and not _each_has_its_own(gone):
        return [_no_handler(facts, gone, first)]
    return [_own_crash(facts, g) if g.trigger else _idle_crash(facts, g) for g in gone]


def _each_has_its_own(gone: list[_Gone]) -> bool:
    """Whether every socket that crashed had sent something of its own that explains it: invalid or binary."""
    return all(g.trigger is not None and _what_is_wrong(g.socket, g.trigger[0]) not in ("", "unknown") for g in gone)


def _from_survivor(survivors: list[Socket], gone_ns: int, facts: Facts) -> _Gone | None:
    """A message of a member that lives on may have crashed the others."""
    found = [
        _Gone(s, gone_ns, 0, False, t) for s in survivors if (t := _recent(s, gone_ns, REAP_NS)) is not None
    ]  # fmt: skip
    return max(found, key=lambda g: g.trigger[1] if g.trigger else 0) if found else None


def _recent(socket: Socket, gone_ns: int, within_ns: int) -> tuple[int, int] | None:
    last = socket.last_message(False, gone_ns)
    return last if last is not None and gone_ns - last[1] <= within_ns else None


def _heard(first: _Gone, survivors: list[Socket], gone_ns: int) -> list[tuple[Socket, int]]:
    """The survivors that got what the first message said, with the row of that message."""
    if first.trigger is None:
        return []
    said = leaves(first.socket.content(first.trigger[0]))
    heard = []
    for socket in survivors:
        rows, times = socket.messages(True)
        for row, time_ns in zip(rows.tolist(), times.tolist(), strict=True):
            if first.trigger[1] <= time_ns <= gone_ns + SAME_TICK_NS and said & leaves(socket.content(row)):
                heard.append((socket, row))
                break
    return heard


def _mutated(facts: Facts, gone: list[_Gone], first: _Gone, heard: list[tuple[Socket, int]]) -> Cause:
    assert first.trigger is not None  # _heard has looked at it
    packets = [(first.socket.packet_of(first.trigger[0]), "trigger")]
    packets += [(socket.packet_of(row), "survivor") for socket, row in heard[:2]] + [(g.packet, "close") for g in gone]
    classes = {facts.processes.get(s.connection) for s, _ in heard}
    sure = Confidence.LIKELY if len(classes) == len(heard) and len(gone) >= 1 else Confidence.UNCLEAR
    return Cause(
        "F23", tuple(g.socket.connection for g in gone), first.trigger[1], gone[0].time_ns, tuple(packets), "", sure,
        numbers={"crashed": len(gone), "received": len(heard)},
    )  # fmt: skip


def _no_handler(facts: Facts, gone: list[_Gone], first: _Gone) -> Cause:
    assert first.trigger is not None
    order = sorted(gone, key=lambda g: g is not first)
    packets = [(first.socket.packet_of(first.trigger[0]), "trigger"), *((g.packet, "close") for g in order)]
    return Cause(
        "F13", tuple(g.socket.connection for g in order), first.trigger[1], gone[0].time_ns, tuple(packets), "", Confidence.LIKELY,
        numbers={"crashed": len(gone)},
    )  # fmt: skip


def _own_crash(facts: Facts, item: _Gone) -> Cause:
    """F12, or F14 when the message asked to be let go."""
    assert item.trigger is not None
    row, time_ns = item.trigger
    packets = ((item.socket.packet_of(row), "trigger"), (item.packet, "close" if item.socket.close(True) else "end"))
    numbers: dict[str, int | float | str] = {"wait_ms": round((item.time_ns - time_ns) / 1e6)}
    wrong = _what_is_wrong(item.socket, row)
    if wrong in ("", "unknown") and wants_to_leave(item.socket.content(row)):
        return Cause(
            "F14",
            (item.socket.connection,),
            time_ns,
            item.time_ns,
            packets,
            "illegal_code",
            Confidence.LIKELY,
            ("F12",),
            numbers,
        )
    sure = Confidence.LIKELY if wrong == "unknown" else Confidence.CERTAIN
    return Cause("F12", (item.socket.connection,), time_ns, item.time_ns, packets, wrong, sure, numbers=numbers)


def _what_is_wrong(socket: Socket, row: int) -> str:
    """What is odd about a message compared with the earlier ones of its socket, as a stable code."""
    content = socket.content(row)
    if socket.opcode(row) == BINARY:
        return "binary"
    if not content:
        return "empty_text"
    value = json_of(content)
    earlier = [json_of(socket.content(r)) for r in socket.messages(False)[0].tolist() if r < row]
    if value is None and (not earlier or any(isinstance(e, dict) for e in earlier)):
        return "invalid_json"
    if isinstance(value, dict):
        known = [e for e in earlier if isinstance(e, dict) and e.get("type") == value.get("type")]
        if known and set.intersection(*(set(e) for e in known)) - set(value):
            return "missing_key"
    elif value is not None and any(isinstance(e, dict) for e in earlier):
        return "not_an_object"
    return "unknown"


def _idle_crash(facts: Facts, item: _Gone) -> Cause:
    """F18: nothing had been said."""
    quiet = item.socket.said_until(item.time_ns)
    packets = ((item.socket.last_packet_before(item.time_ns), "last"), (item.packet, "close"))
    return Cause(
        "F18", (item.socket.connection,), item.time_ns, item.time_ns, packets, "idle", Confidence.LIKELY, ("F19",),
        {"idle_s": round((item.time_ns - quiet) / 1e9, 2), "timeout_s": facts.settings.redis_timeout},
    )  # fmt: skip


def _redis_down(facts: Facts, group: list[_Gone]) -> Cause:
    refused = _redis_refused(facts, group[0].time_ns)
    packets = [(g.packet, "close" if g.socket.close(True) else "end") for g in group]
    if refused:
        packets.insert(0, (refused, "refused"))
    failed = [u.connection for u in _failing_after(facts, group[0])]
    return Cause(
        "F19", (*(g.socket.connection for g in group), *failed), group[0].time_ns, group[0].time_ns, tuple(packets),
        "refused" if refused else "all_at_once", Confidence.CERTAIN if refused else Confidence.LIKELY,
        numbers={"sockets": len(group)},
    )  # fmt: skip


_REDIS_PORT = 6379


def _redis_refused(facts: Facts, time_ns: int) -> int | None:
    """Number of a packet with which Redis refused a connection around a time."""
    for number in facts.ended_as(Ending.REFUSED):
        row = facts.table[number]
        if row.server.port == _REDIS_PORT and abs(row.start_ns - time_ns) <= 2 * REAP_NS:
            return row.end_packet
    return None


def _bad_name(facts: Facts, item: _Gone) -> bool:
    """Closed right after it was opened, without a message, at an address that cannot be a group's name."""
    socket = item.socket
    return (
        item.time_ns - socket.opened_ns <= REAP_NS
        and not len(socket.messages(False)[0])
        and unfit_for_group(socket.path)
    )


def unfit_for_group(path: str) -> bool:
    """Whether some part of a path cannot be a channels group name: other characters, or too long."""
    return any(
        not all(c.isascii() and (c.isalnum() or c in "-_.") for c in part) or len(part) > _LONGEST_GROUP
        for part in path.split("/")
    )


def _name_crash(facts: Facts, item: _Gone) -> Cause:
    socket = item.socket
    reason = "too_long" if socket.path.isascii() else "not_ascii"
    packets = ((socket.opened_packet, "handshake"), (item.packet, "close"))
    return Cause("F06", (socket.connection,), socket.opened_ns, item.time_ns, packets, reason, Confidence.LIKELY)
