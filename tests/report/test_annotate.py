"""Annotated captures: Wireshark shows the findings as comments."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspector
from inspector.errors import UsageError
from inspector.report.annotate import write_annotated
from tests.report.samples import SAMPLES, report_of_file
from tests.tshark import require_tshark, tshark_rows


def test_packets_stay_as_they_were(tmp_path: Path) -> None:
    source = SAMPLES / "chat-aborted.pcap"
    write_annotated(report_of_file(source), [inspector.open(source)], tmp_path / "marked.pcapng")
    before, after = inspector.open(source), inspector.open(tmp_path / "marked.pcapng")
    assert after.packets.time_ns.tolist() == before.packets.time_ns.tolist()
    assert after.packets.length.tolist() == before.packets.length.tolist()
    for number in range(1, len(before.packets) + 1):
        assert after.packet(number).data == before.packet(number).data


def test_tshark_shows_the_findings(tmp_path: Path) -> None:
    require_tshark()
    source = SAMPLES / "refused.pcap"
    report = report_of_file(source)
    write_annotated(report, [inspector.open(source)], tmp_path / "marked.pcapng")
    rows = tshark_rows(tmp_path / "marked.pcapng", ["frame.number", "frame.comment"])
    commented = {int(number): comment for number, comment in rows if comment}
    expected = {item["number"] for finding in report["findings"] for item in finding["evidence"]}
    assert set(commented) == expected
    assert all("N2" in comment for comment in commented.values())


def test_several_captures_cannot_be_one_file(tmp_path: Path) -> None:
    capture = inspector.open(SAMPLES / "refused.pcap")
    with pytest.raises(UsageError, match="one capture"):
        write_annotated(report_of_file(SAMPLES / "refused.pcap"), [capture, capture], tmp_path / "x.pcapng")
