"""Wireshark is asked about a packet: the same answer each way, in the capture's numbers, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import inspector
from captures import excerpt
from captures.opinion import WAYS, Opinion, second_opinion
from captures.tree import UNKNOWN_SOURCE, Dissected, Item
from inspector.errors import ProgramError, UsageError
from inspector.recording.capture import Capture
from tests.captures.asking import left_behind, need_sharkd, stand_in, usable_ways
from tests.packets import pcap, tcp_packet, udp
from tests.websockets import CLIENT, KEY, SERVER, Talk, frame, handshake, write_capture


def _chat(folder: Path, text: bytes = b"hello") -> Path:
    talk = Talk()
    for from_client, data in zip((True, False), handshake(), strict=True):
        talk.say(from_client, data)
    talk.say(True, frame(1, text, KEY)).say(False, frame(1, b"welcome"))
    return write_capture(folder / "chat.pcap", talk.packets())


def _ask(capture: Capture, number: int, way: str) -> Opinion:
    return second_opinion(capture, number, way=way, seconds=60)


def _values(found: Dissected, *names: str) -> list[str]:
    return [item.value for item in found.walk() if item.name in names]


@pytest.mark.parametrize("way", WAYS)
def test_a_websocket_message_is_found_with_its_bytes(tmp_path: Path, way: str) -> None:
    usable_ways(way)
    opinion = _ask(inspector.open(_chat(tmp_path)), 6, way)

    layer = opinion.dissected.protocol("websocket")[0]
    text = layer.first("websocket.payload.text")
    key = layer.first("websocket.masking_key")

    assert opinion.way == way
    assert (layer.number("websocket.opcode"), layer.number("websocket.fin")) == (1, 1)
    assert text is not None
    assert (text.value, text.data) == ("hello", b"hello")
    assert key is not None
    assert (key.source, key.start, key.size, key.data) == (0, 56, 4, KEY)
    assert text.source != 0, "unmasked bytes are not the packet's"


def test_both_ways_give_the_same_tree(tmp_path: Path) -> None:
    for way in WAYS:
        usable_ways(way)
    capture = inspector.open(_chat(tmp_path))

    trees = [_ask(capture, 4, way).dissected for way in WAYS]

    lines = [[(item.label, item.start, item.size, item.data) for item in tree.walk()] for tree in trees]
    different = [(one, two) for one, two in zip(*lines, strict=True) if one != two]
    # Counted from the packet displayed before, and a filter displays only one.
    assert [one[0].split(":")[0] for one, _two in different] == ["Time delta from previous displayed frame"]


@pytest.mark.parametrize("way", WAYS)
def test_a_part_of_a_large_capture_keeps_the_numbers_of_the_whole(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usable_ways(way)
    other = [tcp_packet("10.9.9.9", "10.8.8.8", (5, 6), 1, 1, 16, b"x") for _ in range(7)]
    talk = Talk().say(True, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    talk.say(False, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    capture = inspector.open(write_capture(tmp_path / "a.pcap", other, talk.packets(ports=(40000, 80))))
    whole = _ask(capture, 12, way).dissected
    monkeypatch.setattr(excerpt, "WHOLE", 5)

    part = _ask(capture, 12, way).dissected

    assert _values(whole, "tcp.stream") == ["1"]
    assert whole.protocol("http")

    def lines(found: Dissected) -> list[tuple[str, str, int]]:
        return [(item.label, item.value, item.packet) for layer in found.layers[1:] for item in layer.walk()]

    assert lines(part) == lines(whole)
    assert part.layers[0].label.startswith("Frame 12:")
    assert {item.packet for item in part.walk() if item.packet} == {11}


@pytest.mark.parametrize("way", WAYS)
def test_a_filter_that_is_none_is_an_error_and_not_no_match(tmp_path: Path, way: str) -> None:
    usable_ways(way)
    capture = inspector.open(_chat(tmp_path))
    with pytest.raises(UsageError, match=r"tcp\.prt"):
        second_opinion(capture, 1, display_filter="tcp.prt == 80", way=way)
    assert second_opinion(capture, 1, display_filter="tcp.port == 80", way=way).matches
    assert not second_opinion(capture, 1, display_filter="websocket", way=way).matches


@pytest.mark.parametrize("number", [0, 12])
def test_there_must_be_such_a_packet(tmp_path: Path, number: int) -> None:
    with pytest.raises(UsageError, match=f"no packet {number}; this capture has 10"):
        second_opinion(inspector.open(_chat(tmp_path)), number)


@pytest.mark.parametrize("way", WAYS)
def test_a_cut_file_gives_its_whole_packets(tmp_path: Path, way: str) -> None:
    usable_ways(way)
    path = _chat(tmp_path)
    path.write_bytes(path.read_bytes()[:-30])
    capture = inspector.open(path)
    assert capture.damage is not None
    assert _ask(capture, len(capture.packets), way).dissected.protocols[-1] == "tcp"


def test_without_programs_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspector.errors import MissingPart

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingPart, match="apt install tshark"):
        second_opinion(inspector.open(_chat(tmp_path)), 1)


def test_a_program_older_than_4_0_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from captures.programs import find_program

    stand_in(tmp_path / "bin", "sharkd", "")
    script = tmp_path / "bin" / "sharkd"
    script.write_text(script.read_text().replace("4.0.17", "3.6.2"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_program("sharkd") is None


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("time.sleep(60)", "sharkd did not answer within 0.5 s"),
        ("os.kill(os.getpid(), 9)", "sharkd ended before it had answered .it was ended by signal 9."),
        ("print('broken', file=sys.stderr); sys.exit(3)", "exit code 3.; broken"),
        ("print('{', flush=True); time.sleep(60)", "no JSON"),
        ("sys.stdout.write('x'); sys.stdout.flush(); time.sleep(60)", "did not answer within"),
        ("[print('{\"id\": 0}', flush=True) for _ in iter(int, 1)]", "did not answer within"),
        ("import signal; signal.signal(15, signal.SIG_IGN); time.sleep(60)", "did not answer within"),
    ],
)
def test_a_program_that_misbehaves_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, message: str
) -> None:
    stand_in(tmp_path / "bin", "sharkd", code)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    capture = inspector.open(_chat(tmp_path))
    before = left_behind()
    with pytest.raises(ProgramError, match=message):
        # Only who never answers is not waited for: to start and to end takes its time on a busy machine.
        second_opinion(capture, 1, way="sharkd", seconds=0.5 if "answer within" in message else 60)
    assert left_behind() == before


def test_asked_inside_a_running_event_loop_and_on_threads(tmp_path: Path) -> None:
    need_sharkd()
    capture = inspector.open(_chat(tmp_path))

    async def inside() -> tuple[str, ...]:
        return second_opinion(capture, 6, way="sharkd").dissected.protocols

    expected = ("frame", "eth", "ip", "tcp", "websocket", "data-text-lines")
    before = left_behind()
    assert asyncio.run(inside()) == expected
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: second_opinion(capture, 6, way="sharkd").dissected.protocols, range(6)))
    assert answers == [expected] * 6
    assert left_behind() == before


def test_pyshark_inside_a_running_event_loop_and_on_a_thread(tmp_path: Path) -> None:
    usable_ways("pyshark")
    capture = inspector.open(_chat(tmp_path))

    async def inside() -> tuple[str, ...]:
        return await asyncio.to_thread(lambda: _ask(capture, 6, "pyshark").dissected.protocols)

    before = left_behind()
    assert asyncio.run(inside())[4] == "websocket"
    assert left_behind() == before


def test_the_users_own_preferences_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need_sharkd()
    own = tmp_path / "own"
    own.mkdir()
    (own / "disabled_protos").write_text("websocket\n")
    monkeypatch.setenv("WIRESHARK_CONFIG_DIR", str(own))
    assert "websocket" in _ask(inspector.open(_chat(tmp_path)), 6, "sharkd").dissected.protocols


@pytest.mark.parametrize("way", WAYS)
def test_an_expert_item_has_its_severity(tmp_path: Path, way: str) -> None:
    usable_ways(way)
    found = _ask(inspector.open(_chat(tmp_path)), 1, way).dissected
    experts = [item for item in found.walk() if item.name == "_ws.expert"]
    assert [(item.severity, item.packet) for item in experts] == [("chat", 0)]


def test_a_position_in_other_bytes_is_not_taken_for_the_packets(tmp_path: Path) -> None:
    usable_ways("pyshark")
    found = _ask(inspector.open(_chat(tmp_path)), 6, "pyshark").dissected
    wrong = [
        item
        for item in found.walk()
        if item.size and item.source == 0 and found.sources[0].data[item.start : item.start + item.size] != item.data
    ]
    derived = [item.label for item in found.walk() if item.source == UNKNOWN_SOURCE]
    assert wrong == []
    assert "Text: hello" in derived


def test_udp_and_other_packets_too(tmp_path: Path) -> None:
    need_sharkd()
    from tests.packets import ethernet, ipv4

    query = bytes.fromhex("123401000001000000000000") + b"\x07example\x03com\0\0\x01\0\x01"
    path = tmp_path / "a.pcap"
    path.write_bytes(
        pcap(
            [
                ethernet(ipv4(udp(query, (50000, 53)), CLIENT, SERVER, 17)),
                ethernet(b"\0\1\x08\0\6\4\0\1" + bytes(20), 0x0806),
            ]
        )
    )
    capture = inspector.open(path)
    assert _values(_ask(capture, 1, "sharkd").dissected, "dns.qry.name") == ["example.com"]
    assert _ask(capture, 2, "sharkd").dissected.protocols[-1] == "arp"


def test_helpers_of_a_tree() -> None:
    tree = Item("a", "A", items=(Item("b", "B", "0x10"), Item("c", "C", "True"), Item("b", "B", "007")))
    assert tree.number("b") == 16
    assert tree.number("c") == 1
    assert tree.text("none") is None
    assert [item.value for item in tree.all("b")] == ["0x10", "007"]
