"""The scorer itself: it sees what is missing, what is invented, and whose fault is named wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector.chat.labs.run import LabRun, Player
from tools.score.matching import score
from tools.score.tables import failures, figures


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lab that has really been played."""
    place = tmp_path_factory.mktemp("score") / "no-handler"
    with Player() as player:
        result = player.run(LabRun("no-handler", place, seed=5))
    if result.capture is None:
        pytest.skip(f"no packets: {result.not_captured}")
    return place


def _changed(folder: Path, target: Path, **fault: object) -> Path:
    target.mkdir()
    (target / "capture.pcapng").write_bytes((folder / "capture.pcapng").read_bytes())
    truth = json.loads((folder / "truth.json").read_text())
    truth["faults"][0].update(fault)
    (target / "truth.json").write_text(json.dumps(truth))
    return target


def test_a_right_diagnosis_scores_full(folder: Path) -> None:
    told = figures([score(folder, trace=True)])
    assert (told["precision"], told["recall"], told["side"], told["evidence"], told["alarms"]) == (1, 1, 1, 1, 0)
    assert failures([score(folder, trace=False)]) == []


def test_another_truth_makes_it_wrong(folder: Path, tmp_path: Path) -> None:
    other = score(_changed(folder, tmp_path / "rule", rule="F25"), trace=False)
    told = figures([other])
    assert (told["recall"], told["precision"]) == (0, 0)
    assert any(line.startswith("missed F25") for line in failures([other]))
    assert any(line.startswith("invented F13") for line in failures([other]))
    side = score(_changed(folder, tmp_path / "side", side="client"), trace=False)
    assert figures([side])["side"] == 0
    truth = json.loads((folder / "truth.json").read_text())
    healthy = truth["faults"][0].get("connections") or [{k: truth["faults"][0][k] for k in ("client", "server")}]
    innocent = tmp_path / "innocent"
    _changed(folder, innocent)
    (innocent / "truth.json").write_text(json.dumps({**truth, "faults": [], "healthy": healthy}))
    assert figures([score(innocent, trace=False)])["alarms"] >= 1
