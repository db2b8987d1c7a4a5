"""H7 reads the server's trace, so its cases are traces."""

from __future__ import annotations

import json
from pathlib import Path

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.trace_events import read_trace
from inspector.model.finding import Finding, Outcome
from inspector.rules import diagnose
from tests.rules.film import Film


def _request(number: int, count: int, *, cause: str | None = None) -> list[str]:
    conn = f"h7-{number}"
    statements = [{"sql": "SELECT a WHERE id = ?", "count": count, "ns": 9}, {"sql": "SELECT b", "count": 1, "ns": 9}]
    events = [
        {"e": "sql", "conn": conn, "cause": cause or conn, "queries": count + 1, "repeated": count - 1, "ns": 18}
        | {"statements": statements},
        {"e": "end", "conn": conn, "status": 200, "route": "rooms/", "view": "chat.views.rooms"},
    ]
    return [json.dumps({"v": 1, "t": number, "pid": 7, "seq": number} | event) for event in events]


def _judged(folder: Path, *lines: str) -> list[Finding]:
    film = Film()
    film.tcp().open(0.0).get(0.1).answer(0.2)
    trace = folder / "trace.jsonl"
    trace.write_text("\n".join(lines) + "\n")
    capture = inspector.open(film.write(folder / "a.pcap"))
    return [f for f in diagnose(Facts(capture, trace=read_trace(trace))).findings if f.rule == "H7"]


def test_fires_with_the_view_and_the_statement(tmp_path: Path) -> None:
    [finding] = _judged(tmp_path, *_request(1, 6), *_request(2, 21))
    assert finding.outcome is Outcome.WARN
    assert finding.time_ns == 1
    assert str(finding.fact) == (
        "chat.views.rooms ran SELECT a WHERE id = ? 21 times in one request, of 22 queries; seen in 2 requests"
    )


def test_silent_when_few_are_repeated_or_the_work_is_no_request(tmp_path: Path) -> None:
    assert _judged(tmp_path, *_request(1, 5)) == []
    assert _judged(tmp_path, *_request(1, 21, cause="c7-1.3")) == []


def test_an_event_with_other_fields_breaks_nothing(tmp_path: Path) -> None:
    odd = [line.replace('"count": 21', '"count": "many"') for line in _request(1, 21)]
    nothing = [line.replace('"statements"', '"others"') for line in _request(2, 21)]
    assert _judged(tmp_path, *odd, *nothing) == []
