"""The two-leg ledger, on recordings made frame by frame: what is known to differ is told, and nothing else."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

import inspector
from addons.session_file import CLIENT_LEG, SERVER_LEG, SessionFile
from inspector.analysis.leg_exchanges import ExchangePair, exchange_pairs
from inspector.analysis.leg_frames import CloseStory, LedgerRow, close_story, ledger
from inspector.analysis.sessions import Session, read_sessions, socket_pairs
from inspector.errors import NotObservable
from inspector.model.proxy_note import NoteKind, ProxyNote
from inspector.recording.http import http_exchanges
from inspector.recording.websockets import read_websockets
from tests.websockets import KEY, compress, frame, handshake

_OTHER = b"\x01\x02\x03\x04"
_CLIENT = (("192.0.2.1", 40000), ("192.0.2.9", 8080))
_SERVER = (("192.0.2.9", 50000), ("192.0.2.2", 80))
_MS = 1_000_000


class _Film:
    """A proxied session, written as the recorder writes it; every step is a millisecond later."""

    def __init__(self, folder: Path, *, notes: bool = True) -> None:
        self.path = folder / "session.pcapng"
        self.file = SessionFile(self.path)
        self.now = 1_700_000_000_000_000_000
        self.file.connect("c", CLIENT_LEG, *_CLIENT, (self.now, self.now))
        self.file.connect("s", SERVER_LEG, *_SERVER, (self.now, self.now))
        if notes:
            self.file.note("s", ProxyNote(kind=NoteKind.OPENED, time_ns=self.now, leg="server", client=_SERVER[0],
                                          server=_SERVER[1], other_client=_CLIENT[0], other_server=_CLIENT[1]))  # fmt: skip

    def say(self, leg: str, from_client: bool, data: bytes) -> _Film:
        self.now += _MS
        self.file.data(leg, from_client, self.now, data)
        return self

    def to_server(self, came: bytes | None, went: bytes | None) -> _Film:
        if came is not None:
            self.say("c", True, came)
        return self.say("s", True, went) if went is not None else self

    def to_client(self, came: bytes | None, went: bytes | None) -> _Film:
        if came is not None:
            self.say("s", False, came)
        return self.say("c", False, went) if went is not None else self

    def shake(self, extensions: str | None = None) -> _Film:
        asked, given = handshake(extensions, extensions)
        return self.to_server(asked, asked).to_client(given, given)

    def end(self, leg: str, from_client: bool) -> _Film:
        self.now += _MS
        self.file.finish(leg, from_client, self.now)
        return self

    def exchanges(self) -> list[ExchangePair]:
        self.file.close()
        capture = inspector.open(self.path)
        [session] = read_sessions(capture, read_websockets(capture))
        return exchange_pairs(session, http_exchanges(capture))

    def socket(self) -> tuple[list[LedgerRow], CloseStory]:
        self.file.close()
        capture = inspector.open(self.path)
        websockets = read_websockets(capture)
        [session] = read_sessions(capture, websockets)
        [(ours, theirs)] = socket_pairs(websockets, session)
        assert ours is not None
        assert theirs is not None
        return ledger(websockets, ours, theirs), close_story(websockets, ours, theirs)


def _told(rows: list[LedgerRow]) -> list[tuple[str, int, tuple[str, ...] | str]]:
    return [
        (
            ">" if row.from_client else "<",
            row.opcode,
            row.differences if row.came and row.went else "-" if row.came else "+",
        )
        for row in rows
    ]


def test_messages_that_pass_differ_by_their_masks_only(tmp_path: Path) -> None:
    film = _Film(tmp_path).shake()
    film.to_server(frame(1, b"one", KEY), frame(1, b"one", _OTHER)).to_client(frame(2, b"two"), frame(2, b"two"))
    rows, story = film.socket()
    assert _told(rows) == [(">", 1, ("mask",)), ("<", 2, ())]
    assert rows[0].delay_ns == rows[1].delay_ns == _MS
    assert rows[0].came is not None
    assert rows[0].came.masking_keys == (int.from_bytes(KEY, "big"),)
    assert story.cause is None


def test_dropped_injected_and_changed_messages(tmp_path: Path) -> None:
    film = _Film(tmp_path).shake()
    film.to_client(frame(1, b"a"), frame(1, b"a")).to_client(frame(1, b"dropped"), None)
    film.to_client(frame(1, b"b"), frame(1, b"b")).to_client(None, frame(2, b"injected"))
    film.to_client(frame(1, b"c"), frame(1, b"c")).to_client(frame(1, b"before"), frame(1, b"after"))
    film.to_client(frame(1, b"d"), frame(1, b"d"))
    rows, _story = film.socket()
    assert _told(rows) == [
        ("<", 1, ()), ("<", 1, "-"), ("<", 1, ()), ("<", 2, "+"), ("<", 1, ()), ("<", 1, ("content",)), ("<", 1, ()),
    ]  # fmt: skip


def test_fragments_and_a_ping_that_overtakes(tmp_path: Path) -> None:
    film = _Film(tmp_path).shake()
    film.to_server(frame(1, b"ab", KEY, fin=False), None)
    film.to_server(frame(9, b"p", KEY), frame(9, b"p", KEY))
    film.to_server(frame(0, b"c", KEY), frame(1, b"a", KEY, fin=False) + frame(0, b"bc", KEY))
    film.to_client(frame(1, b"x", fin=False) + frame(0, b"y"), frame(1, b"xy"))
    rows, _story = film.socket()
    assert _told(rows) == [(">", 1, ("fragments",)), (">", 9, ("moved",)), ("<", 1, ("fragments",))]
    assert rows[0].came is not None
    assert rows[0].went is not None
    assert (rows[0].came.frames, rows[0].went.frames) == ((2, 1), (1, 2))


def test_compression(tmp_path: Path) -> None:
    film = _Film(tmp_path).shake("permessage-deflate")
    ours, theirs = zlib.compressobj(9, wbits=-15), zlib.compressobj(0, wbits=-15)
    text = b"abcabcabcabcabc"
    packed, stored = compress(ours, text), compress(theirs, text)
    assert len(packed) != len(stored)
    film.to_server(frame(1, packed, KEY, rsv=4), frame(1, stored, KEY, rsv=4))
    film.to_server(frame(1, b"plain", KEY), frame(1, compress(theirs, b"plain"), KEY, rsv=4))
    film.to_client(frame(1, compress(zlib.compressobj(wbits=-15), b"x"), rsv=4), frame(1, b"x"))
    rows, _story = film.socket()
    assert _told(rows) == [(">", 1, ("recompressed",)), (">", 1, ("compressed",)), ("<", 1, ("inflated",))]


@pytest.mark.parametrize("peer", ["client", "server"])
def test_a_close_that_is_passed_on(tmp_path: Path, peer: str) -> None:
    film, code = _Film(tmp_path).shake(), b"\x0f\xa1why"
    if peer == "client":
        film.to_server(frame(8, code, KEY), frame(8, code, _OTHER)).to_client(None, frame(8, code))
    else:
        film.say("s", False, frame(8, code)).say("s", True, frame(8, code, KEY)).say("c", False, frame(8, code))
    _rows, story = film.socket()
    assert (story.cause, story.how) == (peer, "close")
    said = story.said(peer)
    assert said is not None
    assert (said.code, said.reason) == (4001, b"why")


@pytest.mark.parametrize("peer", ["client", "server"])
def test_an_abort_that_became_a_close(tmp_path: Path, peer: str) -> None:
    film = _Film(tmp_path).shake()
    if peer == "client":
        film.end("c", True).say("s", True, frame(8, b"\x03\xe8", KEY)).end("s", True)
    else:
        film.end("s", False).say("c", False, frame(8, b"\x03\xe8")).end("c", False)
    rows, story = film.socket()
    other = "server" if peer == "client" else "client"
    assert (story.cause, story.how) == (peer, "no_close")
    told = story.told(other)
    assert told is not None
    assert told.code == 1000
    assert _told(rows) == [(">" if peer == "client" else "<", 8, "+")]


def test_a_fault_for_which_the_proxy_closes(tmp_path: Path) -> None:
    film = _Film(tmp_path).shake()
    film.say("c", True, frame(1, b"unmasked")).say("s", True, frame(8, b"\x03\xea", KEY)).say(
        "c", False, frame(8, b"\x03\xea")
    )
    rows, story = film.socket()
    assert (story.cause, story.how, story.faults) == ("proxy", "fault", [("client", "ws.unmasked_client_frame")])
    assert _told(rows) == [(">", 1, "-"), (">", 8, "+"), ("<", 8, "+")]


def test_many_messages_between_changes_are_aligned_in_time(tmp_path: Path) -> None:
    film = _Film(tmp_path).shake()
    for number in range(5000):
        data = frame(1, b"%d" % number)
        film.to_client(data, None if number in (10, 4900) else data)
    rows, _story = film.socket()
    assert len(rows) == 5000
    assert sum(row.went is None for row in rows) == 2


def test_exchanges(tmp_path: Path) -> None:
    film = _Film(tmp_path)
    film.to_server(
        b"POST http://h/a?x=1 HTTP/1.1\r\nHost: h\r\nVia: x\r\nContent-Length: 2\r\n\r\nhi",
        b"POST /a?x=1 HTTP/1.1\r\nHost: other\r\nX-New: 1\r\nContent-Length: 3\r\n\r\nhi!",
    ).to_client(
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 201 Created\r\nSet-Cookie: a\r\nContent-Length: 2\r\n\r\nok",
    )
    [pair] = film.exchanges()
    assert [(d.message, d.code, d.name, d.came, d.went) for d in pair.differences] == [
        ("request", "header_changed", "content-length", b"2", b"3"),
        ("request", "header_changed", "host", b"h", b"other"),
        ("request", "header_removed", "via", b"x", None),
        ("request", "header_added", "x-new", None, b"1"),
        ("request", "body_changed", "", b"2", b"3"),
        ("response", "status", "", b"200", b"201"),
        ("response", "header_changed", "set-cookie", b"a\nb", b"a"),
    ]
    assert (pair.request_delay_ns, pair.response_delay_ns) == (_MS, _MS)


def test_an_answer_of_the_proxys_own_and_a_body_encoded_otherwise(tmp_path: Path) -> None:
    film = _Film(tmp_path)
    film.to_server(b"GET /own HTTP/1.1\r\nHost: h\r\n\r\n", None)
    film.to_client(None, b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
    film.to_server(*[b"GET /b HTTP/1.1\r\nHost: h\r\n\r\n"] * 2)
    packed = zlib.compress(b"hello")
    film.to_client(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: %d\r\n\r\n%b" % (len(packed), packed),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    )
    own, other = film.exchanges()
    assert own.client is not None
    assert own.server is None
    assert [d.code for d in other.differences] == ["header_removed", "header_changed", "body_reencoded"]


def test_legs_without_notes_are_joined_by_the_key(tmp_path: Path) -> None:
    film = _Film(tmp_path, notes=False).shake()
    film.to_server(frame(1, b"one", KEY), frame(1, b"one", _OTHER))
    assert _told(film.socket()[0]) == [(">", 1, ("mask",))]


def test_a_capture_without_legs_says_so(tmp_path: Path) -> None:
    film = _Film(tmp_path, notes=False)
    film.to_server(*[b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"] * 2)
    film.file.close()
    capture = inspector.open(film.path)
    with pytest.raises(NotObservable, match="no two legs"):
        read_sessions(capture, read_websockets(capture))


def test_ports_that_are_used_again_are_told_by_time(tmp_path: Path) -> None:
    film = _Film(tmp_path).shake()
    for key in ("c", "s"):
        for from_client in (True, False):
            film.end(key, from_client)
        film.file.forget(key)
    film.now += 10**9
    film.file.connect("c", CLIENT_LEG, *_CLIENT, (film.now, film.now))
    film.file.connect("s", SERVER_LEG, *_SERVER, (film.now, film.now))
    film.file.note("s", ProxyNote(kind=NoteKind.OPENED, time_ns=film.now, leg="server", client=_SERVER[0],
                                  server=_SERVER[1], other_client=_CLIENT[0], other_server=_CLIENT[1]))  # fmt: skip
    film.shake()
    film.file.close()
    capture = inspector.open(film.path)
    sessions = read_sessions(capture, read_websockets(capture))
    assert [(session.client_leg, session.server_legs) for session in sessions] == [(0, [1]), (2, [3])]
    assert isinstance(sessions[0], Session)
