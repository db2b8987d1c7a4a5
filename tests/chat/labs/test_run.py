"""Playing labs from Python."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from captures.live import programs
from inspector.chat.labs import LABS
from inspector.chat.labs.mixes import choose
from inspector.chat.labs.run import LabResult, LabRun, Player, find_lab, run_lab
from inspector.chat.labs.scene import Scene
from inspector.chat.labs.stage import Stage
from inspector.errors import UsageError

pytest.importorskip("daphne", reason="the chat server's packages are not installed")


def test_names_are_unique_and_every_text_is_there() -> None:
    assert len({lab.name for lab in LABS}) == len(LABS)
    for lab in LABS:
        assert all([lab.title, lab.lesson.goal, lab.lesson.look, lab.lesson.question, lab.lesson.answer])
        assert set(lab.via) <= {"direct", "nginx"} and set(lab.servers) <= {"daphne", "uvicorn"}


def test_the_manual_names_every_lab_with_its_rule() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "labs.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)`[^|]*\| ([^|]*) ?\|", manual, re.MULTILINE))
    for lab in LABS:
        if not lab.name.startswith("mix"):
            assert rows[lab.name].split() == list(lab.rules)


def test_unknown_settings_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ping_interval"):
        run_lab("no-handler", tmp_path, settings={"ping_intervall": 1})


def test_settings_are_in_force_and_in_the_truth(tmp_path: Path) -> None:
    def play(number: int) -> LabResult:
        return run_lab("decoy-idle", tmp_path / f"{number}", settings={"ping_interval": 2.0, "ping_timeout": 1.5})

    # It lasts an interval and 2.5 s; with the lab's own interval of 4 s never less than 6.5 s.
    results: list[LabResult] = []
    while len(results) < 5 and not (results and results[-1].seconds < 6.5):
        results.append(play(len(results)))
    assert results[-1].seconds < 6.5
    truth = results[-1].truth
    assert truth.settings["ping_interval_s"] == 2.0 and truth.settings["ping_timeout_s"] == 1.5


def test_the_same_seed_makes_the_same_choices_and_servers_are_kept(tmp_path: Path) -> None:
    with Player() as player:
        runs = [
            LabRun("origin-refused", tmp_path / f"{number}", seed=seed) for number, seed in enumerate((1, 1, 2, 3, 4))
        ]
        results = [outcome.result for outcome in player.run_all(runs)]
    reasons = [result.truth.faults[0].reason for result in results if result is not None]
    assert len(reasons) == 5 and reasons[0] == reasons[1] and len(set(reasons)) > 1
    fronts = {result.truth.settings["fronts"]["main"] for result in results if result is not None}
    assert len(fronts) == 1


def test_without_the_right_to_capture_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.chat.labs.capture._LOOPBACK", "no-such-interface")
    result = run_lab("not-logged-in", tmp_path)
    assert result.capture is None and result.truth.faults and not result.truth.packets_captured
    assert "there is no interface no-such-interface" in (result.not_captured or "")


def test_tcpdump_stands_in_for_dumpcap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import inspector

    found = programs.which
    monkeypatch.setattr(programs, "which", lambda name: None if name == "dumpcap" else found(name))
    result = run_lab("not-logged-in", tmp_path)
    if result.capture is None:
        pytest.skip(f"no packets: {result.not_captured}")
    capture = inspector.open(result.capture)
    assert capture.format == "pcapng" and len(capture.packets) > 5
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "capture.pcapng", "server.log", "trace.jsonl", "truth.json",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "via", "server"), [("mix", "direct", "daphne"), ("mix-redis", "nginx", "uvicorn")])
def test_a_mix_is_chosen_by_its_seed_from_what_its_servers_can_show(name: str, via: str, server: str) -> None:
    mix = find_lab(name)
    stage = Stage(mix.needs, via, server, Path("unused"))
    seen: set[str] = set()
    for seed in range(200):
        chosen, again = (choose(Scene(name, stage, random.Random(seed)), LABS, True) for _ in range(2))
        assert chosen == again
        faulty = [lab for lab in chosen if lab.rules]
        assert 3 <= len(faulty) <= 5 and 1 <= len(chosen) - len(faulty) <= 2
        assert sum(lab.heavy for lab in chosen) <= 1
        assert all(via in lab.via and server in lab.servers for lab in chosen)
        if name == "mix-redis":
            assert any(lab.needs.layer == "redis" for lab in faulty)
        seen |= {lab.name for lab in chosen}
    assert len(seen) > 30
