"""The trace of the reference chat server: SQL, views, groups and exceptions find their causes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from inspector.chat.client import Client
from inspector.chat.launch import ChatServer
from inspector.chat.options import ServerOptions
from tests.chat.talk import Talker

Json = dict[str, Any]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Json]]:
    """What was written while somebody browsed, talked and left."""
    folder = tmp_path_factory.mktemp("traced")
    path = folder / "trace.jsonl"
    with ChatServer(ServerOptions(data=folder / "chat", port=0, trace=str(path))) as server:
        client = Client(server.url)
        client.enter_demo("alice")
        client.enter_room("추적")
        timing = [client.get(f"/labs/orm/?way={way}").headers["server-timing"] for way in ("lazy", "raw")]
        client.api("GET", "/api/v2/messages/")
        talker = Talker(client, "추적")
        talker.send("chat.message", text="추적해 보세요")
        talker.until("chat.message")
        talker.socket.close()
        # The server handles the leaving after the client has its Close answered.
        deadline = time.monotonic() + 60
        while "StopConsumer" not in path.read_text(encoding="utf-8") and time.monotonic() < deadline:
            time.sleep(0.05)
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    yield [*events, {"e": "headers", "timing": timing}]


def test_server_timing_counts_queries_and_repetitions(story: list[Json]) -> None:
    lazy, raw = story[-1]["timing"]
    # 50 messages in the demo room: 1 + 3 × 50 for the list; session and user cost one each.
    # Five shapes: session, list, room, likes, and one for users, logged in or author.
    assert "db;dur=" in lazy and 'desc="153 queries"' in lazy and 'desc="148 repeated"' in lazy
    assert 'desc="3 queries"' in raw and 'desc="0 repeated"' in raw


def test_requests_name_their_view_and_action(story: list[Json]) -> None:
    ends = {e.get("route"): e for e in story if e["e"] == "end"}
    assert ends["labs/orm/"]["view"] == "inspector.chat.views.orm"
    api = next(e for e in ends.values() if "MessageViewSet" in str(e.get("view")))
    assert api["action"] == "list" and api["status"] == 200


def test_a_message_is_followed_from_frame_to_sql_to_frame(story: list[Json]) -> None:
    said = next(e for e in story if e["e"] == "rx")
    dispatch = next(e for e in story if e["e"] == "dispatch" and e["cause"] == said["cause"])
    assert dispatch["type"] == "websocket.receive" and dispatch["consumer"].endswith("RoomConsumer")
    assert dispatch["queue_ns"] >= 0 and dispatch["duration_ns"] > 0 and dispatch["outcome"] == "ok"
    sql = next(e for e in story if e["e"] == "sql" and e["cause"] == said["cause"])
    assert sql["queries"] == dispatch["queries"] and any("INSERT" in s["sql"] for s in sql["statements"])
    sent = next(e for e in story if e["e"] == "group" and e["cause"] == said["cause"])
    assert (sent["type"], sent["members"]) == ("chat.message", 1)
    assert [e["cause"] for e in story if e["e"] == "tx"][-1] == sent["id"]


def test_every_statement_belongs_to_something_once_it_serves(story: list[Json]) -> None:
    first = next(i for i, e in enumerate(story) if e["e"] == "open")
    assert [e for e in story[first:] if e["e"] == "sql" and e["cause"] is None] == []


def test_statements_carry_no_values(story: list[Json]) -> None:
    text = json.dumps([e for e in story if e["e"] == "sql"], ensure_ascii=False)
    assert "추적" not in text and "alice" not in text


def test_joining_and_leaving_groups_is_seen(story: list[Json]) -> None:
    added = [e["group"] for e in story if e["e"] == "group_add"]
    removed = [e["group"] for e in story if e["e"] == "group_discard"]
    assert len(added) == 2 and sorted(added) == sorted(removed)


def test_the_consumer_ends_without_an_exception(story: list[Json]) -> None:
    assert [e for e in story if e["e"] == "exception"] == []
    assert [e["outcome"] for e in story if e["e"] == "dispatch" and e["type"] == "websocket.disconnect"] == [
        "StopConsumer"
    ]
