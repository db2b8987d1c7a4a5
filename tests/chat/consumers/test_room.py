"""Both consumers over a real Daphne: they must not differ."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from inspector.chat.client import Client
from inspector.chat.launch import ChatServer
from tests.chat.talk import Talker, dial

Talk = Callable[..., Talker]
KINDS = pytest.mark.parametrize("kind", ["chat", "sync"])


@KINDS
def test_a_message_reaches_everybody_in_the_room_and_nobody_else(talk: Talk, room: str, kind: str) -> None:
    first, second = talk("alice", room, kind), talk("bob", room, kind)
    elsewhere = talk("민준", room + "-2", kind)
    first.send("chat.message", text="안녕하세요 <b>모두</b>", ref="m1")
    heard = [talker.until("chat.message")["message"] for talker in (first, second)]
    assert heard[0] == heard[1]
    assert heard[0]["text"] == "안녕하세요 <b>모두</b>"
    assert (heard[0]["author"]["name"], heard[0]["ref"], heard[0]["private"]) == ("alice", "m1", False)
    elsewhere.sync()
    assert elsewhere.texts() == []


@KINDS
def test_chosen_users_only(talk: Talk, room: str, kind: str) -> None:
    first, second, third, fourth = (talk(name, room, kind) for name in ("alice", "bob", "민준", "서연"))
    first.send("chat.message", text="둘에게만", to=[second.id, third.id])
    for talker in (first, second, third):
        message = talker.until("chat.message")["message"]
        assert message["to"] == sorted([second.id, third.id])
    fourth.sync()
    assert fourth.texts() == []
    # The history keeps the secret as well.
    assert talk("서연", room, kind).history["messages"] == []
    assert [m["text"] for m in talk("bob", room, kind).history["messages"]] == ["둘에게만"]


@KINDS
def test_a_private_message_to_a_stranger_is_refused(talk: Talk, room: str, kind: str) -> None:
    first, stranger = talk("alice", room, kind), talk("bob", room + "-2", kind)
    first.send("chat.message", text="hello", to=[stranger.id], ref="r")
    error = first.until("error")
    assert (error["code"], error["ref"]) == ("not_member", "r")
    stranger.sync()
    assert stranger.texts() == []


@KINDS
def test_closing_a_room_tells_everybody_why(talk: Talk, visitor: Callable[[str], Client], room: str, kind: str) -> None:
    owner, member = talk("alice", room, kind), talk("bob", room, kind)
    assert (owner.welcome["role"], member.welcome["role"]) == ("owner", "member")
    member.send("chat.close", reason="mine now")
    assert member.until("error")["code"] == "forbidden"
    owner.send("chat.close", reason="회의가 끝났습니다")
    for talker in (owner, member):
        assert talker.closed()[0] == 4000
        assert talker.log[-1]["type"] == "chat.closed"
        assert talker.log[-1]["reason"] == "회의가 끝났습니다"
    # Who comes later is told the same.
    late = visitor("민준")
    with dial(late, late.room_url(room, kind)) as socket:
        assert json.loads(socket.recv(10))["reason"] == "회의가 끝났습니다"


@KINDS
def test_likes_and_history_survive(talk: Talk, room: str, kind: str) -> None:
    first, second = talk("alice", room, kind), talk("bob", room, kind)
    first.send("chat.message", text="좋아요?")
    number = first.until("chat.message")["message"]["id"]
    second.send("chat.like", message=number, like=True)
    assert first.until("chat.like")["likes"] == [second.id]
    third = talk("민준", room, kind)
    assert [(m["id"], m["likes"]) for m in third.history["messages"]] == [(number, [second.id])]
    second.send("chat.like", message=number, like=False)
    assert first.until("chat.like")["likes"] == []
    second.send("chat.like", message=10**9, like=True)
    assert second.until("error")["code"] == "not_found"


@KINDS
def test_typing_and_presence(talk: Talk, room: str, kind: str) -> None:
    first = talk("alice", room, kind)
    second = talk("bob", room, kind)
    while (seen := first.until("presence.changed"))["user"]["name"] != "bob":
        pass
    assert seen["online"] and [user["name"] for user in seen["present"]] == ["alice", "bob"]
    second.send("chat.typing", typing=True)
    assert first.until("chat.typing")["user"]["name"] == "bob"
    second.socket.close()
    seen = first.until("presence.changed")
    assert not seen["online"] and [user["name"] for user in seen["present"]] == ["alice"]


@KINDS
def test_history_comes_in_pages(talk: Talk, visitor: Callable[[str], Client], room: str, kind: str) -> None:
    first = talk("alice", room, kind)
    number = first.welcome["room"]["id"]
    for count in range(60):
        assert first.client.api("POST", "/api/v1/messages/", {"room": number, "text": f"{count}"}).status == 201
    second = talk("bob", room, kind)
    newest = second.history
    assert newest["more"] and [m["text"] for m in newest["messages"]] == [str(n) for n in range(10, 60)]
    second.send("chat.history", before=newest["messages"][0]["id"], ref="older")
    older = second.until("chat.history")
    assert not older["more"] and [m["text"] for m in older["messages"]] == [str(n) for n in range(10)]


@KINDS
@pytest.mark.parametrize(
    ("sent", "code"),
    [("{not json", "bad_json"), (b"\x00\x01", "binary"), ('{"type":"_private"}', "unknown_type"), ("7", "not_object")],
)
def test_wrong_messages_are_answered_and_cost_nothing(
    talk: Talk, room: str, kind: str, sent: str | bytes, code: str
) -> None:
    talker = talk("alice", room, kind)
    talker.socket.send(sent)
    assert talker.until("error")["code"] == code
    talker.send("chat.message", text="still here")
    assert talker.until("chat.message")["message"]["text"] == "still here"


@KINDS
def test_an_oversized_message_is_refused_without_closing(talk: Talk, room: str, kind: str) -> None:
    talker = talk("alice", room, kind)
    talker.send("chat.message", text="가" * 30_000)
    assert talker.until("error")["code"] == "too_large"
    talker.send("chat.message", text="가" * 4000)
    assert len(talker.until("chat.message")["message"]["text"]) == 4000


@KINDS
def test_a_flood_is_slowed_and_then_closed(talk: Talk, room: str, kind: str) -> None:
    talker = talk("alice", room, kind)
    # The server may have closed before the last one is sent.
    with suppress(ConnectionClosed):
        for _ in range(400):
            talker.send("presence.heartbeat")
    assert talker.closed()[0] == 4429
    assert {message["code"] for message in talker.log if message["type"] == "error"} == {"rate_limited"}


@KINDS
def test_an_unknown_room_is_said_to_be_unknown(visitor: Callable[[str], Client], kind: str) -> None:
    client = visitor("alice")
    with dial(client, client.room_url("없는 방", kind)) as socket:
        assert json.loads(socket.recv(10))["code"] == "not_found"


@KINDS
@pytest.mark.parametrize("cookie", ["", "guessed"])
def test_nobody_gets_in_without_a_login(server: ChatServer, kind: str, cookie: str) -> None:
    client = Client(server.url)
    client.cookies["sessionid"] = cookie
    with pytest.raises(InvalidStatus) as refused, dial(client, client.room_url("로비", kind)):
        pass
    assert refused.value.response.status_code == 403
