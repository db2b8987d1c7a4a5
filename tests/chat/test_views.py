from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from inspector.chat.client import Client
from inspector.chat.launch import ChatServer

Visitor = Callable[[str], Client]


def test_pages_speak_korean_and_english(server: ChatServer) -> None:
    client = Client(server.url)
    korean = client.request("GET", "/", headers={"Accept-Language": "ko-KR,ko;q=0.9"})
    assert "어느 방에 들어가시겠어요?" in korean.text and '<html lang="ko">' in korean.text
    english = client.request("GET", "/", headers={"Accept-Language": "en"})
    assert "Which room would you like to enter?" in english.text
    client.post("/language/setlang/", {"language": "ko", "next": "/"}, page="/")
    assert "방 목록" in client.get("/").text


def test_sign_up_log_out_log_in(server: ChatServer) -> None:
    client = Client(server.url)
    fields = {"username": "새내기", "password1": "correct horse 9", "password2": "correct horse 9"}
    assert client.post("/accounts/signup/", fields).status == 302
    assert client.api("GET", "/api/v1/me/").json()["name"] == "새내기"
    assert client.post("/accounts/logout/", {}, page="/").status == 302
    assert client.api("GET", "/api/v1/me/").status == 401
    login = {"username": "새내기", "password": "wrong"}
    assert client.post("/accounts/login/", login).status == 200
    assert client.api("GET", "/api/v1/me/").status == 401
    assert client.post("/accounts/login/", {**login, "password": "correct horse 9"}).status == 302
    assert client.api("GET", "/api/v1/me/").json()["name"] == "새내기"


def test_a_demo_login_opens_demo_accounts_only(server: ChatServer) -> None:
    client = Client(server.url)
    client.post(
        "/accounts/signup/", {"username": "demo-x", "password1": "correct horse 9", "password2": "correct horse 9"}
    )
    other = Client(server.url)
    for name in ("demo-x", "새내기", "", "demo-9999"):
        assert other.post("/accounts/demo/", {"username": name}, page="/accounts/login/").status == 404
    escaped = {"username": "alice", "next": "//evil.example/"}
    assert other.post("/accounts/demo/", escaped, page="/accounts/login/").headers["location"] == "/"


def test_a_korean_room_is_made_entered_and_shown(visitor: Visitor, room: str) -> None:
    client = visitor("alice")
    response = client.post("/", {"name": f"  {room} "})
    assert unquote(response.headers["location"]) == f"/chat/{room}/"
    page = client.get(response.headers["location"])
    assert page.status == 200 and f"<h1>{room}</h1>" in page.text
    decomposed = "하".encode().decode()  # composed already; the decomposed form leads to the composed one
    client.post("/", {"name": decomposed})
    assert client.get(f"/chat/{quote(chr(0x1112) + chr(0x1161))}/").status == 302


def test_an_unknown_room_is_404_and_offered(visitor: Visitor) -> None:
    page = visitor("alice").get(f"/chat/{quote('아직 없음')}/")
    assert page.status == 404 and "아직 없음" in page.text


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", "x" * 61, "a\u202eb", "a\u200bb", "a\x07b"])
def test_bad_room_names_are_refused(visitor: Visitor, name: str) -> None:
    response = visitor("alice").post("/", {"name": name})
    assert response.status == 400


def test_script_in_a_name_stays_text(visitor: Visitor) -> None:
    client = visitor("alice")
    name = "<script>alert(1)<" + "\u2215script>"
    page = client.get(client.post("/", {"name": name}).headers["location"])
    assert page.status == 200 and "<script>alert" not in page.text and "&lt;script&gt;alert" in page.text
    assert "<script>alert" not in client.get("/").text
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_a_form_without_its_token_is_refused(visitor: Visitor) -> None:
    client = visitor("alice")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.request("POST", "/", b"name=x", headers).status == 403
    assert client.request("POST", "/accounts/logout/", b"", headers).status == 403
    body = b'{"name": "x"}'
    assert client.request("POST", "/api/v1/rooms/", body, {"Content-Type": "application/json"}).status == 403


