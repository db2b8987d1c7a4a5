"""The verdict: whose fault, how sure, by which packets; no side is said to be well that was not seen."""

from __future__ import annotations

import ssl
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import inspector
from inspector.analysis import deliveries
from inspector.analysis.facts import Facts
from inspector.model.finding import Confidence, Evidence, Finding, Outcome, Severity, Side, Text
from inspector.model.grade import Grade
from inspector.report.build import build_report
from inspector.report.text import render_text
from inspector.rules import Diagnosis, diagnose
from inspector.rules.run import Run
from inspector.rules.verdict import Verdict, not_examined, reach_verdict
from tests.blocks import custom, epb, idb, shb
from tests.packets import ACK, PSH, RST, SYN, ethernet, ipv4, pcap, tcp_packet, udp
from tests.report.samples import SAMPLES
from tests.rules.channels_film import room
from tests.rules.film import CLIENT, SERVER, Film
from tests.tls_session import talk as tls_talk
from tests.websockets import Talk, write_capture

_ARP = b"\xff" * 6 + b"\2" * 6 + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + bytes(20)
_ALL_OK = {"client": "ok", "network": "ok", "proxy": "ok", "server": "ok", "application": "ok"}


def _diagnosed(path: Path) -> Diagnosis:
    return diagnose(Facts(inspector.open(path)))


def _sides(diagnosis: Diagnosis) -> dict[str, str]:
    return {side.value: state for side, state in diagnosis.verdict.sides}


@pytest.mark.parametrize(("packets", "undecoded"), [([_ARP] * 3, 0), ([b""] * 4, 4), ([_ARP[:14] + b"\1"] * 2, 2)])
def test_a_capture_without_any_conversation_is_not_said_to_be_well(
    tmp_path: Path, packets: list[bytes], undecoded: int
) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(packets))
    diagnosis = _diagnosed(path)
    assert diagnosis.verdict.confidence is Confidence.UNCLEAR
    assert set(_sides(diagnosis).values()) == {"unknown"}
    assert [(item.what, item.count) for item in diagnosis.not_examined] == [("undecoded_packets", undecoded)] * (
        undecoded > 0
    )
    report = build_report(inspector.open(path))
    assert report["verdict"]["state"] == "undecided"
    assert render_text(report).splitlines()[1].startswith("?  The capture holds nothing that could be judged")


def test_a_link_layer_that_is_not_decoded_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([b"usb" * 30] * 5, link_type=189))
    assert [(item.what, item.count) for item in _diagnosed(path).not_examined] == [("undecoded_packets", 5)]
    path.write_bytes(shb() + idb() + epb(_ARP) + custom(b"no packet, and counted as one"))
    assert not _diagnosed(path).not_examined


def test_of_requests_that_nobody_answered_nobody_is_said_to_be_well(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(tcp_packet("10.0.0.1", "10.0.0.2", (2000 + n, 80), n, 0, SYN) for n in range(30)))
    diagnosis = _diagnosed(path)
    sides = _sides(diagnosis)
    assert sides == _ALL_OK | dict.fromkeys(("network", "server", "application"), "unknown")
    assert diagnosis.verdict.confidence is Confidence.LIKELY
    assert [(item.what, item.count) for item in diagnosis.not_examined] == [("unanswered", 30)]
    path.write_bytes(pcap(tcp_packet("10.0.0.1", "10.0.0.2", (2000, 80), 5, 0, SYN) for _ in range(3)))
    assert not _diagnosed(path).not_examined  # sent again: that is a finding


