"""What rules that read the server's trace say without one, and how a trace is read."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.trace_events import read_trace
from inspector.errors import CaptureError
from inspector.model.finding import Outcome
from inspector.rules import diagnose
from tests.rules.film import Film


def test_without_a_trace_it_does_not_apply(tmp_path: Path) -> None:
    film = Film()
    film.tcp().socket(0.0)
    results = diagnose(Facts(inspector.open(film.write(tmp_path / "a.pcap")))).results
    [result] = [r for r in results if r.rule.id == "F24"]
    assert result.outcome is Outcome.NOT_APPLICABLE
    assert "--trace" in str(result.why)


def test_lines_that_are_no_events_are_counted_and_a_file_of_them_is_refused(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    trace.write_text(
        '{"v": 1, "e": "end", "t": 3, "pid": 7, "seq": 3, "conn": "x"}'
        + "\nnot json\n[1]\n"
        + '{"v": 2, "e": "end", "t": 1, "pid": 1, "seq": 1}\n'
    )
    read = read_trace(trace)
    assert (len(read.events), read.unreadable) == (1, 3)
    trace.write_text("not json\n")
    with pytest.raises(CaptureError):
        read_trace(trace)
