from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inspector.chat.client import Client
from inspector.chat.external import find
from inspector.chat.launch import ChatServer
from inspector.chat.options import ServerOptions
from inspector.errors import MissingPart, UsageError

COMMAND = [sys.executable, "-c", "from inspector.cli import main; main()", "chat"]


def _environment(**variables: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("INSPECTOR_CHAT")}
    return {**clean, **variables}


def _start(*arguments: str, **variables: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment(**variables)
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"https?://\S+", line)
    if found is None:
        process.kill()
        pytest.fail(f"no address in {line!r}: {process.communicate()[1]}")
    return process, found[0]


def _children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" in status.read_text()


def _await_gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not all(_gone(pid) for pid in pids):
        time.sleep(0.05)
    return all(_gone(pid) for pid in pids)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_starts_prints_its_address_and_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    process, url = _start("--port", "0", "--data", str(tmp_path), "--processes", "2")
    assert Client(url).get("/healthz").text == "ok\n"
    children = _children(process.pid)
    assert len(children) == 2
    process.send_signal(number)
    code = process.wait(60)
    assert _await_gone(children)
    assert code == (0 if number != signal.SIGKILL else -signal.SIGKILL)
    assert process.stderr is not None and "Traceback" not in process.stderr.read()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_nginx_profile_leaves_nothing_behind_either(tmp_path: Path, number: signal.Signals) -> None:
    for program in ("nginx", "redis-server"):
        try:
            find(program)
        except MissingPart as missing:
            pytest.skip(str(missing))
    process, url = _start("--port", "0", "--data", str(tmp_path), "--profile", "nginx")
    assert Client(url).get("/healthz").headers["server"].startswith("nginx")
    children = _children(process.pid)
    children += [worker for child in children for worker in _children(child)]
    # Redis, two Daphnes, nginx and its worker.
    assert len(children) == 5
    process.send_signal(number)
    process.wait(60)
    assert _await_gone(children)


def test_a_busy_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for processes in ("1", "2"):
            arguments = ["--port", port, "--data", str(tmp_path), "--processes", processes]
            ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, env=_environment())
            assert ended.returncode == 2
            lines = ended.stderr.splitlines()
            assert (
                lines[-1].startswith(f"inspector: cannot listen on 127.0.0.1 port {port}: ") and "--port" in lines[-1]
            )


def test_without_debug_it_wants_a_key_and_then_shows_nothing_inside(tmp_path: Path) -> None:
    arguments = ["--port", "0", "--data", str(tmp_path), "--no-debug"]
    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, env=_environment())
    assert ended.returncode == 2 and "INSPECTOR_CHAT_SECRET_KEY" in ended.stderr and len(ended.stderr.splitlines()) == 1
    process, url = _start(*arguments, INSPECTOR_CHAT_SECRET_KEY="k" * 60)
    try:
        page = Client(url).get("/no/such/page/")
        assert page.status == 404 and "urlpatterns" not in page.text and "settings" not in page.text
    finally:
        process.terminate()
        process.wait(60)
    assert not (tmp_path / "secret-key").exists()


def test_the_local_key_is_for_its_owner_only(server: ChatServer) -> None:
    assert (server.options.data / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"host": "0.0.0.0"}, "--allowed-host"),
        ({"host": "0.0.0.0", "allowed_hosts": ("chat.example",), "debug": True}, "debug"),
        ({"host": "0.0.0.0", "allowed_hosts": ("chat.example",), "demo": True}, "demo"),
        ({"host": "0.0.0.0", "allowed_hosts": ("chat.example",)}, "INSPECTOR_CHAT_SECRET_KEY"),
        ({"layer": "mongo://x"}, "pubsub"),
        ({"layer": "redis://127.0.0.1:1"}, "Redis"),
        ({"trace": "/no/such/folder/trace.jsonl"}, "No such file"),
        ({"trace": "udp://192.0.2.1:5"}, "loopback"),
        ({"data": Path(__file__) / "folder"}, "--data"),
    ],
)
def test_unsafe_or_impossible_options_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], named: str
) -> None:
    monkeypatch.delenv("INSPECTOR_CHAT_SECRET_KEY", raising=False)
    with pytest.raises(UsageError, match=named):
        ChatServer(ServerOptions(**{"data": tmp_path, "port": 0, **options})).start()  # type: ignore[arg-type]
