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

pytest.importorskip("daphne", reason="the chat server's packages are not installed")

_COMMAND = [sys.executable, "-c", "from inspector.cli import main; main()", "demo", "--no-open", "-o"]


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_the_fault_is_the_verdict_and_the_journeys_are_exact(tmp_path: Path) -> None:
    before = _children()
    done = subprocess.run([*_COMMAND, str(tmp_path / "demo")], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "demo" / "report.json").read_text("utf-8"))
    assert report["verdict"]["side"] == "application"
    assert report["findings"][0]["rule"] == "F13"
    assert any(journey["exact"] and journey["recipients"] for journey in report["journeys"])
    hops = {hop["code"] for j in report["journeys"] for a in j["recipients"] for hop in (*j["hops"], *a["hops"])}
    assert hops == {"wire", "rx", "dispatch", "group", "queue", "handler", "tx"}
    assert "<html" in (tmp_path / "demo" / "report.html").read_text("utf-8")
    if os.environ.get("INSPECTOR_PROXY_PYTHON"):
        assert (tmp_path / "demo" / "session.pcapng").exists()
    else:
        assert "left out: the recording proxy" in done.stdout or "session.pcapng" in done.stdout
    assert _children() <= before


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