def test_a_wrong_host_is_refused(server: ChatServer) -> None:
    assert Client(server.url).request("GET", "/", headers={"Host": "evil.example"}).status == 400


@pytest.mark.parametrize(
    "name", ["../../../evil.txt", "..\\..\\evil.txt", "/etc/passwd", 'a\\"b.html', "보고서.pdf", "x" * 300]
)
def test_uploads_keep_their_content_and_not_their_path(visitor: Visitor, room: str, data: Path, name: str) -> None:
    client, stranger = visitor("alice"), visitor("bob")
    client.enter_room(room)
    number = _number(client, room)
    content = b"<script>alert(1)</script>" * 100
    response = client.upload(number, name, content)
    assert response.status == 201, response.text
    described = response.json()
    assert described["sha256"] == hashlib.sha256(content).hexdigest()
    assert "/" not in described["name"] and "\\.." not in described["name"]
    stored = [path for path in data.rglob("*") if path.is_file() and path.read_bytes() == content]
    assert stored and all(path.parent == data / "media" / "uploads" and len(path.name) == 32 for path in stored)
    got = client.get(f"/uploads/{described['id']}/")
    assert got.body == content
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["x-content-type-options"] == "nosniff"
    # Not for people outside the room, nor for strangers.
    assert stranger.get(f"/uploads/{described['id']}/").status == 404
    assert stranger.upload(number, "x", b"x").status == 403
    assert Client(client.origin).get(f"/uploads/{described['id']}/").status == 302


def test_an_upload_that_is_too_large_is_refused(visitor: Visitor, room: str) -> None:
    client = visitor("alice")
    client.enter_room(room)
    number = _number(client, room)
    assert client.upload(number, "big", bytes(5 * 1024 * 1024 + 1)).status == 400
    assert client.upload(number, "fits", bytes(5 * 1024 * 1024)).status == 201


def test_media_is_not_served_by_path(visitor: Visitor) -> None:
    for path in (
        "/media/uploads/",
        "/static/../chat.sqlite3",
        "/static/%2e%2e/secret-key",
        "/static/..%2f..%2fsettings.py",
    ):
        assert visitor("alice").get(path).status in (400, 404)


def test_the_same_list_in_five_ways(visitor: Visitor) -> None:
    client = visitor("alice")
    results = {
        way: client.get(f"/labs/orm/?way={way}").json()
        for way in ("lazy", "select_related", "prefetch_related", "filter_then_prefetch", "raw")
    }
    rows = [result["messages"] for result in results.values()]
    assert all(other == rows[0] for other in rows)
    count = len(rows[0])
    assert count > 0
    # The lazy way asks for room, author and likes of every row.
    queries = {way: result["queries"] for way, result in results.items()}
    assert queries == {
        "lazy": 1 + 3 * count,
        "select_related": 1 + count,
        "prefetch_related": 2,
        "filter_then_prefetch": 2,
        "raw": 1,
    }
    assert client.get("/labs/orm/").status == 200
    assert client.get("/labs/orm/?way=magic").status == 400


def test_the_administration_is_for_staff(visitor: Visitor) -> None:
    assert visitor("alice").get("/admin/").status == 302
    admin = visitor("demo-admin")
    for page in ("", "chat/room/", "chat/message/", "chat/upload/"):
        assert admin.get(f"/admin/{page}").status == 200


def test_static_files_come_with_the_default_server(server: ChatServer) -> None:
    response = Client(server.url).get("/static/chat/room.js")
    assert response.status == 200 and "javascript" in response.headers["content-type"]


def _number(client: Client, room: str) -> int:
    rooms = client.api("GET", "/api/v1/rooms/?page_size=100").json()["results"]
    return next(int(r["id"]) for r in rooms if r["name"] == room)
