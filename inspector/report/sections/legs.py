"""Both legs of a proxied session side by side: client to proxy, and proxy to server."""

from __future__ import annotations

from inspector.report.sections.subject import Json, Subject

__all__ = ["legs_json"]

_LEGS = ("client leg", "server leg")
_MOST_PAIRS = 6
_MOST_ARROWS = 48
_LATEST_NS = 60 * 10**9
"""A proxy that connects later than this after its client does not do so for this client."""


def legs_json(subject: Subject, ladders: list[Json]) -> list[Json]:
    """Ladders with three lifelines, for pairs of connections that tell the same story."""
    by_leg = _connections_by_leg(subject)
    if not all(by_leg.values()):
        return []
    known = {ladder["connection"]: ladder for ladder in ladders}
    pairs = []
    free = list(by_leg[_LEGS[1]])
    for client in by_leg[_LEGS[0]]:
        server = _partner(subject, client, free)
        if server is None:
            continue
        free.remove(server)
        ends = known.get(subject.key(client)), known.get(subject.key(server))
        if ends[0] is not None and ends[1] is not None:
            pairs.append(_pair(subject, ends[0], ends[1]))
    return pairs[:_MOST_PAIRS]


def _connections_by_leg(subject: Subject) -> dict[str, list[int]]:
    capture = subject.capture
    found: dict[str, list[int]] = {leg: [] for leg in _LEGS}
    names = [interface.name for interface in capture.interfaces]
    for number, first in enumerate(capture.connections.first_packet.tolist()):
        name = names[int(capture.packets.interface[first])]
        if name in found:
            found[name].append(number)
    return found


def _partner(subject: Subject, client: int, free: list[int]) -> int | None:
    """The connection on the server leg with the same first request, nearest in time."""
    times = subject.capture.connections.first_time_ns
    asked = _asked(subject, client)
    near = [
        n for n in free if asked and _asked(subject, n) == asked and abs(int(times[n] - times[client])) < _LATEST_NS
    ]
    return min(near, key=lambda n: abs(int(times[n] - times[client])), default=None)


def _asked(subject: Subject, number: int) -> bytes | None:
    items = subject.exchanges_of.get(number)
    request = items[0].exchange.request if items else None
    return request.first_line if request is not None else None


def _pair(subject: Subject, client: Json, server: Json) -> Json:
    arrows = [{**arrow, "leg": 0} for arrow in client["arrows"]] + [{**arrow, "leg": 1} for arrow in server["arrows"]]
    arrows.sort(key=lambda arrow: (arrow["after_ns"], arrow["number"]))
    return {
        "id": f"{client['id']}+{server['id']}",
        "source": subject.index,
        "connections": [client["connection"], server["connection"]],
        "client": client["client"],
        "server": server["server"],
        "arrows": arrows[:_MOST_ARROWS],
        "left_out": client["left_out"] + server["left_out"] + max(len(arrows) - _MOST_ARROWS, 0),
    }
