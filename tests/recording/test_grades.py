"""Connections have the grade of the interface that saw them; summary and connections tell it."""

from __future__ import annotations

import json
from pathlib import Path

import inspector
from inspector.model.grade import Grade, grade_comment
from inspector.recording.grades import connection_grades
from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter
from inspector.report.connections import list_connections
from inspector.report.summary import render_summary, summarize
from tests.packets import pcap, tcp_packet


def test_of_interfaces_connections_and_reports(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    with PcapngWriter(path) as writer:
        for grade in (Grade.RECONSTRUCTED, Grade.CAPTURED, Grade.TAPPED):
            comments = () if grade == Grade.CAPTURED else (grade_comment(grade, "Why."),)
            number = writer.add_interface(Interface(link_type=1, snaplen=0, comments=comments))
            packet = tcp_packet("192.0.2.1", "192.0.2.2", (5000 + number, 80), 1, 0, flags=2)
            writer.write_packet(number, number, packet)
    capture = inspector.open(path)

    expected = [Grade.RECONSTRUCTED, Grade.CAPTURED, Grade.TAPPED]
    assert [interface.grade for interface in capture.interfaces] == expected
    assert connection_grades(capture).tolist() == expected
    rows = [json.loads(line) for line in list_connections(capture).json_lines()]
    assert [row["grade"] for row in rows] == ["reconstructed", "captured", "tapped"]
    summary = summarize(capture)
    assert [row["grade"] for row in summary["interfaces"]] == ["reconstructed", "captured", "tapped"]
    text = render_summary(summary)
    assert text.count("tapped: ") == text.count("reconstructed: ") == 1


def test_of_a_capture_without_connections(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([]))
    assert connection_grades(inspector.open(path)).tolist() == []
