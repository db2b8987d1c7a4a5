"""inspector lab."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_COMMAND = [sys.executable, "-c", "from inspector.cli import main; main()", "lab"]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run([*_COMMAND, *arguments], capture_output=True, text=True, timeout=120, env=environment)


def test_every_lab_is_listed_with_its_failures() -> None:
    lines = _run("list").stdout.splitlines()
    assert any(line.split()[:2] == ["no-handler", "F13"] for line in lines)
    labs = json.loads(_run("list", "--json").stdout)
    assert len(labs) == len(lines)
    shown = {rule for lab in labs for rule in lab["rules"] if rule.startswith("F")}
    missing = {11, 19, 24, 27}
    assert shown == {f"F{number:02d}" for number in range(1, 31) if number not in missing}


def test_a_lab_is_an_exercise_whose_answer_is_asked_for() -> None:
    question, answer = _run("show", "no-handler").stdout, _run("show", "no-handler", "--answer").stdout
    assert "Question: " in question and "Answer: " not in question
    assert answer.startswith(question) and "Answer: " in answer


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "no-such-lab"], "there is no lab 'no-such-lab'"),
        (["run", "idle"], "decoy-idle"),
        (["run", "idle-cut", "--via", "direct"], "only nginx"),
        (["run", "close-code-refused", "--server", "uvicorn"], "only daphne"),
        (["run", "no-handler", "--server", "gunicorn"], "'daphne', 'uvicorn'"),
    ],
)
def test_what_cannot_be_played_is_one_clear_line(arguments: list[str], words: str) -> None:
    done = _run(*arguments)
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr


def _children(pid: int) -> set[int]:
    """All processes below this one."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found |= {child} | _children(child)
    return found


def _still_running(pids: set[int]) -> dict[int, str]:
    """Those that run and with which command; one that has ended and only waits for its new parent counts as ended."""
    running: dict[int, str] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                running[pid] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return running


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_everything(number: signal.Signals, tmp_path: Path) -> None:
    pytest.importorskip("daphne", reason="the chat server's packages are not installed")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [*_COMMAND, "run", "decoy-idle", "-o", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    try:
        deadline = time.monotonic() + 60
        # The capture is there once the lab plays.
        while not (tmp_path / "capture.pcapng").exists() and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.05)
        if not (tmp_path / "capture.pcapng").exists():
            pytest.skip("capturing is not permitted here")
        below = _children(process.pid)
        assert below
        process.send_signal(number)
        # Less than the timeouts that stopping in order could run into.
        _, errors = process.communicate(timeout=19)
    finally:
        process.kill()
    assert process.returncode == 130 and "Traceback" not in errors
    assert not _still_running(below)
    assert not (tmp_path / "truth.json").exists() and not list(temporary.glob("inspector-labs-*"))
