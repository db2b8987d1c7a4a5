"""The report as Markdown: what a ticket needs to be checked by somebody else."""

from __future__ import annotations

from inspector.report.markdown import render_markdown
from tests.report.samples import SAMPLES, report_of_file


def test_times_are_those_of_the_servers_log() -> None:
    """frame.time of packets 1 and 12 in tshark -t ud: a ticket that has only seconds since the first packet finds no line
    of a log."""
    lines = render_markdown(report_of_file(SAMPLES / "close-1011.pcapng")).splitlines()
    assert next(line for line in lines if "SHA-256" in line).endswith(", 2026-11-21 14:41:49.641 UTC, 923 ms")
    assert next(line for line in lines if "**F12**" in line).endswith("; 2026-11-21 14:41:49.675 UTC")


def test_bytes_stand_in_rows_of_sixteen_so_that_their_offsets_can_be_read() -> None:
    lines = render_markdown(report_of_file(SAMPLES / "close-1011.pcapng")).splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip().startswith("packet 12,"))
    rows = [line.strip()[:53].split() for line in lines[start + 1 : start + 4]]
    assert [row[0] for row in rows] == ["0022", "0032", "0042"]
    assert [len(row) for row in rows] == [17, 17, 17]
