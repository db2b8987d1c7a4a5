"""Chromium through the proxy: the page works, and what is recorded equals what its server logged."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

import inspector
from inspector.model.grade import Grade
from inspector.recording.grades import connection_grades
from inspector.recording.http import http_exchanges
from inspector.recording.websockets import read_websockets
from tests.addons.chromium_page import CLOSE_CODE, SENT, page
from tests.addons.running import command, proxy, require_mitmproxy
from tests.certificates import make_certificate

_PAGE_S = 60


def require_chromium() -> None:
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        pytest.skip("there is no Chromium")


def _running_browsers(profile: str = "inspector-browser-") -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"--user-data-dir={os.environ.get('TMPDIR', '/tmp')}/{profile}" in line:
            found.append(line)
    return found


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("kind", ["reverse", "regular"])
def test_a_page_works_and_its_messages_are_recorded(
    tmp_path: Path, kind: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_mitmproxy()
    require_chromium()
    # Chromium makes a socket in it, whose path may have 107 bytes: pytest's folders are longer.
    profiles = Path(tempfile.mkdtemp(dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(profiles))
    record = tmp_path / "session.pcapng"
    tls = None
    if scheme == "https":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(make_certificate(tmp_path, "localhost"))

    async def run() -> tuple[str, list[str | bytes], int | None]:
        async with page(tls) as served:
            url = f"{scheme}://127.0.0.1:{served.port}"
            how = ["--reverse", url] if kind == "reverse" else ["--open", f"{url}/"]
            async with proxy(record, *how, "--browser", "chromium", "--headless", "--insecure") as running:
                await served.finished(_PAGE_S)
                assert _running_browsers()
                assert await running.stop() == 0, running.said
                return served.told, served.received, served.close_code

    told, received, close_code = asyncio.run(run())

    assert told == f"code={CLOSE_CODE}&came={len(SENT)}&same=true"
    assert received == SENT
    assert close_code == CLOSE_CODE
    assert not _running_browsers()
    profiles.rmdir()  # it is empty
    capture = inspector.open(record)
    assert set(connection_grades(capture).tolist()) == {Grade.TAPPED}
    found = read_websockets(capture)
    assert len(found.connections) == 2
    for direction in found.directions:
        contents = [found.content(row) for row in direction.messages]
        assert contents == [m.encode() if isinstance(m, str) else m for m in SENT]
    closes = {
        bytes(found.frame(row).payload) for d in found.directions for row in d.frames if found.frame(row).opcode == 8
    }
    assert closes == {CLOSE_CODE.to_bytes(2, "big") + "끝".encode()}
    requests = [found.exchange.request for found in http_exchanges(capture)]
    targets = [request.target or b"" for request in requests if request is not None]
    assert sum(b"/done?" in target for target in targets) == 2, targets


def test_a_missing_browser_is_one_line(tmp_path: Path) -> None:
    require_mitmproxy()
    words = command("proxy", "--record", str(tmp_path / "r.pcapng"), "--browser", "chromium", "--listen", "127.0.0.1:0")
    words += ["--confdir", str(tmp_path / "c")]
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(words, capture_output=True, text=True, env=environment)

    assert done.returncode == 2
    assert done.stderr.startswith("inspector: no Chromium, Chrome, Edge or Brave was found")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL], ids=["terminal closed", "killed"])
def test_a_browser_is_not_left_behind(tmp_path: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    require_mitmproxy()
    started = tmp_path / "started"
    program = tmp_path / "chromium"
    program.write_text(f"#!/bin/sh\necho $$ > {started}.new && mv {started}.new {started}\nexec sleep 60\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("TMPDIR", str(profiles := tmp_path / "profiles"))
    profiles.mkdir()

    async def run() -> int:
        async with proxy(tmp_path / "session.pcapng", "--browser", "chromium", "--headless") as running:
            while not started.exists():
                await asyncio.sleep(0.05)
            return await running.stop(number)

    code = asyncio.run(asyncio.wait_for(run(), _PAGE_S))
    state = Path(f"/proc/{started.read_text('utf-8').strip()}/stat")
    deadline = time.monotonic() + 20
    while state.exists() and state.read_text("utf-8").rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    if number == signal.SIGHUP:
        assert code == 0
        assert not list(profiles.iterdir())
