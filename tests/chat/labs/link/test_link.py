"""The link that spoils packets: it does what it says, and what it says is what the captures hold."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import inspector
from inspector.chat.labs.link import LINK_LABS, LinkResult, run_link_lab
from inspector.chat.labs.truth import load
from inspector.errors import MissingPart
from tools.link_score import score_folder


def _play(name: str, folder: Path, seed: int = 7) -> LinkResult:
    lab = next(lab for lab in LINK_LABS if lab.name == name)
    try:
        return run_link_lab(lab, folder, seed)
    except MissingPart as error:
        pytest.skip(str(error))


def _frames(path: Path) -> list[bytes]:
    capture = inspector.open(path)
    return [capture.bytes_at(row, 0, int(capture.packets.captured[row])) for row in range(len(capture.packets))]


def test_every_frame_has_the_fate_that_the_list_says(tmp_path: Path) -> None:
    result = _play("link-storm", tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "link.jsonl").read_text().splitlines()]
    tcp = [row for row in rows if row["tcp"] is not None]
    assert Counter(row["fate"] for row in tcp) == result.fates
    assert {"passed", "dropped", "held", "doubled", "corrupted"} <= set(result.fates)
    copies = {"dropped": 0, "doubled": 2}
    assert all(len(row["left_ns"]) == copies.get(row["fate"], 1) for row in tcp)
    client, server = _frames(tmp_path / "capture.pcapng"), _frames(tmp_path / "server.pcapng")
    # Read by hand: the source port stands behind Ethernet (14) and IPv4 (20), the server's is 8000.
    sent = [frame for frame in client if frame[34:36] != (8000).to_bytes(2)]
    came = [frame for frame in server if frame[34:36] != (8000).to_bytes(2)]
    mine = [row for row in tcp if row["from"] == "client"]
    assert len(sent) == len(mine)
    assert [int.from_bytes(frame[38:42]) for frame in sent] == [row["tcp"]["seq"] for row in mine]
    assert len(came) == sum(len(row["left_ns"]) for row in mine)
    untouched = Counter(frame for frame, row in zip(sent, mine, strict=True) if row["fate"] != "corrupted")
    lost = Counter(frame for frame, row in zip(sent, mine, strict=True) if row["fate"] == "dropped")
    twice = Counter(frame for frame, row in zip(sent, mine, strict=True) if row["fate"] == "doubled")
    damaged = sum(row["fate"] == "corrupted" for row in mine)
    assert sum((untouched - lost + twice - Counter(came)).values()) == 0
    assert sum((Counter(came) - (untouched - lost + twice)).values()) == damaged
    assert load(tmp_path / "truth.json").faults[0].rule == "N6"


def test_verdicts_on_resent_segments_agree_with_the_list(tmp_path: Path) -> None:
    _play("link-storm", tmp_path, seed=8)
    score = score_folder(tmp_path)
    resent = {said: count for (judge, truth, said), count in score.items() if (judge, truth) == ("inspector", "resend")}
    assert sum(resent.values()) > 40
    assert resent.get("resend", 0) >= 0.95 * sum(resent.values()), resent
    # Where a stack's own timers run on a busy machine, one in a hundred may look like the other: see tools.link_score.
    assert resent.get("reorder", 0) <= 0.02 * sum(resent.values()), resent


def test_large_packets_vanish_and_small_ones_pass(tmp_path: Path) -> None:
    result = _play("link-black-hole", tmp_path)
    assert result.fates["too_big"] >= 3
    assert all(len(frame) <= 1200 + 14 for frame in _frames(tmp_path / "server.pcapng") if frame[34:36] != b"\x1f\x40")
    assert load(tmp_path / "truth.json").faults[0].rule == "N8"
