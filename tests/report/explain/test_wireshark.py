"""Filters that show a finding: Wireshark takes them, and they show it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from inspector.report.explain import Kind, all_explanations
from inspector.report.explain.wireshark import finding_steps, menu_of
from tests.report.samples import SAMPLES, report_of_file


def _numbers(path: Path, wanted: str) -> list[int]:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    command = ["tshark", "-r", str(path), "-Y", wanted, "-T", "fields", "-e", "frame.number"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


def test_every_filter_of_a_finding_shows_packets_of_it() -> None:
    path = SAMPLES / "close-1006.pcapng"
    finding = report_of_file(path)["findings"][0]
    packets, *rest = (step["filter"] for step in finding["wireshark"])
    assert _numbers(path, packets) == sorted({item["number"] for item in finding["evidence"]})
    assert any("websocket" in each for each in rest)
    shown = [_numbers(path, each) for each in rest if "tcp.analysis" not in each]
    assert all(shown)


def test_protocols_that_were_not_spoken_are_not_looked_for() -> None:
    steps = finding_steps([8, 9], [4], ["TLS"])
    assert [text for text, _why in steps] == [
        "frame.number in {8, 9}",
        "tcp.stream in {4}",
        "tcp.stream in {4} && tls",
        "tcp.stream in {4} && tcp.analysis.flags",
    ]
    assert finding_steps([], [], []) == []


def test_a_filter_stays_short() -> None:
    (text, _why), *_rest = finding_steps(list(range(1, 500)), [], [])
    assert len(text) < 80


def test_fields_headers_and_codes_have_a_place_in_its_window() -> None:
    with_place = {one.kind for one in all_explanations() if menu_of(one).message}
    assert {Kind.FIELD, Kind.HEADER, Kind.CLOSE_CODE, Kind.STATUS, Kind.ANOMALY} <= with_place
    assert Kind.IDEA not in with_place
