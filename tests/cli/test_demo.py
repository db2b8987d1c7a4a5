"""The demonstration: the deliberate fault is the verdict, its journeys have every hop, nothing is left running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.manual import DOCS, Command, commands, differences, run

pytest.importorskip("daphne", reason="the chat server's packages are not installed")

_COMMAND = [sys.executable, "-c", "from inspector.cli import main; main()", "demo", "--no-open", "-o"]


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which the demonstration was run as ``demo``, and what it printed."""
    folder = tmp_path_factory.mktemp("demonstration")
    before = _children()
    done = subprocess.run([*_COMMAND, "demo"], cwd=folder, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    assert _children() <= before
    return folder, done.stdout


def test_the_fault_is_the_verdict_and_the_journeys_are_exact(demo: tuple[Path, str]) -> None:
    made, printed = demo[0] / "demo", demo[1]
    report = json.loads((made / "report.json").read_text("utf-8"))
    assert report["verdict"]["side"] == "application"
    assert report["findings"][0]["rule"] == "F13"
    assert any(journey["exact"] and journey["recipients"] for journey in report["journeys"])
    hops = {hop["code"] for j in report["journeys"] for a in j["recipients"] for hop in (*j["hops"], *a["hops"])}
    assert hops == {"wire", "rx", "dispatch", "group", "queue", "handler", "tx"}
    assert "<html" in (made / "report.html").read_text("utf-8")
    recorded = (made / "session.pcapng").exists()
    # With mitmproxy at hand the session is recorded; without, the demonstration says that it is not.
    assert recorded or not os.environ.get("INSPECTOR_PROXY_PYTHON")
    assert recorded != ("left out: the recording proxy" in printed)


def test_the_manual_tells_what_the_demonstration_shows(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    if not (folder / "demo" / "session.pcapng").exists():
        pytest.skip("the proxy's packages are not installed (INSPECTOR_PROXY_PYTHON): the demonstration had no proxy")
    pages = [(f"{folder}{name}", folder) for folder in ("", "ko/") for name in ("developer", "student", "support")]
    shown = [(c, folder) for name, folder in pages for c in commands(DOCS / f"{name}.md") if c.of_demo]
    assert len(shown) > 3

    def output(command: Command, language: str) -> str:
        # It ran once, in English: of what it prints in Korean the pages show nothing.
        once = command.line == "inspector demo --no-open -o demo"
        return printed if once else run(command, folder, language or "en")

    assert [text for command, page in shown if (text := differences(command, output(command, page.rstrip("/"))))] == []


def test_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    process = subprocess.Popen([*_COMMAND, str(tmp_path / "demo")], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "people talk" in line:
            break
    mine = list(psutil.Process(process.pid).children(recursive=True))
    assert mine
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    _gone, alive = psutil.wait_procs(mine, timeout=20)
    assert not alive
