"""Journeys of messages: exact with a trace, inferred without, and never the one looking like the other."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.inferred_journeys import align
from inspector.analysis.journeys import fan_out, journeys_of
from inspector.analysis.trace_events import read_trace
from inspector.report.journeys import lost

_MS = 1_000_000


def _played(name: str, folder: Path, seed: int = 3) -> Path:
    run = pytest.importorskip("inspector.chat.labs.run", reason="the chat server's packages are not installed")
    with run.Player() as player:
        result = player.run(run.LabRun(name, folder, seed=seed))
    if result.capture is None:
        pytest.skip(f"no packets: {result.not_captured}")
    return folder


def test_what_is_inferred_agrees_with_the_trace_and_is_never_called_exact(tmp_path: Path) -> None:
    folder = _played("healthy-chat", tmp_path / "lab")
    capture = inspector.open(folder / "capture.pcapng")
    traced = journeys_of(Facts(capture, None, read_trace(folder / "trace.jsonl")))
    inferred = journeys_of(Facts(capture))
    assert traced and all(journey.exact for journey in traced)
    assert inferred and not any(journey.exact for journey in inferred)
    assert all(arrival.confidence < 1 for journey in inferred for arrival in journey.arrivals)
    truth = {arrival.message: journey.message for journey in traced for arrival in journey.arrivals}
    told = {arrival.message: journey.message for journey in inferred for arrival in journey.arrivals}
    assert told and all(truth[received] == said for received, said in told.items())
    assert not any(lost(journey) for journey in traced)
    assert all(hop.at_ns >= journey.at_ns for journey in traced for hop in journey.hops)
    for journey in traced:
        for arrival in journey.arrivals:
            times = [hop.at_ns for hop in arrival.hops]
            assert times == sorted(times)
            assert [hop.name for hop in arrival.hops][-1] == "wire"
    assert sum(count for count, *_rest in fan_out(traced).values()) == len(truth)


def test_a_member_that_gets_nothing_is_missing(tmp_path: Path) -> None:
    """The lab's truth names the deaf member's connection."""
    folder = _played("deaf-member", tmp_path / "lab")
    truth = json.loads((folder / "truth.json").read_text())
    facts = Facts(inspector.open(folder / "capture.pcapng"), None, read_trace(folder / "trace.jsonl"))
    deaf = {pair["client"] for fault in truth["faults"] for pair in fault.get("connections") or [fault]}
    missing = {
        item.connection for journey in journeys_of(facts) for item in journey.missing if item.reason != "nothing_sent"
    }
    clients = {f"{socket.client}" for socket in facts.sockets if socket.connection in missing}
    assert clients & deaf
    assert any(lost(journey) for journey in journeys_of(facts))


def test_the_command_lists_and_shows_hops(tmp_path: Path) -> None:
    folder = _played("healthy-chat", tmp_path / "lab", seed=4)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from inspector.cli import main; main()", "journey", *arguments],
            capture_output=True, text=True, encoding="utf-8", timeout=60,
        )  # fmt: skip

    file, trace = str(folder / "capture.pcapng"), str(folder / "trace.jsonl")
    exact = run(file, "--trace", trace)
    assert "exact" in exact.stdout and "inferred" not in exact.stdout
    plain = run(file)
    assert "inferred, confidence" in plain.stdout and "exact" not in plain.stdout
    one = run(file, "--trace", trace, "--message", "1")
    assert "group_send" in one.stdout and "out of the recipient's queue" in one.stdout
    rows = [json.loads(line) for line in run(file, "--trace", trace, "--json").stdout.splitlines()]
    assert rows[0]["exact"] is True and rows[0]["sql"] is not None
    assert run(file, "--message", "9999").returncode == 2


def test_equal_numbers_are_paired_in_order() -> None:
    assert align([10 * _MS, 20 * _MS, 30 * _MS], [500 * _MS, 510 * _MS, 520 * _MS]) == [(0, 0), (1, 1), (2, 2)]


def test_one_loss_does_not_shift_the_rest() -> None:
    said = [index * 100 * _MS for index in range(10)]
    received = [time + 5 * _MS for index, time in enumerate(said) if index != 4]
    assert align(said, received) == [(index, index - (index > 4)) for index in range(10) if index != 4]


def test_a_copy_is_never_before_its_cause() -> None:
    assert align([100 * _MS], [50 * _MS]) == []
    assert align([], [1]) == [] and align([1], []) == []


@pytest.mark.parametrize(
    ("latency_ms", "loss", "least"), [(5, 0.0, 1.0), (5, 0.02, 0.99), (300, 0.0, 1.0), (300, 0.01, 0.9)]
)
def test_repeated_texts_stay_apart(latency_ms: int, loss: float, least: float) -> None:
    """The hard case of a chat: four words, said again and again, delivered later than the next one is said."""
    chance = random.Random(11)
    right = total = 0
    for _word in range(4):
        said = sorted(chance.randrange(60_000) * _MS for _ in range(60))
        said = [time + index for index, time in enumerate(said)]
        truth, received = [], []
        last = 0
        for index, time in enumerate(said):
            last = max(last, time + int(latency_ms * chance.uniform(0.7, 1.3) * _MS))
            if chance.random() >= loss:
                truth.append(index)
                received.append(last)
        pairs = {other: one for one, other in align(said, received)}
        right += sum(pairs.get(other) == index for other, index in enumerate(truth))
        total += len(truth)
    assert right >= least * total
