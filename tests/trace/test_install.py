"""Two lines in asgi.py and one in the settings, on the project of the official Channels tutorial."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from inspector.chat.external import free_port

TUTORIAL = Path(__file__).parent / "tutorial"


def _project(folder: Path, trace: str | None) -> Path:
    """The tutorial's project, with the lines of docs/trace.md added."""
    project = folder / "mysite"
    shutil.copytree(TUTORIAL, project)
    if trace is not None:
        with (project / "mysite" / "asgi.py").open("a", encoding="utf-8") as asgi:
            asgi.write("\nfrom inspector.trace import trace\napplication = trace(application)\n")
        with (project / "mysite" / "settings.py").open("a", encoding="utf-8") as settings:
            settings.write(f"\nINSPECTOR_TRACE = {trace!r}\n")
    return project


@contextmanager
def _served(project: Path, program: str) -> Iterator[int]:
    port = free_port()
    commands = {
        "daphne": ["daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0", "mysite.asgi:application"],
        "uvicorn": [
            "uvicorn",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--log-level",
            "error",
            "mysite.asgi:application",
        ],
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("INSPECTOR", "DJANGO"))}
    process = subprocess.Popen([sys.executable, "-m", *commands[program]], cwd=project, env=environment)
    try:
        deadline = time.monotonic() + 60
        while not _listens(port):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _talk(port: int) -> list[str]:
    """Two browsers in the tutorial's room; what the second one hears."""
    url, origin = f"ws://127.0.0.1:{port}/ws/chat/lobby/", Origin(f"http://127.0.0.1:{port}")
    with connect(url, origin=origin) as first, connect(url, origin=origin) as second:
        first.send(json.dumps({"message": "hello"}))
        return [str(first.recv(60)), str(second.recv(60))]


@pytest.mark.parametrize("program", ["daphne", "uvicorn"])
def test_the_tutorial_project_is_traced_by_three_lines(tmp_path: Path, program: str) -> None:
    pytest.importorskip(program)
    path = tmp_path / "trace.jsonl"
    with _served(_project(tmp_path, str(path)), program) as port:
        heard = _talk(port)
        # What the sockets' ends are told by comes last; the trace's own thread writes it.
        deadline = time.monotonic() + 60
        while path.read_text(encoding="utf-8").count('"e":"end"') < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
    # The trace's key never reaches the consumer, which would pass it on.
    assert [json.loads(text) for text in heard] == [{"message": "hello"}] * 2
    events: list[dict[str, Any]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert {e["asgi_server"] for e in events if e["e"] == "open"} == {program}
    said = next(e for e in events if e["e"] == "rx")
    sent = next(e for e in events if e["e"] == "group")
    assert (sent["group"], sent["type"], sent["cause"]) == ("chat_lobby", "chat.message", said["cause"])
    assert [e["cause"] for e in events if e["e"] == "tx"] == [sent["id"]] * 2
    assert {e["consumer"] for e in events if e["e"] == "dispatch"} == {"chat.consumers.ChatConsumer"}


def test_without_the_setting_nothing_is_touched(tmp_path: Path) -> None:
    program = (
        "import channels.consumer as c; before = c.AsyncConsumer.dispatch\n"
        "from mysite.asgi import application as plain\n"
        "from inspector.trace import trace\n"
        "assert trace(plain) is plain and c.AsyncConsumer.dispatch is before\n"
        "from django.db import connection; assert connection.execute_wrappers == []\n"
    )
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("INSPECTOR", "DJANGO"))}
    environment["PYTHONPATH"] = os.pathsep.join((environment.get("PYTHONPATH", ""), str(Path(__file__).parents[2])))
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=_project(tmp_path, None), env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr


def test_it_needs_neither_django_nor_channels(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules.update(django=None, channels=None, asgiref=None)\n"
        "import asyncio; from inspector.trace import trace\n"
        "async def app(scope, receive, send):\n"
        "    await send({'type': 'http.response.start', 'status': 204, 'headers': []})\n"
        "async def send(event): pass\n"
        "scope = {'type': 'http', 'method': 'GET', 'path': '/', 'headers': []}\n"
        "asyncio.run(trace(app)(scope, None, send))\n"
    )
    path = tmp_path / "trace.jsonl"
    environment = {**os.environ, "INSPECTOR_TRACE": str(path)}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert [json.loads(line)["e"] for line in path.read_text().splitlines()] == ["open", "end"]
