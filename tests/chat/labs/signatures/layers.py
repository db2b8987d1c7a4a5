"""F20-F28."""

from __future__ import annotations

import json

from inspector.chat.labs.truth import Truth

from ..wire import Connection
from .common import LATE_S, SAME_TICK_S, Connections, Signature, affected, crashed, data_frames, only, spread

__all__ = ["SIGNATURES"]


def _heard(connection: Connection, key: str = "text") -> list[str]:
    """The values of this key in the server's messages."""
    return [found[key] for _, text in connection.texts("server") if key in (found := json.loads(text))]


def separate_processes(connections: Connections, truth: Truth) -> None:
    (evidence,) = truth.faults[0].evidence
    heard: list[tuple[str, ...]] = []
    for group in evidence.more["partition"]:
        sockets = [connections[client] for client in group]
        said = [tuple(_heard(connection)) for connection in sockets]
        assert len(set(said)) == 1 and len(sockets) >= 2
        heard.append(said[0])
        if truth.server == "daphne":
            # All pings of a process leave on one tick of its two-second timer, each socket not on every one.
            pings = [f.time for c in sockets for f in c.frames("server") if f.opcode == 9]
            assert pings
            start = pings[0] - 1.0
            assert spread([(time - start) % 2.0 for time in pings]) < SAME_TICK_S
    assert sorted(heard) == [("0번째",), ("1번째",)]


def _numbers(connection: Connection) -> list[int]:
    return [json.loads(text)["seq"] for _, text in connection.texts("server")]


def over_capacity(connections: Connections, truth: Truth) -> None:
    slow = affected(connections, truth)[0]
    numbers = _numbers(slow)
    assert numbers == sorted(numbers) and len(numbers) < 300
    # The layer in memory drops the newest: the head is whole, the tail has gaps.
    assert numbers[:100] == list(range(100)) and numbers[-1] - numbers[0] >= len(numbers) - 1
    assert slow.closes("client")[0].code == 1000


def over_capacity_redis(connections: Connections, truth: Truth) -> None:
    slow = affected(connections, truth)[0]
    numbers = _numbers(slow)
    assert numbers == sorted(numbers) and len(numbers) < 100
    # The process's own queue drops the oldest: the tail is whole.
    capacity = truth.settings["capacity"]
    assert numbers[-capacity:] == list(range(100 - capacity, 100))


def deaf_member(connections: Connections, truth: Truth) -> None:
    deaf = only(connections, truth)
    path = deaf.request.split(" ")[1]
    others = [c for c in connections.values() if f" {path} " in c.request and c is not deaf and _heard(c)]
    assert len(others) == (4 if truth.via == "nginx" else 2) or truth.via == "nginx"
    later = [text for text in _heard(deaf) if text.startswith("later")]
    assert later == [] and all(
        sum(t.startswith("later") for t in _heard(c)) == 3 for c in others if c.server == deaf.server
    )
    # It answers to itself afterwards, and pings go on.
    assert _heard(deaf, "echo") == ["done", "still here"]
    assert deaf.closes("client")[0].code == 1000


def never_joined(connections: Connections, truth: Truth) -> None:
    stranger = only(connections, truth)
    room = stranger.request.split(" ")[1].strip("/").rpartition("/")[2]
    members = [
        c for c in connections.values() if f"/ws/labs/member/{room}/ " in c.request and c.server == stranger.server
    ]
    assert len(members) == 2 and all(len(_heard(member)) == 3 for member in members)
    assert _heard(stranger) == [] and _heard(stranger, "echo") == ["hello"]


def mutated_event(connections: Connections, truth: Truth) -> None:
    victims = affected(connections, truth)
    room = victims[0].request.split(" ")[1]
    members = [c for c in connections.values() if f" {room} " in c.request and c.server == victims[0].server]
    assert len(members) == len(victims) + 1 == 4
    (lucky,) = (c for c in members if c not in victims)
    assert len(_heard(lucky)) == 1 and all(not _heard(victim) for victim in victims)
    assert spread([crashed(victim, truth) for victim in victims]) < SAME_TICK_S


def empty_to_others(connections: Connections, truth: Truth) -> None:
    others = affected(connections, truth)
    assert len(others) == 4
    frames = [frame for c in others for frame in c.frames("server") if frame.opcode == 1]
    assert [text for c in others for _, text in c.texts("server")] == ['{"message": ""}'] * 4
    assert spread([frame.time for frame in frames]) < LATE_S


def _longest_wait(connection: Connection) -> float:
    """From a question to its answer, in order."""
    questions, answers = data_frames(connection, "client"), data_frames(connection, "server")
    return max(answer - question for question, answer in zip(questions, answers, strict=False))


def _pages(connections: Connections, truth: Truth) -> list[float]:
    """How long pages took that were asked for during the block."""
    found = []
    for connection in connections.values():
        if connection.server == truth.settings["fronts"]["main"] and " /healthz " in connection.request:
            data = [(p.time, p.sender) for p in connection.packets if p.payload]
            found.append(next(t for t, s in data if s == "server") - data[0][0])
    return found


def loop_blocked(connections: Connections, truth: Truth) -> None:
    *sockets, _page = affected(connections, truth)
    assert len(sockets) == 3 and all(_longest_wait(connection) > 1.0 for connection in sockets)
    assert max(_pages(connections, truth)) > 0.75


def thread_blocked(connections: Connections, truth: Truth) -> None:
    sockets = affected(connections, truth)
    assert len(sockets) == 3 and all(_longest_wait(connection) > 1.0 for connection in sockets)
    assert min(_pages(connections, truth)) < 0.75


def flood(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    questions, answers = data_frames(connection, "client"), data_frames(connection, "server")
    assert len(questions) == len(answers) == 1500
    lags = [answer - question for question, answer in zip(questions, answers, strict=True)]
    # The lag grows over the flood and is longest near its end.
    assert lags[750] > lags[50] and max(lags) == max(lags[750:])
    assert answers[-1] - questions[0] > 2 * spread(questions)


def slow_reader(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    closed = [p.time for p in connection.packets if p.sender == "client" and p.window == 0 and not p.flags & 0x04]
    assert closed and spread(closed) > 1.0
    # Nothing is lost; the server has kept it all.
    assert len(data_frames(connection, "server")) == 60


SIGNATURES: dict[str, Signature] = {
    "separate-processes": separate_processes,
    "over-capacity": over_capacity,
    "over-capacity-redis": over_capacity_redis,
    "deaf-member": deaf_member,
    "never-joined": never_joined,
    "mutated-event": mutated_event,
    "empty-to-others": empty_to_others,
    "loop-blocked": loop_blocked,
    "thread-blocked": thread_blocked,
    "flood": flood,
    "slow-reader": slow_reader,
}
