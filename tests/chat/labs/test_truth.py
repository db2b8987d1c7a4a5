"""truth.json: what is written is what is read, and nothing else passes."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from inspector.chat.labs.truth import Truth, load, problems
from inspector.errors import UsageError

GOOD: dict[str, Any] = {
    "format": "lab-truth/1",
    "lab": "x",
    "title": "X",
    "seed": 1,
    "via": "nginx",
    "server": "daphne",
    "settings": {"ping_interval_s": 4.0},
    "packets_captured": True,
    "packets_dropped": 0,
    "faults": [
        {
            "rule": "F13",
            "side": "application",
            "client": "127.0.0.1:50001",
            "server": "127.0.0.1:8001",
            "connections": [
                {"client": "127.0.0.1:50001", "server": "127.0.0.1:8001"},
                {"client": "127.0.0.1:50002", "server": "127.0.0.1:8001"},
            ],
            "upstream": {"client": "127.0.0.1:60001", "server": "127.0.0.1:8002"},
            "upstreams": [{"client": "127.0.0.1:60001", "server": "127.0.0.1:8002"}, None],
            "time_ns": 1,
            "seen_ns": 2,
            "evidence": [
                {"kind": "close", "from": "server", "code": 1011},
                {"kind": "frame", "from": "client", "n": 2},
            ],
            "decidable": False,
            "would_decide": "trace",
            "reason": "websocket.close",
            "reason_decidable": True,
            "lab": "no-handler",
        }
    ],
    "decoys": [
        {
            "looks_like": "F13",
            "client": "127.0.0.1:50003",
            "server": "127.0.0.1:8001",
            "why": "closed with 4000",
            "lab": "",
        }
    ],
    "healthy": [{"client": "[::1]:50004", "server": "[::1]:8001"}],
    "legs": [
        {
            "client": "127.0.0.1:50001",
            "server": "127.0.0.1:8001",
            "upstream": {"client": "127.0.0.1:60001", "server": "127.0.0.1:8002"},
        }
    ],
}


def test_what_is_read_is_written_again() -> None:
    assert problems(GOOD) == []
    assert Truth.from_json(GOOD).to_json() == GOOD


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (("format",), "lab-truth/2", "format"),
        (("via",), "carrier pigeon", "via"),
        (("seed",), True, "seed"),
        (("faults",), None, "faults"),
        (("faults", 0, "rule"), "13", "rule"),
        (("faults", 0, "side"), "moon", "side"),
        (("faults", 0, "client"), "localhost", "client"),
        (("faults", 0, "time_ns"), 1.5, "time_ns"),
        (("faults", 0, "evidence"), [], "evidence"),
        (("faults", 0, "evidence", 0, "kind"), "smell", "smell"),
        (("faults", 0, "evidence", 0, "from"), "proxy", "proxy"),
        (("faults", 0, "would_decide"), None, "decide"),
        (("faults", 0, "connections", 1, "client"), 5, "client"),
        (("decoys", 0, "why"), None, "why"),
        (("healthy", 0), "127.0.0.1:1", "healthy"),
        (("legs", 0, "upstream"), None, "upstream"),
        # A connection that is faulty is not healthy as well.
        (("healthy", 0), {"client": "127.0.0.1:50002", "server": "127.0.0.1:8001"}, "healthy"),
    ],
)
def test_what_is_no_truth_is_refused(path: tuple[str | int, ...], value: object, word: str, tmp_path: Path) -> None:
    data: Any = copy.deepcopy(GOOD)
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert word in "; ".join(problems(data))
    with pytest.raises(UsageError, match="not a lab-truth/1"):
        Truth.from_json(data)
    (tmp_path / "truth.json").write_text(json.dumps(data))
    with pytest.raises(UsageError):
        load(tmp_path / "truth.json")


@pytest.mark.parametrize("data", [None, [], "truth", 1])
def test_other_json_is_refused(data: object) -> None:
    assert problems(data)


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text("{")
    with pytest.raises(UsageError, match="cannot read"):
        load(tmp_path / "truth.json")
    with pytest.raises(UsageError, match="cannot read"):
        load(tmp_path / "missing.json")
