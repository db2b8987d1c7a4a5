"""Plays and scores: ``python -m tools.score [--mixes N] [--first-seed S] [-o FOLDER] [--write] [--again]``."""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from inspector.chat.labs import LABS
from inspector.chat.labs.run import LabRun, Outcome, Player
from tools.score.matching import Scored, score
from tools.score.tables import failures, figures, rule_table, verdict_table

_PAGE = Path(__file__).parents[2] / "docs" / "diagnosis.md"
_MARK = "<!-- written by make score -->"
_WAYS = (("direct", "daphne"), ("nginx", "daphne"), ("direct", "uvicorn"))


def plan(mixes: int, first_seed: int, folder: Path) -> list[LabRun]:
    """Every single lab in every way it can be played, and so many mixes, shared out among the ways."""
    runs = []
    seeds = itertools.count(first_seed)
    for via, server in _WAYS:
        for lab in LABS:
            if via in lab.via and server in lab.servers and not lab.name.startswith("mix"):
                seed = next(seeds)
                runs.append(LabRun(lab.name, folder / f"{lab.name}-{via}-{server}-{seed}", via, server, seed))
    mixed = [
        (lab, via, server)
        for lab in LABS
        if lab.name.startswith("mix")
        for via, server in _WAYS
        if via in lab.via and server in lab.servers
    ]
    for lab, via, server in itertools.islice(itertools.cycle(mixed), mixes):
        seed = next(seeds)
        runs.append(LabRun(lab.name, folder / f"{lab.name}-{via}-{server}-{seed}", via, server, seed))
    return runs


def play(runs: list[LabRun]) -> None:
    """Play them, telling what could not be."""
    start, done = time.monotonic(), itertools.count(1)

    def tell(outcome: Outcome) -> None:
        number = next(done)
        if outcome.error is not None:
            print(f"{outcome.run.folder.name}: {outcome.error}", flush=True)
        if number % 20 == 0:
            print(f"{number} of {len(runs)} played, {time.monotonic() - start:.0f} s", flush=True)

    with Player() as player:
        player.run_all(runs, tell)


def judge(folders: list[Path], *, trace: bool) -> list[Scored]:
    """Score every folder that holds a capture."""
    return [score(folder, trace=trace) for folder in folders if (folder / "capture.pcapng").exists()]


def page(scored: list[Scored], with_trace: list[Scored], command: str) -> str:
    """What docs/diagnosis.md says below its mark."""
    parts = [
        f"Run on {time.strftime('%Y-%m-%d')} by `{command}`, Python {sys.version.split()[0]}.",
        _summary("Packets alone", scored), _summary("Packets and trace", with_trace),
        "### By rule (packets alone)", rule_table(scored),
        "### Verdicts (captures whose faults are all of one side)", verdict_table(scored),
        "### What went wrong (packets alone)", _listed(scored),
        "### What went wrong (with the trace)", _listed(with_trace),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _summary(title: str, scored: list[Scored]) -> str:
    told = figures(scored)
    return (
        f"**{title}**: {told['captures']:.0f} captures, {told['faults']:.0f} faults, {told['decidable']:.0f} decidable. "
        f"Precision {told['precision']:.3f}, recall {told['recall']:.3f}, side right {told['side']:.3f}, evidence right "
        f"{told['evidence']:.3f}, undecidable said {told['undecidable said']:.3f}, errors on healthy or decoy "
        f"connections {told['alarms']:.0f}."
    )


def _listed(scored: list[Scored]) -> str:
    # Seeds are left out where the same thing went wrong several times.
    counts = Counter(line.rpartition(" seed ")[0] for line in failures(scored))
    return "\n".join(f"- {line}: {count} times" for line, count in counts.most_common()) or "Nothing."


def main() -> None:
    """Play, score, print; --write puts the tables into the manual."""
    parser = argparse.ArgumentParser(prog="python -m tools.score")
    parser.add_argument("--mixes", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=int(time.time()) % 1_000_000)
    parser.add_argument("-o", "--output", type=Path, help="keep the labs' files here")
    parser.add_argument("--again", action="store_true", help="play nothing, score what is in the folder")
    parser.add_argument("--write", action="store_true", help="write docs/diagnosis.md")
    options = parser.parse_args()
    folder = options.output or Path(tempfile.mkdtemp(prefix="inspector-score-"))
    if not options.again:
        play(plan(options.mixes, options.first_seed, folder))
    folders = sorted(path.parent for path in folder.glob("*/truth.json"))
    scored, with_trace = judge(folders, trace=False), judge(folders, trace=True)
    text = page(scored, with_trace, f"make score SEED={options.first_seed} MIXES={options.mixes}")
    print(text)
    print("\n".join(failures(scored)))
    if options.write:
        head = _PAGE.read_text("utf-8").partition(_MARK)[0]
        _PAGE.write_text(f"{head}{_MARK}\n\n{text}", "utf-8")


if __name__ == "__main__":
    main()
