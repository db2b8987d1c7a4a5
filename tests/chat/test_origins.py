from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from inspector.chat.client import Client
from inspector.chat.launch import ChatServer

from .talk import dial


def test_the_servers_own_page_gets_in(server: ChatServer) -> None:
    for host in ("127.0.0.1", "localhost"):
        client = Client(f"http://{host}:{server.port}/")
        with dial(client, client.socket_url("/ws/echo/")) as echo:
            echo.send("메아리")
            assert echo.recv(10) == "메아리"


@pytest.mark.parametrize(
    "origin",
    [None, "null", "", "http://evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "https://127.0.0.1:{port}x",
     "http://127.0.0.1:{port}.evil.example", "file://", "http://evil.example:{port}", "http://[::1", "http://:{port}"],
)  # fmt: skip
def test_other_pages_do_not_even_with_a_session(
    server: ChatServer, visitor: Callable[[str], Client], origin: str | None
) -> None:
    client = visitor("alice")
    named = None if origin is None else Origin(origin.format(port=server.port))
    cookie = {"Cookie": client.cookie_header}
    url = client.room_url("로비")
    with pytest.raises(InvalidStatus) as refused, connect(url, origin=named, additional_headers=cookie):
        pass
    # Daphne itself answers 400 to what is no origin at all.
    assert refused.value.response.status_code in (400, 403)


def test_a_rebound_name_is_refused_though_origin_and_host_agree(server: ChatServer) -> None:
    host = f"rebound.example:{server.port}"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(
            f"GET /ws/echo/ HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 403 ")
