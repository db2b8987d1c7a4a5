from __future__ import annotations

import json
import os
import socketserver
import ssl
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from inspector.chat.drive import Script
from inspector.chat.launch import ChatServer
from tests.certificates import make_certificate

COMMAND = [sys.executable, "-c", "from inspector.cli import main; main()", "chat", "drive"]


def test_the_same_seed_says_the_same() -> None:
    script = Script("http://127.0.0.1:1/", 4, 2, 3.0, 10.0, seed=7)
    assert script.lines(2) == script.lines(2) != script.lines(3)
    assert Script("http://127.0.0.1:1/", 4, 2, 3.0, 10.0, seed=8).lines(2) != script.lines(2)
    count = sum(len(script.lines(number)) for number in range(1000))
    assert count == pytest.approx(1000 * 30, rel=0.05)
    assert all(0 < at < 10 for at, _ in script.lines(2))


def test_everything_sent_and_received_is_logged(server: ChatServer, tmp_path: Path) -> None:
    log = tmp_path / "drive.jsonl"
    arguments = [server.url, "--users", "4", "--rooms", "2", "--rate", "5", "--seconds", "2", "-o", str(log)]
    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, env=dict(os.environ))
    assert ended.returncode == 0, ended.stderr
    assert "4 users in 2 rooms" in ended.stderr and "0 lost" in ended.stderr
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    said = {line["ref"]: line for line in lines if line["e"] == "sent"}
    heard = Counter(
        (line["ref"], line["user"]) for line in lines if line["type" if "type" in line else "e"] == "chat.message"
    )
    members = {"연습방 1": {"demo-0001", "demo-0003"}, "연습방 2": {"demo-0002", "demo-0004"}}
    assert said and heard == Counter((ref, name) for ref, line in said.items() for name in members[line["room"]])
    # Per connection the ordinals have no gap: they are the keys into a trace or a capture.
    for port in {line["port"] for line in lines if line["e"] == "open"}:
        for kind in ("sent", "received"):
            numbers = [line["n"] for line in lines if line["e"] == kind and line["port"] == port]
            assert numbers == list(range(1, len(numbers) + 1))
    assert lines[-1]["e"] == "summary" and lines[-1]["sent"] == len(said)


def test_without_a_server_it_is_one_line() -> None:
    ended = subprocess.run([*COMMAND, "http://127.0.0.1:1/"], capture_output=True, text=True, env=dict(os.environ))
    assert ended.returncode == 2 and ended.stderr.startswith("inspector: no chat server answers at http://127.0.0.1:1")
    assert len(ended.stderr.splitlines()) == 1


def test_a_certificate_that_is_not_trusted_is_not_taken_for_no_server(tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(make_certificate(tmp_path, "localhost"))
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        server.handle_error = lambda *_request: None  # type: ignore[method-assign]  # the client goes away
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_address[1]}"
        ended = subprocess.run([*COMMAND, url], capture_output=True, text=True, env=dict(os.environ), timeout=60)
        server.shutdown()
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"inspector: the certificate of {url} is not trusted: ")
    assert "--certificate" in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_without_demo_users_it_says_what_to_do(server: ChatServer) -> None:
    ended = subprocess.run([*COMMAND, server.url, "--users", "9"], capture_output=True, text=True, env=dict(os.environ))
    assert ended.returncode == 2 and "--scripted-users" in ended.stderr
