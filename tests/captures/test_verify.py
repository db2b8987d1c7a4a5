"""``inspector verify``: what is the same is counted, what is not is told, and nothing passes silently."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import inspector
from captures.comparison import columns, gather
from captures.comparison.gather import gather_units
from captures.comparison.http import our_http, our_http2
from captures.comparison.names import our_dns, our_tls
from captures.comparison.places import Places
from captures.comparison.reasons import explain
from captures.comparison.run import verify
from captures.comparison.unit import ONLY_OURS, ONLY_WIRESHARK, Unit, compare
from captures.opinion import WAYS
from captures.profile import Profile
from captures.programs import Program
from captures.pyshark_session import Pyshark
from inspector.analysis.fields import FIELDS, Field
from inspector.analysis.fields.table import columns_of_text
from inspector.cli import cli
from inspector.errors import ProgramError
from inspector.recording.capture import Capture
from inspector.wire.http2 import PREFACE
from tests.captures.asking import need_sharkd, usable_ways
from tests.conftest import SHARED_CAPTURES
from tests.tshark import require_tshark
from tests.websockets import KEY, Talk, frame, handshake, write_capture
from tools.verification import captures_in

_SOME = (
    "ws-permessage", "ws-ping-inside", "ws-binary", "ws-first", "h2-tls13-dsb", "h2c-continuation", "h2c-long", "http1-chunked",
    "http1-100", "tls12-renegotiation", "tls13", "tcp-gap", "link-ppp", "tunnel-gtp",
)  # fmt: skip
"""One capture of each kind; ``python -m tools.verification`` compares all, with their columns."""
_SHARED = [
    pytest.param(path, keys, id=path.name)
    for path, keys in (captures_in(SHARED_CAPTURES) if SHARED_CAPTURES.is_dir() else ())
    if path.name.startswith(_SOME)
]


def _chat(folder: Path) -> Path:
    talk = Talk()
    for from_client, data in zip((True, False), handshake(), strict=True):
        talk.say(from_client, data)
    talk.say(True, frame(1, "안녕".encode(), KEY)).say(False, frame(2, b"\0\1")).say(False, frame(8, b"\x03\xe8"))
    return write_capture(folder / "chat.pcap", talk.packets())


@pytest.mark.parametrize(("path", "keys"), _SHARED)
def test_messages_of_a_real_capture_are_those_of_wireshark(path: Path, keys: Path | None) -> None:
    require_tshark()
    need_sharkd()
    found = gather_units(inspector.open(path, keys=keys), way="sharkd", seconds=60)
    result = compare(found.ours, found.theirs)
    explain(found, result.differences)
    assert [(item.kind, item.field, item.packet) for item in result.differences if item.reason is None] == []


def test_protocols_that_share_a_port(tmp_path: Path) -> None:
    require_tshark()
    need_sharkd()
    http1 = Talk().say(True, b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n").say(False, b"HTTP/1.1 204 None\r\n\r\n")
    settings = bytes.fromhex("000000 04 00 00000000")
    http2 = Talk().say(True, PREFACE + settings).say(False, settings)
    packets = http1.packets(ports=(40001, 9009)) + http2.packets(ports=(40002, 9009))
    result = verify(inspector.open(write_capture(tmp_path / "port.pcap", packets)))
    assert result.comparison.differences == []
    assert (result.comparison.units["http.message"], result.comparison.units["http2.frame"]) == (2, 2)


def test_an_upgrade_of_which_one_side_was_captured(tmp_path: Path) -> None:
    require_tshark()
    need_sharkd()
    talk = Talk().say(False, handshake()[1]).say(False, frame(1, b"hello"))
    packets = [packet for packet in talk.packets() if packet[34:36] == (80).to_bytes(2, "big")]
    assert len(packets) >= 3
    assert verify(inspector.open(write_capture(tmp_path / "server.pcap", packets))).unexplained == []


def test_a_tshark_that_dies_is_an_error_and_no_empty_answer(tmp_path: Path) -> None:
    program = tmp_path / "tshark"
    program.write_text(
        "#!/bin/sh\nfor last; do :; done\ncase $last in *empty.pcap) exit 0;; esac\ncase $* in *fields*) kill -SEGV $$;; esac\n"
    )
    program.chmod(0o755)
    session = Pyshark(
        Program("tshark", str(program), "4.0.17"), _chat(tmp_path), Profile.plain(), 30.0, tmp_path, bytes, 8
    )
    with session, pytest.raises(ProgramError, match="signal 11"):
        session.matching("")


@pytest.mark.parametrize("way", WAYS)
def test_both_ways_agree_with_us(tmp_path: Path, way: str) -> None:
    require_tshark()
    usable_ways(way)
    result = verify(inspector.open(_chat(tmp_path)), way=way)
    assert result.comparison.differences == []
    units = dict(result.comparison.units)
    assert units == {"packet": 11, "websocket.frame": 3, "websocket.message": 2, "http.message": 2}


@pytest.mark.parametrize("name", ["h2-tls13-dsb.pcapng", "http1-chunked-gzip.pcap"])
def test_pyshark_gives_the_same_messages_on_real_captures(shared_captures: Path, name: str) -> None:
    require_tshark()
    usable_ways("pyshark")
    keys = dict(captures_in(shared_captures))[shared_captures / name]
    found = gather_units(inspector.open(shared_captures / name, keys=keys), way="pyshark", seconds=120)
    result = compare(found.ours, found.theirs)
    assert [(item.kind, item.field, item.packet) for item in result.differences] == []
    assert len(result.units) >= 1


def _wrong(name: str, unit: Unit) -> Unit:
    value = unit.values[name]
    if isinstance(value, bytes):
        value = value[:-1] + b"?"
    elif isinstance(value, int):
        value = value + 1
    else:
        value = (*(value if isinstance(value, tuple) else ()), "?")
    return replace(unit, values={**unit.values, name: value})


_SOURCES: dict[Callable[[Capture, Places], Iterator[Unit]], str] = {
    our_http: "http",
    our_http2: "http2",
    our_dns: "dns",
    our_tls: "tls",
}


@pytest.mark.parametrize(
    ("capture", "source", "kind", "name"),
    [
        ("http1-chunked-gzip.pcap", our_http, "http.message", "content"),
        ("http1-chunked-gzip.pcap", our_http, "http.message", "headers"),
        ("http1-chunked-gzip.pcap", our_http, "http.message", "first_line"),
        ("h2c-doh-post-many-streams.pcap", our_http2, "http2.fields", "fields"),
        ("h2c-doh-post-many-streams.pcap", our_http2, "http2.data", "data"),
        ("h2c-doh-post-many-streams.pcap", our_http2, "http2.frame", "flags"),
        ("link-ppp-gz.pcap.gz", our_dns, "dns.message", "answers"),
        ("link-ppp-gz.pcap.gz", our_dns, "dns.message", "rcode"),
        ("h2-tls13-dsb.pcapng", our_tls, "tls.client_hello", "server_name"),
        ("h2-tls13-dsb.pcapng", our_tls, "tls.server_hello", "cipher_suite"),
    ],
)
def test_a_wrong_value_of_ours_is_an_unexplained_difference(
    shared_captures: Path,
    monkeypatch: pytest.MonkeyPatch,
    capture: str,
    source: Callable[[Capture, Places], Iterator[Unit]],
    kind: str,
    name: str,
) -> None:
    require_tshark()
    need_sharkd()

    def wrong(opened: Capture, places: Places) -> Iterator[Unit]:
        for unit in source(opened, places):
            yield _wrong(name, unit) if unit.kind == kind and unit.values.get(name) is not None else unit

    monkeypatch.setattr(gather, f"our_{_SOURCES[source]}", wrong)
    found = gather_units(inspector.open(shared_captures / capture), way="sharkd", seconds=60)
    result = compare(found.ours, found.theirs)
    explain(found, result.differences)
    assert any(item.kind == kind for item in result.differences)
    assert all(item.reason is None for item in result.differences)


def test_a_message_that_we_miss_or_invent_is_told() -> None:
    one = Unit("http.message", (0, 0), 4, {"first_line": b"GET /"}, identity=("first_line",))
    two = Unit("http.message", (0, 0), 5, {"first_line": b"GET /2"}, identity=("first_line",))
    assert [item.field for item in compare([one], [one, two]).differences] == [ONLY_WIRESHARK]
    assert [item.field for item in compare([one, two], [one]).differences] == [ONLY_OURS]
    moved = replace(two, packet=6)
    assert [(item.field, item.ours, item.wireshark) for item in compare([one, two], [one, moved]).differences] == [
        ("packet", 5, 6)
    ]


def test_a_wrong_field_of_a_packet_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_tshark()
    need_sharkd()

    def wrong(capture: Capture, fields: list[Field], chosen: None) -> Iterator[list[list[str]]]:
        for window in columns_of_text(capture, fields, chosen):
            at = list(FIELDS).index("ip.ttl")
            window[at][2] = "63"
            yield window

    monkeypatch.setattr(columns, "columns_of_text", wrong)
    path = _chat(tmp_path)
    result = CliRunner().invoke(cli, ["verify", str(path)])
    assert result.exit_code == 1
    assert "packet 3  field  ip.ttl\n    Inspector: 63\n    Wireshark: 64" in result.output


def test_one_packet_less_is_told(tmp_path: Path) -> None:
    require_tshark()
    need_sharkd()
    path = _chat(tmp_path)
    capture = inspector.open(path)
    path.write_bytes(path.read_bytes()[:-80])
    found = columns.compare_columns(capture, seconds=60)
    assert [item.field for item in found.differences if item.field == "packets"] == ["packets"]


def test_json_and_exit_code(tmp_path: Path) -> None:
    require_tshark()
    need_sharkd()
    result = CliRunner().invoke(cli, ["verify", str(_chat(tmp_path)), "--json"])
    report = json.loads(result.output)
    assert result.exit_code == 0
    assert (report["schema"], report["unexplained"], report["differences"]) == ("verify/1", 0, [])
    assert {"kind": "websocket.message", "units": 2, "values": 6} in report["agreements"]


def test_standard_input_is_compared_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_tshark()
    need_sharkd()
    with _chat(tmp_path).open("rb") as file:
        monkeypatch.setattr("sys.stdin", file)
        monkeypatch.setattr("sys.stdin.buffer", file, raising=False)
        capture = inspector.open(tmp_path / "chat.pcap")
        capture.name = "standard input"
        assert verify(capture).unexplained == []