def test_the_application_is_well_only_where_it_was_understood(tmp_path: Path) -> None:
    unknown = Talk().say(True, b"\1\2\3 what is this").say(False, b"\4\5\6")
    http = Talk().say(True, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    http.say(False, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    for talk, state in ((unknown, "unknown"), (http, "ok")):
        sides = _sides(_diagnosed(write_capture(tmp_path / "x.pcap", talk.packets())))
        assert (sides["server"], sides["application"]) == ("ok", state)
    refused = tmp_path / "refused.pcap"
    asked = tcp_packet("10.0.0.1", "10.0.0.2", (2000, 80), 5, 0, SYN)
    refused.write_bytes(pcap([asked, tcp_packet("10.0.0.2", "10.0.0.1", (80, 2000), 0, 6, RST | ACK)]))
    assert _sides(_diagnosed(refused)) == {
        "client": "ok", "network": "ok", "proxy": "ok", "server": "fault", "application": "unknown",
    }  # fmt: skip


def test_a_name_that_does_not_exist_is_a_warning_that_the_verdict_tells() -> None:
    assert str(_diagnosed(SAMPLES / "dns.pcapng").verdict.sentence).startswith("Nothing failed; the warnings below")


def test_of_several_captures_the_one_that_told_least_decides_what_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([_ARP]))
    report = build_report([inspector.open(SAMPLES / "tcp-handshake.pcapng"), inspector.open(path)])
    assert (report["verdict"]["source"], report["verdict"]["confidence"]) == (1, "unclear")


# --- findings, put together ---------------------------------------------------------------------------------------------


def _facts(path: Path, script: Callable[[Film], object] | None = None) -> Facts:
    film = Film()
    (script or _sound)(film)
    return Facts(inspector.open(film.write(path / "a.pcap")))


def _sound(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2).fin(0.3, False)


def _recorded(film: Film) -> None:
    film.grade = Grade.TAPPED
    _sound(film)


def _with_drops(film: Film) -> None:
    tcp = film.tcp().open(0.0).get(0.1)
    tcp.packet(0.2, True, ACK, ack=tcp.seq[False] + 1000)


def _one_side(film: Film) -> None:
    tcp = film.tcp()
    for number in range(4):
        tcp.packet(number * 0.1, True, PSH | ACK, b"abc", ack=6000 + 100 * number)
        tcp.seq[True] += 3


def _cut(film: Film) -> None:
    _sound(film)
    at, packet, length = film.packets[3]
    film.packets[3] = (at, packet[:60], length)


def _finding(rule: str = "A", outcome: Outcome = Outcome.FAIL, **fields: object) -> Finding:
    severity = Severity.ERROR if outcome is Outcome.FAIL else Severity.WARNING
    start = {"severity": severity, "title": Text(f"title {rule}"), "connections": (0,), "side": Side.SERVER}
    return Finding(rule=rule, outcome=outcome, **(start | fields))  # type: ignore[arg-type]


def _reach(facts: Facts, *findings: Finding) -> Verdict:
    return reach_verdict(facts, Run((), findings))


def _known(verdict: Verdict) -> dict[str, str]:
    return {side.value: known for side, known in verdict.sides}


# --- failures ----------------------------------------------------------------------------------------------------------


def test_the_first_failure_names_the_side_and_all_failures_decide(tmp_path: Path) -> None:
    evidence = tuple(Evidence(number) for number in (3, 3, 1, 4, 5, 6, 7))
    verdict = _reach(
        _facts(tmp_path),
        _finding("A", fact=Text("fact A"), evidence=evidence, refute=Text("refute A")),
        _finding("B", side=Side.CLIENT),
        _finding("A"),
        _finding("C", Outcome.WARN, side=Side.PROXY),
        _finding("D", Outcome.UNDECIDABLE, side=Side.APPLICATION, why=Text("why D")),
    )
    assert (verdict.side, str(verdict.sentence), verdict.confidence) == (Side.SERVER, "fact A", Confidence.CERTAIN)
    assert (verdict.because, verdict.packets, str(verdict.refute)) == (("A", "B"), (3, 1, 4, 5, 6), "refute A")
    assert _known(verdict) == _ALL_OK | {"server": "fault", "client": "fault"}
    assert str(verdict.settle) == "why D"


def test_a_failure_without_a_fact_is_told_by_its_title(tmp_path: Path) -> None:
    assert str(_reach(_facts(tmp_path), _finding("A")).sentence) == "title A"


@pytest.mark.parametrize(
    ("script", "before", "after"),
    [
        (_sound, Confidence.CERTAIN, Confidence.CERTAIN),
        (_with_drops, Confidence.CERTAIN, Confidence.LIKELY),
        (_with_drops, Confidence.LIKELY, Confidence.LIKELY),
        (_with_drops, Confidence.UNCLEAR, Confidence.UNCLEAR),
    ],
)
def test_what_the_capture_hides_lowers_certainty(
    tmp_path: Path, script: Callable[[Film], None], before: Confidence, after: Confidence
) -> None:
    assert _reach(_facts(tmp_path, script), _finding(confidence=before)).confidence is after


def test_what_would_settle_a_failure(tmp_path: Path) -> None:
    undecided = _finding("B", Outcome.UNDECIDABLE, why=Text("why B"))
    sound, hiding = _facts(tmp_path), _facts(tmp_path, _with_drops)
    hidden = "A capture without dropped packets would settle it."
    assert str(_reach(hiding, _finding(why=Text("why A")), undecided).settle) == "why A"
    assert str(_reach(hiding, _finding(), undecided).settle) == hidden
    assert str(_reach(sound, _finding(), undecided).settle) == "why B"
    assert not _reach(sound, _finding()).settle.message


def test_a_recording_of_a_proxy_says_nothing_of_the_network(tmp_path: Path) -> None:
    facts = _facts(tmp_path, _recorded)
    assert _known(_reach(facts, _finding())) == _ALL_OK | {"server": "fault", "network": "unknown"}
    assert _known(_reach(facts)) == _ALL_OK | {"network": "unknown"}


def _asks_for_a_name(film: Film) -> None:
    question = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + b"\4chat\0\0\1\0\1"
    film.add(0.0, ethernet(ipv4(udp(question, (40000, 53)), CLIENT, SERVER, 17)))


def _asks_and_is_recorded(film: Film) -> None:
    film.grade = Grade.TAPPED
    _asks_for_a_name(film)
    film.tcp().open(0.1).say(0.2, True, b"x").say(0.3, False, b"y")


def _asks_and_talks(film: Film) -> None:
    _asks_for_a_name(film)
    film.tcp().open(0.1).say(0.2, True, b"x").say(0.3, False, b"y")


@pytest.mark.parametrize(
    ("script", "unknown"),
    [(_asks_for_a_name, []), (_asks_and_talks, []), (_asks_and_is_recorded, ["network"])],
)
def test_a_lookup_shows_all_sides_and_the_network_where_its_packets_are_real(
    tmp_path: Path, script: Callable[[Film], None], unknown: list[str]
) -> None:
    assert _known(_reach(_facts(tmp_path, script))) == _ALL_OK | dict.fromkeys(unknown, "unknown")


def test_a_socket_whose_handshake_was_not_captured_shows_the_application(tmp_path: Path) -> None:
    def script(film: Film) -> None:
        tcp = film.tcp()
        for number in range(4):
            tcp.text(0.1 + number * 0.2, True, "hello").text(0.2 + number * 0.2, False, "hello")

    facts = _facts(tmp_path, script)
    assert not facts.exchanges
    assert _known(_reach(facts)) == _ALL_OK


# --- nothing failed ----------------------------------------------------------------------------------------------------


def test_what_cannot_be_decided_accuses_nobody_for_certain(tmp_path: Path) -> None:
    facts = _facts(tmp_path)
    note = _finding("A", Outcome.UNDECIDABLE, severity=Severity.INFO, side=Side.CLIENT)
    told = _finding("B", Outcome.UNDECIDABLE, fact=Text("fact B"), why=Text("why B"), refute=Text("refute B"))
    verdict = _reach(facts, note, told, _finding("C", Outcome.WARN, side=Side.PROXY))
    assert (verdict.side, str(verdict.sentence), verdict.confidence) == (Side.SERVER, "fact B", Confidence.UNCLEAR)
    assert (verdict.because, str(verdict.settle), str(verdict.refute)) == (("B",), "why B", "refute B")
    assert _known(verdict) == _ALL_OK | {"server": "unknown"}
    untold = _reach(facts, _finding("B", Outcome.UNDECIDABLE, side=Side.UNKNOWN))
    assert str(untold.sentence) == "Something went wrong, and this capture cannot tell what."
    assert _known(untold) == dict.fromkeys(_ALL_OK, "unknown")


def test_warnings_deserve_a_look_and_notes_do_not(tmp_path: Path) -> None:
    facts = _facts(tmp_path)
    warned = _reach(facts, _finding("A", Outcome.WARN), _finding("B", Outcome.WARN), _finding("A", Outcome.WARN))
    assert (warned.side, warned.because) == (Side.NOBODY, ("A", "B"))
    assert str(warned.sentence) == "Nothing failed; the warnings below deserve a look."
    assert _reach(facts, _finding("A", Outcome.WARN, side=Side.NOBODY)).because == ("A",)
    assert _reach(facts, _finding("D1", Outcome.WARN, connections=())).because == ("D1",)
    well = _reach(
        facts,
        _finding("A", Outcome.WARN, severity=Severity.INFO),
        _finding("T4", Outcome.WARN, connections=(), side=Side.NOBODY),
        _finding("B", Outcome.UNDECIDABLE, severity=Severity.INFO),
    )
    assert (str(well.sentence), well.because, well.confidence) == ("Nothing wrong was found.", (), Confidence.CERTAIN)
    assert _known(well) == _ALL_OK


def test_a_capture_without_packets(tmp_path: Path) -> None:
    verdict = _reach(_facts(tmp_path, lambda film: None))
    assert (str(verdict.sentence), verdict.sides) == ("The capture holds no packets.", ())


@pytest.mark.parametrize(
    ("script", "settle"),
    [
        (_with_drops, "A capture without dropped packets would settle it."),
        (_one_side, "A capture of both directions would settle it."),
        (_cut, ""),
    ],
)
def test_nothing_found_is_less_than_certain_where_something_was_not_seen(
    tmp_path: Path, script: Callable[[Film], None], settle: str
) -> None:
    verdict = _reach(_facts(tmp_path, script))
    assert (verdict.confidence, str(verdict.settle)) == (Confidence.LIKELY, settle)


# --- what was not examined ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (_sound, []),
        (_with_drops, []),
        (_cut, [("cut_packets", 1)]),
        (_one_side, [("one_direction", 1)]),
        (_recorded, [("network_not_seen", 1)]),
    ],
)
def test_what_was_not_examined(tmp_path: Path, script: Callable[[Film], None], told: list[tuple[str, int]]) -> None:
    assert [(item.what, item.count) for item in not_examined(_facts(tmp_path, script))] == told


def test_tls_that_was_not_decrypted_is_named_by_its_reason(tmp_path: Path) -> None:
    session = tls_talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, [(True, b"hello"), (False, b"hello")])

    def script(film: Film) -> None:
        _sound(film)
        for start in (1.0, 2.0):
            tcp = film.tcp(443).open(start)
            for number, (from_client, data) in enumerate(session.crossed):
                tcp.say(start + 0.1 + number * 0.1, from_client, data)

    [item] = not_examined(_facts(tmp_path, script))
    assert (item.what, item.connections, item.count) == ("tls_no_keys", (1, 2), 2)


def test_rooms_too_large_to_compare_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "MOST_MESSAGES", 1)

    def script(film: Film) -> None:
        for member in room(film, 2):
            member.text(1.0, False, "hello")

    [item] = not_examined(_facts(tmp_path, script))
    assert (item.what, item.count) == ("large_rooms", 2)
