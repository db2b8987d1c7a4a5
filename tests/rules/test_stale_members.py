"""F24 reads the server's trace, so its cases are traces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.trace_events import read_trace
from inspector.errors import CaptureError
from inspector.model.finding import Finding, Outcome
from inspector.rules import diagnose
from tests.rules.film import Film


def _event(kind: str, t: int, **fields: object) -> str:
    return json.dumps({"v": 1, "e": kind, "t": t, "pid": 7, "seq": t, **fields})


def _judged(folder: Path, *lines: str) -> list[Finding]:
    film = Film()
    film.tcp().socket(0.0)
    trace = folder / "trace.jsonl"
    trace.write_text("\n".join(lines) + "\n")
    capture = inspector.open(film.write(folder / "a.pcap"))
    return [f for f in diagnose(Facts(capture, trace=read_trace(trace))).findings if f.rule == "F24"]


_JOINED = _event("group_add", 1, group="room", channel="c1", conn="x")
_LEFT = _event("group_discard", 2, group="room", channel="c1", conn="x")
_ENDED = _event("end", 3, conn="x")


def test_fires_when_a_channel_ended_and_was_never_taken_out(tmp_path: Path) -> None:
    [finding] = _judged(tmp_path, _JOINED, _ENDED)
    assert finding.outcome is Outcome.WARN
    assert str(finding.fact) == "Group room: 1 channels ended and were never taken out of it"


def test_silent_when_it_was_taken_out_or_still_lives(tmp_path: Path) -> None:
    assert _judged(tmp_path, _JOINED, _LEFT, _ENDED) == []
    assert _judged(tmp_path, _JOINED) == []


def test_without_a_trace_it_does_not_apply(tmp_path: Path) -> None:
    film = Film()
    film.tcp().socket(0.0)
    results = diagnose(Facts(inspector.open(film.write(tmp_path / "a.pcap")))).results
    [result] = [r for r in results if r.rule.id == "F24"]
    assert result.outcome is Outcome.NOT_APPLICABLE
    assert "--trace" in str(result.why)


def test_lines_that_are_no_events_are_counted_and_a_file_of_them_is_refused(tmp_path: Path) -> None:
    trace = tmp_path / "trace.jsonl"
    trace.write_text(_ENDED + "\nnot json\n[1]\n" + '{"v": 2, "e": "end", "t": 1, "pid": 1, "seq": 1}\n')
    read = read_trace(trace)
    assert (len(read.events), read.unreadable) == (1, 3)
    trace.write_text("not json\n")
    with pytest.raises(CaptureError):
        read_trace(trace)
