"""How well resent, late and doubled segments are told apart, against a lossy link's own list.

    python -m tools.link_score [--seeds N] [-o FOLDER]

Every packet of a capture behind the link is one copy of one frame that the link handed over, in the same order; every packet
before it is one frame that entered. So the truth of each segment needs no guess:

resend      bytes that the sender had sent before (an earlier frame that entered carried some of them)
duplicate   the second copy of a frame that the link doubled
reorder     neither: the first copy, overtaken
invisible   a resend whose first copy was lost before the capture, and nothing behind it had come: it arrives as the next
            bytes in order, and no packet of this capture shows that it is not the first
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

import inspector
from inspector.analysis.resends import Verdict, resends
from inspector.analysis.tcp_flags import TcpFlag
from inspector.chat.labs.link import LINK_LABS, LinkLab, run_link_lab
from inspector.chat.labs.link.network import PORT
from inspector.chat.labs.link.wire import SIDES
from inspector.recording.capture import Capture

__all__ = ["Score", "score_folder"]

_SCORED = ("link-loss", "link-reorder", "link-duplicate", "link-storm")
_WIRESHARK = {
    "resend": TcpFlag.RETRANSMISSION | TcpFlag.FAST_RETRANSMISSION | TcpFlag.SPURIOUS_RETRANSMISSION,
    "reorder": TcpFlag.OUT_OF_ORDER,
}
_SOURCE_PORT = 34
"""Behind Ethernet and an IPv4 header without options, as this machine makes them."""
_HALF = 2**31
_RECENT = 4000
"""Frames of a sender among which an earlier copy is looked for: more than are ever in flight."""

Score = Counter[tuple[str, str, str]]
"""How often each (judge, truth, verdict) came; the judges are ``inspector`` and ``wireshark``."""


def score_folder(folder: Path) -> Score:
    """Compare the verdicts on both captures of a lab with the link's list."""
    passages = [json.loads(line) for line in (folder / "link.jsonl").read_text().splitlines()]
    score: Score = Counter()
    for name, side in (("capture.pcapng", "client"), ("server.pcapng", "server")):
        capture = inspector.open(folder / name)
        _score(capture, _truths(passages, side), score)
    return score


def _truths(passages: list[dict[str, Any]], side: str) -> dict[str, list[str]]:  # Any: JSON
    """By sender: the truth of each of its TCP packets that a capture at one side holds, in their order."""
    sent_before: dict[str, list[tuple[int, int]]] = {sender: [] for sender in SIDES}
    events: dict[str, list[tuple[int, str]]] = {sender: [] for sender in SIDES}
    for passage in passages:
        tcp = passage["tcp"]
        if tcp is None:
            continue
        sender = passage["from"]
        start, size = tcp["seq"], tcp["payload"]
        again = size > 0 and any(_overlap(start, size, *earlier) for earlier in sent_before[sender][-_RECENT:])
        if size > 0:
            sent_before[sender].append((start, size))
        if sender == side:  # seen when it entered
            events[sender].append((passage["time_ns"], "resend" if again else "first"))
            continue
        for copy, left in enumerate(passage["left_ns"]):
            truth = "duplicate" if copy else ("resend" if again else "first")
            events[sender].append((left, truth if passage["fate"] != "corrupted" else "corrupted"))
    return {sender: [truth for _time, truth in sorted(rows, key=lambda row: row[0])] for sender, rows in events.items()}


def _overlap(start: int, size: int, other: int, length: int) -> bool:
    distance = (start - other) & 0xFFFF_FFFF
    return distance < length or ((other - start) & 0xFFFF_FFFF) < size


def _score(capture: Capture, truths: dict[str, list[str]], score: Score) -> None:
    found = resends(capture)
    judged = {int(row): index for index, row in enumerate(found.segment)}
    left = {sender: iter(rows) for sender, rows in truths.items()}
    expected: dict[str, int] = {}
    if sum(map(len, truths.values())) != len(capture.segments):
        raise SystemExit(f"{capture.name}: not the packets that passed the link")
    for segment in range(len(capture.segments)):
        packet = int(capture.segments.packet[segment])
        port = int.from_bytes(capture.bytes_at(packet, _SOURCE_PORT, 2))
        sender = "server" if port == PORT else "client"
        truth = next(left[sender])
        index = judged.get(segment)
        start, size = int(capture.segments.seq[segment]), int(capture.segments.length[segment])
        if truth == "resend" and index is None and expected.get(sender) == start:
            truth = "invisible"
        if size and ((start + size - expected.get(sender, start)) & 0xFFFF_FFFF) < _HALF:
            expected[sender] = (start + size) & 0xFFFF_FFFF
        if truth == "corrupted" or (truth == "first" and index is None) or not size:
            continue
        said = "nothing" if index is None else Verdict(int(found.verdict[index])).name.lower()
        flag = 0 if index is None else int(found.wireshark[index])
        wireshark = next((name for name, bits in _WIRESHARK.items() if flag & bits), "nothing")
        score["inspector", _late(truth), said] += 1
        score["wireshark", _late(truth), wireshark] += 1


def _late(truth: str) -> str:
    return "reorder" if truth == "first" else truth


def table(score: Score) -> str:
    """The verdicts by truth, with the share that is right."""
    lines = ["| truth | judge | right | verdicts |", "|---|---|---|---|"]
    right = {"resend": {"resend"}, "reorder": {"reorder"}, "duplicate": {"network_duplicate"}, "invisible": {"nothing"}}
    for truth, wanted in right.items():
        for judge in ("inspector", "wireshark"):
            verdicts = {said: count for (who, what, said), count in score.items() if (who, what) == (judge, truth)}
            total = sum(verdicts.values())
            if total:
                share = sum(count for said, count in verdicts.items() if said in wanted) / total
                told = ", ".join(f"{said} {count}" for said, count in sorted(verdicts.items()))
                lines.append(f"| {truth} | {judge} | {share:.2%} of {total} | {told} |")
    return "\n".join(lines)


def main() -> None:
    """Play the labs with fresh seeds and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    folder = options.output or Path(tempfile.mkdtemp(prefix="link-score-"))
    total: Score = Counter()
    labs: list[LinkLab] = [lab for lab in LINK_LABS if lab.name in _SCORED]
    for seed in range(options.first, options.first + options.seeds):
        for lab in labs:
            place = folder / f"{lab.name}-{seed}"
            result = run_link_lab(lab, place, seed)
            total += score_folder(place)
            print(f"{lab.name} seed {seed}: {result.fates}", flush=True)
    print(table(total))
    print(f"numpy {np.__version__}; files in {folder}")


if __name__ == "__main__":
    main()
