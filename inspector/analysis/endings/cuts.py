"""Ends without a Close that no frame and no ping explains: a restart (F16), a proxy's timeout (F10), or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.analysis.causes import Cause
from inspector.analysis.endings.aftermath import failing_after, redis_refused, refused_after
from inspector.analysis.endings.crashes import idle_crash, redis_down
from inspector.analysis.endings.gone import Gone, program_of
from inspector.analysis.servers import Program
from inspector.model.finding import Confidence

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts

__all__ = ["announced", "cuts", "killed"]

_IDLE_TOLERANCE = 0.15
"""Part by which idle times may differ from a proxy's timeout; timers are exact, captures and loaded machines less."""
_LEAST_TOLERANCE_NS = 300_000_000
_LEAST_IDLE_NS = 1_000_000_000
"""Shorter silences end for other reasons."""


def cuts(facts: Facts, group: list[Gone]) -> list[Cause]:
    """The causes of sockets that one server, or a proxy before it, ended in the same moment."""
    if not group:
        return []
    end = killed(facts, group)
    if end is not None:
        return [end]
    causes = [_idle_cut(facts, g) for g in group if _is_idle_cut(facts, g)]
    rest = [g for g in group if not _is_idle_cut(facts, g)]
    by_proxy = [g for g in rest if _ended_by_proxy(facts, g)]
    if by_proxy:
        causes.append(_restart(by_proxy, "proxy", [], Confidence.LIKELY))
        rest = [g for g in rest if g not in by_proxy]
    if not rest:
        return causes
    first = rest[0]
    stranger = program_of(facts, first.socket.connection) is Program.UNKNOWN
    uvicorn = facts.server(first.socket.connection).program is Program.UVICORN
    if uvicorn and (redis_refused(facts, first.time_ns) or (len(rest) >= 2 and failing_after(facts, first))):
        causes.append(redis_down(facts, rest))
    elif len(rest) == 1:
        if uvicorn and first.time_ns - first.socket.said_until(first.time_ns) >= _LEAST_IDLE_NS:
            causes.append(idle_crash(facts, first))
    elif stranger and _others_live(facts, rest):
        pass  # no process ended; who chose these the capture does not show
    elif stranger and _equally_idle(rest):
        # A proxy that does not name itself may have cut them for their silence, as well.
        causes.append(_restart(rest, "together", [], Confidence.UNCLEAR, ("F10", "F16")))
    else:
        causes.append(_restart(rest, "together", [], Confidence.LIKELY, () if stranger else ("F19",)))
    return causes


def announced(facts: Facts, group: list[Gone]) -> Cause:
    """A restart that the server told of: Close 1012."""
    return _restart(group, "announced", refused_after(facts, group[0]))


def killed(facts: Facts, group: list[Gone]) -> Cause | None:
    """A restart, told by connections that are refused afterwards; None when there are none."""
    refused = refused_after(facts, group[0])
    return _restart(group, "refused_after", refused) if refused else None


def _restart(
    group: list[Gone], reason: str, refused: list[tuple[int, int]], confidence: Confidence = Confidence.CERTAIN,
    rivals: tuple[str, ...] = (),
) -> Cause:  # fmt: skip
    packets = [group[0].mark, *((packet, "refused") for _, packet in refused[:1]), *(g.mark for g in group[1:])]
    connections = (*(g.socket.connection for g in group), *(number for number, _ in refused))
    return Cause(
        "F16", connections, group[0].time_ns, group[0].time_ns, tuple(packets), reason, confidence, rivals,
        {"sockets": len(group)},
    )  # fmt: skip


def _is_idle_cut(facts: Facts, item: Gone) -> bool:
    if item.socket.connection in facts.upstream:
        return _ended_by_proxy(facts, item) and _idle_ns(item) >= _LEAST_IDLE_NS
    return facts.server(item.socket.connection).proxied and _fits_timeout(facts, item)


def _fits_timeout(facts: Facts, item: Gone) -> bool:
    timeout_ns = facts.settings.proxy_timeout * 1e9
    return abs(_idle_ns(item) - timeout_ns) <= max(_IDLE_TOLERANCE * timeout_ns, _LEAST_TOLERANCE_NS)


def _ended_by_proxy(facts: Facts, item: Gone) -> bool:
    """Whether the proxy's own connection to the server shows that the proxy ended both, and not the server."""
    if item.socket.connection not in facts.upstream:
        return False
    behind = facts.table[facts.upstream[item.socket.connection]]
    return behind.end_packet is None or behind.end_packet > item.mark[0] or behind.ended_by == "client"


def _idle_ns(item: Gone) -> int:
    return item.time_ns - item.socket.quiet_since(item.time_ns)


def _equally_idle(group: list[Gone]) -> bool:
    """Whether all had been silent for the same time: a timer for each of them strikes at the same moment, too."""
    idle = [_idle_ns(g) for g in group]
    return min(idle) >= _LEAST_IDLE_NS and max(idle) - min(idle) <= _LEAST_TOLERANCE_NS


def _others_live(facts: Facts, group: list[Gone]) -> bool:
    return any(
        s.server_name == group[0].socket.server_name and s.open_at(group[-1].time_ns) for s in facts.front_sockets
    )


def _idle_cut(facts: Facts, item: Gone) -> Cause:
    socket = item.socket
    reason = "idle" if _fits_timeout(facts, item) else "idle_unset"
    numbers: dict[str, int | float | str] = {
        "idle_s": round(_idle_ns(item) / 1e9, 2),
        "timeout_s": facts.settings.proxy_timeout,
    }
    packets = ((socket.last_packet_before(item.time_ns), "last"), item.mark)
    return Cause("F10", (socket.connection,), item.time_ns, item.time_ns, packets, reason, numbers=numbers)
