"""The middleware around plain ASGI applications: no Django, no Channels, no server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest

from inspector.trace import trace
from inspector.trace.middleware import Application, middleware
from inspector.trace.sink import Sink

Json = dict[str, Any]

HTTP = {"type": "http", "method": "GET", "path": "/", "client": ("127.0.0.1", 5000), "server": ("127.0.0.1", 80)}
HEADERS = [(b"X-Client-Port", b"40001"), (b"x-forwarded-for", b"203.0.113.7")]


def _play(
    application: Application, scope: Json, inbound: Iterable[Json], payload: bool = False
) -> tuple[list[Json], list[Json]]:
    """Run a wrapped application; returns the events and what went out."""
    lines: list[bytes] = []
    sink = Sink(lambda line: not lines.append(line), payload)  # type: ignore[func-returns-value]
    waiting, out = list(inbound), []

    async def receive() -> Json:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        out.append(dict(message))

    async def run() -> None:
        await middleware(application, sink)({"headers": HEADERS, **scope}, receive, send)

    try:
        asyncio.run(run())
    except ZeroDivisionError:
        out.append({"type": "raised"})
    return [json.loads(line) for line in lines], out


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    while (event := await receive())["type"] != "websocket.disconnect":
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept", "subprotocol": "chat"})
        else:
            await send({"type": "websocket.send", "text": event.get("text"), "bytes": event.get("bytes")})
    1 / 0  # noqa: B018 - the exception is what is tested


SOCKET = {**HTTP, "type": "websocket", "path": "/ws/방/"}
TALK: list[Json] = [
    {"type": "websocket.connect"},
    {"type": "websocket.receive", "text": "안녕"},
    {"type": "websocket.receive", "bytes": b"\x00\x01\x02"},
    {"type": "websocket.receive", "text": ""},
    {"type": "websocket.disconnect", "code": 4005},
]


def test_a_socket_is_followed_message_by_message() -> None:
    events, out = _play(_echo, SOCKET, TALK)
    opened = events[0]
    assert (opened["e"], opened["path"], opened["client"]) == ("open", "/ws/방/", ["127.0.0.1", 5000])
    assert opened["proxied_client"] == ["203.0.113.7", "40001"]
    messages = [(e["e"], e["n"], e["size"], e["binary"]) for e in events if e["e"] in ("rx", "tx")]
    assert messages == [
        ("rx", 1, 6, False), ("tx", 1, 6, False), ("rx", 2, 3, True), ("tx", 2, 3, True), ("rx", 3, 0, False),
        ("tx", 3, 0, False),
    ]  # fmt: skip
    assert [e["code"] for e in events if e["e"] == "disconnect"] == [4005]
    ended = events[-1]
    assert (ended["e"], ended["rx"], ended["tx"]) == ("end", 3, 3)
    # What the application sends is passed on as it is.
    assert out[1] == {"type": "websocket.send", "text": "안녕", "bytes": None}


def test_an_exception_names_the_line_that_raised_it() -> None:
    events, out = _play(_echo, SOCKET, TALK)
    failed = next(e for e in events if e["e"] == "exception")
    assert (
        failed["type"] == "ZeroDivisionError"
        and failed["at"]["file"] == __file__
        and failed["at"]["function"] == "_echo"
    )
    with open(__file__, encoding="utf-8") as source:  # noqa: PTH123 - one line of this file
        assert source.readlines()[failed["at"]["line"] - 1].lstrip().startswith("1 / 0")
    assert out[-1] == {"type": "raised"}


def test_no_payload_unless_asked() -> None:
    events, _ = _play(_echo, SOCKET, TALK)
    assert "안녕" not in json.dumps(events, ensure_ascii=False) and not any("text" in e for e in events)
    events, _ = _play(_echo, SOCKET, TALK, payload=True)
    assert [e["text"] for e in events if e["e"] == "rx" and not e["binary"]] == ["안녕", ""]


def test_http_gets_a_server_timing_header() -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": [(b"X-A", b"1")]})
        await send({"type": "http.response.body", "body": b"hello"})

    events, out = _play(page, HTTP, [])
    headers = dict(out[0]["headers"])
    assert headers[b"X-A"] == b"1" and headers[b"Server-Timing"].startswith(b"total;dur=")
    assert [(e["e"], e.get("status"), e.get("size")) for e in events] == [("open", None, None), ("end", 201, 5)]


def test_other_scopes_pass_untouched() -> None:
    seen: list[Any] = []

    async def lifespan(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    events, _ = _play(lifespan, {"type": "lifespan"}, [])
    assert events == [] and seen[0]["type"] == "lifespan"


def test_without_a_destination_the_application_is_returned_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INSPECTOR_TRACE", raising=False)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    assert trace(_echo) is _echo
    assert trace(_echo, to="") is _echo
