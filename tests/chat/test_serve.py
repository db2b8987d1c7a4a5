"""Each server, plain and with TLS, answers and pings as it was told."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from inspector.chat.client import Client
from inspector.chat.launch import ChatServer
from inspector.chat.options import SERVERS, ServerOptions

from .talk import Talker, dial


@pytest.mark.parametrize("program", SERVERS)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_every_server_serves_the_chat(tmp_path: Path, program: str, tls: bool) -> None:
    pytest.importorskip(program)
    with ChatServer(ServerOptions(data=tmp_path, port=0, server=program, tls=tls, ping_interval=1.0)) as server:
        client = Client(server.url, str(tmp_path / "tls-certificate.pem") if tls else None)
        assert server.url.startswith("https://" if tls else "http://")
        assert program in client.get("/healthz").headers["server"] or program == "hypercorn"
        client.enter_demo("서연")
        client.enter_room("서버 시험")
        talker = Talker(client, "서버 시험")
        talker.send("chat.message", text="잘 들려요?")
        assert talker.until("chat.message")["message"]["text"] == "잘 들려요?"
        talker.send("chat.close", reason="끝")
        assert talker.closed()[0] == 4000
        # What each server does to the reason is why it also comes as a message.
        assert talker.log[-1]["reason"] == "끝"
        with dial(client, client.socket_url("/ws/echo/")) as echo:
            echo.send("메아리")
            assert echo.recv(10) == "메아리"
        if tls:
            keys = (tmp_path / "tls-keys.log").read_text(encoding="ascii")
            assert "CLIENT_TRAFFIC_SECRET_0 " in keys
            assert (tmp_path / "tls-keys.log").stat().st_mode & 0o077 == 0
            assert (tmp_path / "tls-key.pem").stat().st_mode & 0o077 == 0
        else:
            _await_ping(server.port)


def _await_ping(port: int) -> None:
    """Wait for the server's first ping on an idle connection, read off the wire: much sooner than the default's 20 s."""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as raw:
        raw.sendall(
            f"GET /ws/echo/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        received = b""
        while b"\r\n\r\n" not in received or len(received.partition(b"\r\n\r\n")[2]) < 1:
            received += raw.recv(4096)
        assert received.startswith(b"HTTP/1.1 101")
        # FIN and opcode 9 (RFC 6455 section 5.5.2).
        assert received.partition(b"\r\n\r\n")[2][0] == 0x89
