"""F01-F08."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from inspector.chat.labs.truth import Truth

from .common import LATE_S, TICK_S, Connections, Signature, asked, crashed, data_frames, only, refused, upstream

__all__ = ["SIGNATURES"]

DENIED = b"HTTP/1.1 403 Access denied\r\n\r\n"
FAILED = b"HTTP/1.1 500 Internal server error\r\n\r\n"


def origin_refused(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    refused(connection, truth, 403, DENIED)
    origin = connection.header("Origin", response=False)
    assert urlsplit(origin or "").netloc != connection.header("Host", response=False)
    assert "sessionid=" in (connection.header("Cookie", response=False) or "")


def not_logged_in(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    refused(connection, truth, 403, DENIED)
    assert urlsplit(connection.header("Origin", response=False) or "").netloc == connection.server
    stale = "sessionid=" in (connection.header("Cookie", response=False) or "")
    assert stale == (truth.faults[0].reason == "stale_cookie")


def no_asgi_server(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    assert connection.status == 404 and connection.header("Upgrade", response=False) == "websocket"
    assert connection.header("X-Frame-Options") == "DENY"
    served = connection.header("Server") or ""
    assert served.startswith("WSGIServer/" if truth.via == "direct" else "nginx/")
    assert b"<html" in connection.stream("server").lower()


def no_route(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    refused(connection, truth, 500, FAILED, TICK_S + LATE_S)
    path = connection.request.split(" ")[1]
    works = [c for c in connections.values() if c.status == 101 and " /ws/labs/strict/room/ " in c.request]
    assert works and path in ("/ws/labs/strict/room", "/ws/labs/strict/romo/")


def exception_in_connect(connections: Connections, truth: Truth) -> None:
    refused(only(connections, truth), truth, 500, FAILED, TICK_S + LATE_S)


def group_name(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    group = "chat_" + unquote(connection.request.split(" ")[1]).strip("/").rpartition("/")[2]
    assert not re.fullmatch(r"[A-Za-z0-9_.-]{1,99}", group)
    if connection.status == 500:
        refused(connection, truth, 500, FAILED, TICK_S + LATE_S)
    else:
        assert connection.status == 101 and not data_frames(connection, "client")
        crashed(connection, truth, asked(connection))


def never_accepted(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    if truth.server == "uvicorn":
        assert connection.stream("server") == b"" and connection.first_end[1:] == ("client", "fin")
        return
    if truth.via == "nginx":
        assert connection.status == 502
        connection = upstream(connections, truth)
    assert connection.stream("server") == b""
    when, sender, how = connection.first_end
    assert (sender, how) == ("server", "rst")
    assert 3.9 <= when - asked(connection) <= 5.1 + LATE_S


def subprotocol_not_echoed(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    assert connection.status == 101
    assert connection.header("Sec-WebSocket-Protocol", response=False) == "chat.v1"
    assert connection.header("Sec-WebSocket-Protocol") is None
    assert not connection.frames("client") and connection.first_end[1:] == ("client", "fin")
    if truth.server == "daphne" and truth.via == "direct":
        assert connection.header("Server") == "daphne" and connection.header("Upgrade") == "WebSocket"


SIGNATURES: dict[str, Signature] = {
    "origin-refused": origin_refused,
    "not-logged-in": not_logged_in,
    "no-asgi-server": no_asgi_server,
    "no-route": no_route,
    "exception-in-connect": exception_in_connect,
    "group-name": group_name,
    "never-accepted": never_accepted,
    "subprotocol-not-echoed": subprotocol_not_echoed,
}
