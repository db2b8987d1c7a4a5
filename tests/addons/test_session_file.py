"""What of a session is written when: at once, when it turns out to be wanted, or never."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import inspector
from addons import session_file
from addons.session_file import CLIENT_LEG, SERVER_LEG, SessionFile
from inspector.model.ending import Ending
from inspector.model.grade import Grade
from inspector.model.proxy_note import NoteKind, ProxyNote
from inspector.recording.grades import connection_grades
from inspector.recording.proxy_notes import proxy_notes
from tests.tshark import require_tshark, tshark_rows

_TIME = 1_700_000_000_000_000_000
_CLIENT, _PROXY, _SERVER = ("192.0.2.1", 50000), ("192.0.2.2", 8080), ("192.0.2.3", 80)
_NOTE = ProxyNote(kind=NoteKind.DROPPED, time_ns=_TIME, leg="client", text="dropped")


def _connect(file: SessionFile, key: str, port: int, *, hold: bool = False, grade: Grade = Grade.TAPPED) -> None:
    leg = CLIENT_LEG if grade == Grade.TAPPED else SERVER_LEG
    file.connect(key, leg, ("192.0.2.1", port), _PROXY, (_TIME, _TIME), hold=hold, grade=grade)


def _read(path: Path) -> list[bytes]:
    capture = inspector.open(path)
    return [
        (stream := capture.stream(number, "client")).read(0, stream.end) for number in range(len(capture.connections))
    ]


def test_what_is_held_is_written_from_its_beginning_once_it_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "s.pcapng"
    file = SessionFile(path)
    for key, port in (("wanted", 1), ("unwanted", 2), ("undecided", 3)):
        _connect(file, key, port, hold=True)
        file.data(key, True, _TIME, key.encode())
        file.note(key, _NOTE)
    assert file.packets == 0
    file.keep("wanted")
    assert file.packets == 4  # the handshake, and what was sent
    file.data("wanted", True, _TIME, b" and more")
    file.keep("wanted")
    file.forget("unwanted")
    file.close()

    assert _read(path) == [b"wanted and more"]
    assert [note.kind for note in proxy_notes(inspector.open(path))] == [NoteKind.DROPPED]


def test_what_is_held_is_bounded_by_connection_and_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_file, "_MOST_HELD", 1000)
    monkeypatch.setattr(session_file, "_MOST_HELD_IN_ALL", 1500)
    path = tmp_path / "s.pcapng"
    file = SessionFile(path)
    for key, port in (("a", 1), ("b", 2)):
        _connect(file, key, port, hold=True)
        for _number in range(5):
            file.data(key, True, _TIME, b"x" * 260)
    file.forget("a")  # gives back what it held
    _connect(file, "c", 3, hold=True)
    file.data("c", True, _TIME, b"y" * 500)
    file.finish("b", True, _TIME)
    file.keep("b")
    file.keep("c")
    file.close()

    capture = inspector.open(path)
    first, third = (capture.stream(number, "client") for number in range(2))
    # 100 bytes of objects around each piece of 260: two fit into the 1,000 of b, and the rest is known to be missing.
    assert first.read(0, 520) == b"x" * 520
    assert first.gaps == [(520, 5 * 260)]
    assert third.read(0, third.end) == b"y" * 500


def test_exchanges_that_are_not_wanted_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "s.pcapng"
    file = SessionFile(path)
    _connect(file, "c", 1, hold=True)
    file.connect("s", SERVER_LEG, _PROXY, _SERVER, (_TIME, _TIME), hold=True, partner="c")
    for number, wanted in enumerate((False, False, True, False, True, False)):
        file.data("c", True, _TIME, b"GET /%d;" % number)
        if wanted:
            file.keep("c")
        file.data("s", True, _TIME, b"GET /%d;" % number)  # written with the client's leg
        assert file.holds("s") is not wanted
        file.data("s", False, _TIME, b"answer")
        file.data("c", False, _TIME, b"answer")
        file.over("c")
        file.over("s")
    file.data("c", True, _TIME, b"\0 is no request")
    for key in ("c", "s"):
        file.finish(key, True, _TIME)
        file.finish(key, False, _TIME)
        file.forget(key)
    file.close()

    assert _read(path) == [b"GET /2;GET /4;"] * 2
    capture = inspector.open(path)
    assert capture.connections.ending.tolist() == [Ending.CLOSED] * 2
    said = [text for number in sorted(capture.comments) for text in capture.comments[number]]
    assert sorted(text.rpartition(": ")[2] for text in said) == ["1", "1", "1", "1", "2", "2"]


def test_what_came_with_the_exchange_before_stays_with_it(tmp_path: Path) -> None:
    path = tmp_path / "s.pcapng"
    file = SessionFile(path)
    _connect(file, "pipelined", 1, hold=True)
    file.data("pipelined", True, _TIME, b"GET /1;GET /2;")
    file.keep("pipelined")
    file.over("pipelined")
    file.begins("pipelined")
    file.data("pipelined", True, _TIME, b"GET /3;")
    _connect(file, "tunnel", 2, hold=True)
    file.data("tunnel", True, _TIME, b"CONNECT ;")
    file.whole("tunnel")
    file.over("tunnel")
    file.data("tunnel", True, _TIME, b"GET /;")
    file.keep("tunnel")
    file.close()

    assert _read(path) == [b"GET /1;GET /2;GET /3;", b"CONNECT ;GET /;"]


def test_each_grade_has_its_interface(tmp_path: Path) -> None:
    path = tmp_path / "s.pcapng"
    file = SessionFile(path)
    _connect(file, "a", 1)
    _connect(file, "b", 2, grade=Grade.RECONSTRUCTED)
    _connect(file, "c", 3)
    file.close()

    capture = inspector.open(path)
    assert [i.name for i in capture.interfaces] == ["client leg", "server leg (reconstructed)"]
    assert connection_grades(capture).tolist() == [Grade.TAPPED, Grade.RECONSTRUCTED, Grade.TAPPED]


def test_remarks_and_resets_are_such_that_tshark_warns_of_nothing(tmp_path: Path) -> None:
    require_tshark()
    path = tmp_path / "s.pcapng"
    file = SessionFile(path)
    file.connect("a", SERVER_LEG, _CLIENT, _SERVER, (_TIME, _TIME))
    file.remark("a", True, _TIME, "of nothing: there is no packet for it")
    file.data("a", True, _TIME, b"dropped")
    file.remark("a", True, _TIME, "this was dropped")
    file.remark("a", True, _TIME, "said once")
    file.data("a", False, _TIME, b"answer", "changed")
    file.reset("a", False, _TIME, "aborted")
    file.reset("a", True, _TIME)
    file.data("a", True, _TIME, b"late")
    file.finish("a", True, _TIME)
    file.forget("a")
    file.data("a", True, _TIME, b"unknown")
    file.close()

    rows = tshark_rows(path, ["tcp.flags.reset", "tcp.len", "frame.comment"])
    assert rows[3:] == [["0", "7", ""], ["0", "0", "this was dropped"], ["0", "6", "changed"], ["1", "0", "aborted"]]
    assert tshark_rows(path, ["frame.number"], "tcp.analysis.flags or _ws.malformed") == []
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    words = ["tshark", "-n", "-r", str(path), *checks, "-Y", "tcp.checksum.status == 0"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == ""
    assert inspector.open(path).connections.ending.tolist() == [Ending.RESET]
