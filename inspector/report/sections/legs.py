"""Both legs of a proxied session side by side: client to proxy, and proxy to server."""

from __future__ import annotations

from inspector.analysis.sessions import read_sessions
from inspector.errors import NotObservable
from inspector.report.sections.ladders import ladder_json
from inspector.report.sections.subject import Json, Subject

__all__ = ["legs_json"]

_MOST_PAIRS = 6
_MOST_ARROWS = 48


def legs_json(subject: Subject) -> list[Json]:
    """Ladders with three lifelines, those with findings first; none where a recording has no legs."""
    try:
        sessions = read_sessions(subject.capture, subject.capture.websockets)
    except NotObservable:
        return []
    pairs = [(one.client_leg, leg) for one in sessions if one.client_leg is not None for leg in one.server_legs]
    pairs.sort(key=lambda pair: (not subject.remarkable.keys() & set(pair), pair[0] not in subject.websockets_of, pair))
    found = []
    for client, server in pairs[:_MOST_PAIRS]:
        ladders = ladder_json(subject, client), ladder_json(subject, server)
        if ladders[0] is not None and ladders[1] is not None:
            found.append(_pair(subject, ladders[0], ladders[1]))
    return found


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
