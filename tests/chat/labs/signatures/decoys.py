"""What must look like a failure and be none."""

from __future__ import annotations

import json

from inspector.chat.labs.truth import Truth

from ..wire import Connection
from .common import SAME_TICK_S, Connections, Signature, spread

__all__ = ["SIGNATURES"]


def _decoys(connections: Connections, truth: Truth) -> list[Connection]:
    assert not truth.faults
    return [connections[decoy.client] for decoy in truth.decoys]


def _one(connections: Connections, truth: Truth) -> Connection:
    (connection,) = _decoys(connections, truth)
    return connection


def _messages(connection: Connection, kind: str) -> list[str]:
    found = [json.loads(text) for _, text in connection.texts("server")]
    return [json.dumps(message, ensure_ascii=False) for message in found if message["type"] == kind]


def server_closes(connections: Connections, truth: Truth) -> None:
    connection = _one(connections, truth)
    (server,), (client,) = connection.closes("server"), connection.closes("client")
    assert server.code == client.code == 1000 and server.time <= client.time <= connection.first_end[0]
    if truth.via == "direct":
        assert connection.first_end[1:] == ("server", "rst" if truth.server == "daphne" else "fin")


def code_not_echoed(connections: Connections, truth: Truth) -> None:
    connection = _one(connections, truth)
    (server,), (client,) = connection.closes("server"), connection.closes("client")
    assert client.code == 4005 and client.time <= server.time
    assert server.code == (1000 if truth.server == "daphne" else 4005)


def throttled(connections: Connections, truth: Truth) -> None:
    connection = _one(connections, truth)
    assert connection.status == 429 and int(connection.header("Retry-After") or 0) > 0


def page_not_found(connections: Connections, truth: Truth) -> None:
    connection = _one(connections, truth)
    assert connection.status == 404 and connection.header("Upgrade", response=False) is None


def idle(connections: Connections, truth: Truth) -> None:
    connection = _one(connections, truth)
    pings = [frame.payload for frame in connection.frames("server") if frame.opcode == 9]
    assert pings and pings == [frame.payload for frame in connection.frames("client") if frame.opcode == 10]
    assert connection.closes("client")[0].code == 1000


def sleeping_client(connections: Connections, truth: Truth) -> None:
    connection = _one(connections, truth)
    assert any(frame.opcode == 9 for frame in connection.frames("server"))
    assert not any(frame.opcode == 10 for frame in connection.frames("client"))
    if truth.server == "daphne":
        assert not connection.closes("server") and connection.first_end[1] == "server"
    else:
        assert connection.closes("server")[0].code == 1011


def same_text_twice(connections: Connections, truth: Truth) -> None:
    for connection in _decoys(connections, truth):
        assert [json.loads(m)["message"]["text"] for m in _messages(connection, "chat.message")] == ["ㅋㅋㅋ", "ㅋㅋㅋ"]


def targeted(connections: Connections, truth: Truth) -> None:
    decoys = _decoys(connections, truth)
    assert len(decoys) == 2
    for connection in decoys:
        assert [json.loads(m)["message"]["text"] for m in _messages(connection, "chat.message")] == ["모두에게"]


def late_joiner(connections: Connections, truth: Truth) -> None:
    connection = _one(connections, truth)
    assert [json.loads(m)["message"]["text"] for m in _messages(connection, "chat.message")] == ["나중에 한 말"]
    assert "먼저 한 말" in _messages(connection, "chat.history")[0]


def room_closed(connections: Connections, truth: Truth) -> None:
    decoys = _decoys(connections, truth)
    closes = [connection.closes("server")[0] for connection in decoys]
    assert len(decoys) == 3 and all(closed.code == 4000 for closed in closes)
    assert all("수업 끝" in _messages(connection, "chat.closed")[0] for connection in decoys)
    assert spread([closed.time for closed in closes]) < 10 * SAME_TICK_S


def bad_message(connections: Connections, truth: Truth) -> None:
    connection = _one(connections, truth)
    assert json.loads(_messages(connection, "error")[0])["code"] == "bad_json"
    assert len(_messages(connection, "chat.message")) == 1 and connection.closes("client")[0].code == 1000


SIGNATURES: dict[str, Signature] = {
    "decoy-server-closes": server_closes,
    "decoy-code-not-echoed": code_not_echoed,
    "decoy-throttled": throttled,
    "decoy-page-not-found": page_not_found,
    "decoy-idle": idle,
    "decoy-sleeping-client": sleeping_client,
    "decoy-same-text-twice": same_text_twice,
    "decoy-targeted": targeted,
    "decoy-late-joiner": late_joiner,
    "decoy-room-closed": room_closed,
    "decoy-bad-message": bad_message,
}
