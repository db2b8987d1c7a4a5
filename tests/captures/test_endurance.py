"""Many dissections in a row, of which a good part goes wrong: nothing is left behind.

``INSPECTOR_DISSECTIONS=200`` runs as many as docs/wireshark.md speaks of.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import inspector
from captures.opinion import second_opinion
from inspector.errors import ProgramError
from inspector.recording.capture import Capture
from tests.captures.asking import left_behind, need_pyshark, need_sharkd
from tests.websockets import KEY, Talk, frame, handshake, write_capture

_CALLS = int(os.environ.get("INSPECTOR_DISSECTIONS", "20"))
_PYSHARK_EVERY = 10
_PATIENCE = 60.0


def _chat(folder: Path) -> Path:
    talk = Talk()
    for from_client, data in zip((True, False), handshake(), strict=True):
        talk.say(from_client, data)
    talk.say(True, frame(1, b"hello", KEY))
    return write_capture(folder / "chat.pcap", talk.packets())


def _descendants(names: tuple[str, ...]) -> list[int]:
    """Processes with these names that we, or what we started, have started."""
    parents: dict[int, tuple[int, str]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                head, _end, rest = (folder / "stat").read_text().rpartition(")")
            except OSError:  # it has ended meanwhile
                continue
            parents[int(folder.name)] = (int(rest.split()[1]), head.partition("(")[2])
    found = []
    for number, (parent, name) in parents.items():
        while parent not in (0, os.getpid()):
            parent = parents.get(parent, (0, ""))[0]
        if parent == os.getpid() and name in names:
            found.append(number)
    return found


def _kill_one(names: tuple[str, ...], killed: list[int]) -> None:
    end = time.monotonic() + _PATIENCE
    while not killed and time.monotonic() < end:
        for number in _descendants(names):
            os.kill(number, signal.SIGKILL)
            killed.append(number)
            return


def _ask(capture: Capture, way: str, seconds: float = 60) -> str:
    try:
        found = second_opinion(capture, 6, way=way, seconds=seconds).dissected
    except ProgramError as error:
        return "time is over" if "did not answer" in str(error) else "ended early"
    return "answered" if "websocket" in found.protocols else "cut"


def _killed(capture: Capture, way: str) -> str:
    """A real sharkd or tshark is killed in the middle; it may have been quicker."""
    killed: list[int] = []
    thread = threading.Thread(target=_kill_one, args=(("sharkd", "tshark"), killed))
    thread.start()
    outcome = _ask(capture, way)
    killed.append(0)
    thread.join()
    return outcome


def test_dissections_in_a_row_leave_nothing_behind(tmp_path: Path) -> None:
    need_sharkd()
    need_pyshark()
    path = _chat(tmp_path)
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(path.read_bytes()[:-100])
    whole, shortened = inspector.open(path), inspector.open(cut)
    assert shortened.damage is not None
    before = left_behind()

    outcomes: Counter[str] = Counter()
    for number in range(_CALLS):
        way = "pyshark" if number % _PYSHARK_EVERY >= _PYSHARK_EVERY - 2 else "sharkd"
        if number % 4 == 0:
            outcome = _ask(whole, way)
        elif number % 4 == 1:
            outcome = _killed(whole, way)
        elif number % 4 == 2:
            outcome = _ask(whole, way, seconds=0.01)
        else:
            outcome = asyncio.run(_inside(shortened, way))
        outcomes[outcome] += 1

    assert left_behind() == before
    assert outcomes.total() == _CALLS
    assert outcomes["answered"] >= _CALLS // 4
    assert outcomes["time is over"] >= _CALLS // 5
    assert outcomes["ended early"] >= 1


async def _inside(capture: Capture, way: str) -> str:
    """Inside of a running event loop."""
    return _ask(capture, way)
