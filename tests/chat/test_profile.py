"""nginx, two Daphnes and Redis for real."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from inspector.chat.client import Client
from inspector.chat.external import find
from inspector.chat.options import ServerOptions
from inspector.chat.profile import NginxProfile
from inspector.errors import MissingPart

from .talk import Talker


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NginxProfile]:
    """The whole production profile, traced."""
    for program in ("nginx", "redis-server"):
        try:
            find(program)
        except MissingPart as missing:
            pytest.skip(str(missing))
    pytest.importorskip("channels_redis")
    data = tmp_path_factory.mktemp("profile")
    options = ServerOptions(data=data, port=0, processes=2, trace=str(data / "trace.jsonl"), tls=True)
    with NginxProfile(options) as running:
        yield running


@pytest.fixture
def alice(profile: NginxProfile) -> Client:
    """A visitor through nginx."""
    client = Client(profile.url, str(profile.options.data / "tls-certificate.pem"))
    client.enter_demo("alice")
    return client


def test_the_certificate_names_match_what_is_served(alice: Client) -> None:
    assert alice.get("/").headers["server"].startswith("nginx")


def test_static_files_come_from_nginx(alice: Client) -> None:
    for path, kind in (("/static/chat/room.js", "text/javascript"), ("/static/chat/chat.css", "text/css")):
        response = alice.get(path)
        # An ETag and no policy of the application: nginx read the collected file itself.
        assert response.status == 200 and response.headers["content-type"] == kind
        assert "etag" in response.headers and "content-security-policy" not in response.headers
    assert alice.get("/static/no-such-file.js").status == 404


def test_two_processes_behind_nginx_are_one_chat(profile: NginxProfile, alice: Client) -> None:
    alice.enter_room("로드 밸런서")
    talkers = [Talker(alice, "로드 밸런서") for _ in range(4)]
    for count, talker in enumerate(talkers):
        talker.send("chat.message", text=f"{count}번째")
        assert {t.until("chat.message")["message"]["text"] for t in talkers} == {f"{count}번째"}
    ports = {talker.socket.local_address[1] for talker in talkers}
    for talker in talkers:
        talker.socket.close()
    # A thread of each server writes the trace, in its own time.
    deadline, opened = time.monotonic() + 60, list[dict[str, Any]]()
    while not ports <= {int(e["proxied_client"][1]) for e in opened} and time.monotonic() < deadline:
        time.sleep(0.05)
        lines = (profile.options.data / "trace.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.endswith("\n")]
        opened = [e for e in events if e["e"] == "open" and e["kind"] == "websocket"]
    assert len({e["pid"] for e in opened}) == 2
    # nginx tells the browser's own port, by which its packets are found on the other leg.
    assert {int(e["proxied_client"][1]) for e in opened} >= ports


def test_uploads_are_checked_by_django_and_sent_by_nginx(profile: NginxProfile, alice: Client) -> None:
    alice.enter_room("자료실")
    rooms = alice.api("GET", "/api/v1/rooms/?page_size=100").json()["results"]
    room = next(r["id"] for r in rooms if r["name"] == "자료실")
    content = bytes(range(256)) * 8000
    described = alice.upload(room, "자료 (1).bin", content).json()
    assert described["sha256"] == hashlib.sha256(content).hexdigest()
    got = alice.get(f"/uploads/{described['id']}/")
    assert got.body == content and "etag" in got.headers
    assert got.headers["content-disposition"].startswith("attachment; filename*=utf-8''")
    assert (got.headers["x-content-type-options"], got.headers["content-type"]) == (
        "nosniff",
        "application/octet-stream",
    )
    assert "sandbox" in got.headers["content-security-policy"]
    stored = next((profile.options.data / "media" / "uploads").iterdir())
    for path in (f"/protected-media/uploads/{stored.name}", f"/media/uploads/{stored.name}"):
        assert alice.get(path).status == 404
    stranger = Client(profile.url, str(profile.options.data / "tls-certificate.pem"))
    stranger.enter_demo("bob")
    assert stranger.get(f"/uploads/{described['id']}/").status == 404
    # Above nginx's own limit the application never sees it.
    assert alice.upload(room, "big", bytes(7 * 1024 * 1024)).status == 413


def test_cookies_are_for_https_only(alice: Client) -> None:
    assert "secure" in alice.get("/accounts/signup/").headers["set-cookie"].lower()
