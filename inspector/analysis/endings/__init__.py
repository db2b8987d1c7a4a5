"""Why the server let go of WebSockets: the decision orders for 1011 and for 1006, in one place.

Each ended socket gets at most one cause. The causes are numbered as the failures of Channels applications are (F06, F10,
F12 to F19, F23); the rules of these numbers only tell them. What the orders rest on was measured with Daphne 4.2 and
uvicorn 0.54: Daphne reaps dead applications on a tick of one second, uvicorn at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.analysis.endings.crashes import crashes, joined_idle_crashes, own_crash
from inspector.analysis.endings.cuts import announced, cuts, killed
from inspector.analysis.endings.gone import AT_ONCE_NS, SAME_TICK_NS, Gone, gone_sockets, latest_message, program_of
from inspector.analysis.endings.group_names import fails_by_name, name_crash
from inspector.analysis.endings.offences import cut_by_frame
from inspector.analysis.endings.pings import cut_by_ping
from inspector.analysis.servers import Program

if TYPE_CHECKING:
    from inspector.analysis.causes import Cause
    from inspector.analysis.facts import Facts

__all__ = ["ending_causes"]

_RESTART_CODE = 1012


def ending_causes(facts: Facts) -> list[Cause]:
    """Causes of all sockets that the server let go of, by time."""
    causes: list[Cause] = []
    left: list[Gone] = []
    for item in gone_sockets(facts):
        cause = cut_by_frame(facts, item) or cut_by_ping(facts, item)
        if cause is not None:
            causes.append(cause)
        else:
            left.append(item)
    for group in _same_tick(left):
        causes += _of_group(facts, group)
    return sorted(joined_idle_crashes(causes), key=lambda c: (c.seen_ns, c.connections))


def _same_tick(gone: list[Gone]) -> list[list[Gone]]:
    """Sockets of one server that were let go of at the same moment."""
    groups: list[list[Gone]] = []
    last: dict[str, list[Gone]] = {}
    for item in gone:
        group = last.get(item.socket.server_name)
        if group is None or item.time_ns - group[-1].time_ns > SAME_TICK_NS:
            group = last[item.socket.server_name] = []
            groups.append(group)
        group.append(item)
    return groups


def _of_group(facts: Facts, group: list[Gone]) -> list[Cause]:
    """Decide for the sockets of one server that ended in the same moment, the widest cause first."""
    if any(g.code == _RESTART_CODE for g in group):
        return [announced(facts, group)]
    told = [own_crash(g, g.trigger) for g in group if g.told and g.trigger is not None]
    group = [g for g in group if not g.told]
    return [*told, *(_of_untold(facts, group) if group else ())]


def _of_untold(facts: Facts, group: list[Gone]) -> list[Cause]:
    """As above, where no Close gives a reason."""
    # One alone may have crashed shortly before its server went.
    if len(group) >= 2 and _nobody_left(facts, group) and (end := killed(facts, group)) is not None:
        return [end]
    if program_of(facts, group[0].socket.connection) is Program.UNKNOWN:
        return _of_strangers(facts, group)
    named = [name_crash(g) for g in group if fails_by_name(g)]
    group = [g for g in group if not fails_by_name(g)]
    # uvicorn ends the other sockets of a room without a message of their own.
    spread = {g.socket.path for g in group if g.crash} | _spoken_to(facts, group)
    crashed = [g for g in group if g.socket.path in spread]
    return [*named, *crashes(facts, crashed), *cuts(facts, [g for g in group if g not in crashed])]


def _of_strangers(facts: Facts, group: list[Gone]) -> list[Cause]:
    """Nothing is known of how the server's program ends its sockets: groups and Redis are no part of what can be told."""
    if len(group) >= 2 and _nobody_left(facts, group):
        return cuts(facts, group)
    crashed = [own_crash(g, g.trigger) for g in group if g.crash and g.trigger is not None]
    return [*crashed, *cuts(facts, [g for g in group if not g.crash])]


def _nobody_left(facts: Facts, group: list[Gone]) -> bool:
    """Whether a server's sockets all ended in this moment and none with a Close: its process is gone, whatever was said."""
    return all(g.code is None for g in group) and not any(
        s.server_name == group[0].socket.server_name and s.open_at(group[-1].time_ns) for s in facts.front_sockets
    )


def _spoken_to(facts: Facts, group: list[Gone]) -> set[str]:
    """Rooms of uvicorn's sockets in which somebody who lives on had just said something."""
    return {
        g.socket.path
        for g in group
        if facts.server(g.socket.connection).program is not Program.DAPHNE
        and any(
            s.path == g.socket.path
            and s.server_name == g.socket.server_name
            and s.open_at(g.time_ns)
            and latest_message(s, g.time_ns, AT_ONCE_NS) is not None
            for s in facts.front_sockets
        )
    }
