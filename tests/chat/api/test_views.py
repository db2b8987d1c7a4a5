from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector.chat.client import Client
from inspector.chat.launch import ChatServer
from inspector.chat.options import ServerOptions
from tests.chat.talk import Talker

Visitor = Callable[[str], Client]


def _room(client: Client, name: str) -> int:
    response = client.api("POST", "/api/v1/rooms/", {"name": name})
    assert response.status in (200, 201), response.text
    return int(response.json()["id"])


def _say(client: Client, room: int, text: str, **more: object) -> dict[str, Any]:
    response = client.api("POST", "/api/v1/messages/", {"room": room, "text": text, **more})
    assert response.status == 201, response.text
    return dict(response.json())


def test_strangers_are_told_to_log_in(server: ChatServer) -> None:
    client = Client(server.url)
    for path in ("rooms/", "messages/", "me/"):
        response = client.api("GET", f"/api/v1/{path}")
        assert response.status == 401 and response.headers["www-authenticate"] == "Token"


def test_a_token_does_without_session_and_csrf(visitor: Visitor, server: ChatServer) -> None:
    client = visitor("alice")
    token = client.api("POST", "/api/v1/token/").json()["token"]
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    program = Client(server.url)
    me = program.request("GET", "/api/v2/me/", headers=headers).json()
    assert (me["name"], me["authentication"], me["version"]) == ("alice", "token", "v2")
    assert program.request("POST", "/api/v1/rooms/", b'{"name": "token room"}', headers).status in (200, 201)
    assert program.request("GET", "/api/v1/me/", headers={"Authorization": "Token wrong"}).status == 401


def test_the_membership_is_a_row_with_role_and_time(visitor: Visitor, room: str) -> None:
    first, second = visitor("alice"), visitor("bob")
    number = _room(first, room)
    assert _room(second, room) == number
    members = first.api("GET", f"/api/v1/rooms/{number}/").json()["memberships"]
    assert [(m["user"]["name"], m["role"]) for m in members] == [("alice", "owner"), ("bob", "member")]
    assert members[0]["joined_at"] <= members[1]["joined_at"]


def test_a_message_over_http_is_heard_in_the_room(visitor: Visitor, talk: Callable[..., Talker], room: str) -> None:
    listener = talk("bob", room)
    client = visitor("alice")
    number = _room(client, room)
    said = _say(client, number, "HTTP에서 보냅니다")
    assert listener.until("chat.message")["message"]["id"] == said["id"]
    assert client.api("POST", f"/api/v1/messages/{said['id']}/like/").json()["likes"] == 1
    assert len(listener.until("chat.like")["likes"]) == 1
    assert client.api("DELETE", f"/api/v1/messages/{said['id']}/like/").json()["likes"] == 0


def test_the_versions_differ_in_form_and_paging(visitor: Visitor, room: str) -> None:
    client = visitor("alice")
    number = _room(client, room)
    for count in range(5):
        _say(client, number, f"{count}")
    first = client.api("GET", f"/api/v1/messages/?room={number}&page_size=2").json()
    assert first["count"] == 5 and [m["text"] for m in first["results"]] == ["4", "3"]
    assert first["results"][0]["author"] == "alice" and first["results"][0]["likes"] == 0
    second = client.api("GET", f"/api/v2/messages/?room={number}&page_size=2").json()
    assert "count" not in second and [m["text"] for m in second["results"]] == ["4", "3"]
    assert second["results"][0]["author"]["name"] == "alice" and second["results"][0]["likes"] == []
    following = client.api("GET", second["next"].removeprefix(client.origin)).json()
    assert [m["text"] for m in following["results"]] == ["2", "1"]
    assert client.api("GET", "/api/v3/messages/").status == 404


def test_only_members_read_and_write_and_only_authors_delete(visitor: Visitor, room: str) -> None:
    owner, member, stranger = visitor("alice"), visitor("bob"), visitor("민준")
    number = _room(owner, room)
    _room(member, room)
    said = _say(owner, number, "for members")
    assert stranger.api("GET", f"/api/v1/messages/{said['id']}/").status == 404
    assert stranger.api("POST", "/api/v1/messages/", {"room": number, "text": "hi"}).status == 403
    assert member.api("DELETE", f"/api/v1/messages/{said['id']}/").status == 403
    assert owner.api("DELETE", f"/api/v1/messages/{said['id']}/").status == 204
    private = _say(owner, number, "for me alone", to=[member.api("GET", "/api/v1/me/").json()["id"]])
    _room(stranger, room)
    assert stranger.api("GET", f"/api/v1/messages/{private['id']}/").status == 404
    assert member.api("GET", f"/api/v1/messages/{private['id']}/").status == 200


def test_closing_needs_a_role(visitor: Visitor, room: str) -> None:
    owner, member = visitor("alice"), visitor("bob")
    number = _room(owner, room)
    _room(member, room)
    assert member.api("POST", f"/api/v1/rooms/{number}/close/", {"reason": "x"}).status == 403
    assert owner.api("POST", f"/api/v1/rooms/{number}/close/", {"reason": 7}).status == 400
    assert owner.api("POST", f"/api/v1/rooms/{number}/close/", {"reason": "끝"}).json()["closed_reason"] == "끝"
    assert owner.api("POST", "/api/v1/messages/", {"room": number, "text": "late"}).status == 409


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "a/b"}, {"name": ["x"]}, {"name": "\u202e"}, [1], "text"]
)  # fmt: skip
def test_wrong_bodies_are_400(visitor: Visitor, body: object) -> None:
    assert visitor("alice").api("POST", "/api/v1/rooms/", body).status == 400


def test_too_many_requests_are_429_with_a_time(tmp_path: Path) -> None:
    options = ServerOptions(data=tmp_path, port=0, environment={"INSPECTOR_CHAT_API_RATE": "3/min"})
    with ChatServer(options) as server:
        client = Client(server.url)
        client.enter_demo("alice")
        answers = [client.api("GET", "/api/v1/me/") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
