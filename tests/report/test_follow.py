"""What two sides said, as text, hex and JSON."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from inspector.recording.turns import Turn, take_turns
from inspector.report.follow import hex_lines, json_lines, remarks, text_parts
from tests.packets import PSH, SYN
from tests.recording.test_connections import HANDSHAKE
from tests.recording.test_streams import to_client, to_server
from tests.recording.test_track import opened


def turns_of(folder: Path, packets: list[bytes], sides: list[str]) -> list[Turn]:
    capture = opened(folder, packets)
    return list(take_turns(capture, [capture.stream(0, side) for side in sides]))


def text_of(folder: Path, packets: list[bytes], *sides: str) -> str:
    capture = opened(folder, packets)
    turns = take_turns(capture, [capture.stream(0, side) for side in sides])
    return "".join(text_parts(turns, list(sides), capture.connections[0]))


def test_korean_is_decoded_across_segment_borders(tmp_path: Path) -> None:
    words = "안녕하세요".encode()
    packets = [*HANDSHAKE, *(to_server(1 + at, words[at : at + 1]) for at in range(len(words)))]
    assert text_of(tmp_path, packets, "client") == "안녕하세요\n"


def test_a_character_waits_for_its_rest_while_the_other_side_speaks(tmp_path: Path) -> None:
    first, rest = "가".encode()[:2], "가".encode()[2:]
    packets = [*HANDSHAKE, to_server(1, b"a" + first), to_client(1, b"b"), to_server(4, rest)]
    text = text_of(tmp_path, packets, "client", "server")
    assert [line for line in text.splitlines() if line[:3] not in (">>>", "<<<")] == ["a", "b", "가"]


def test_turns_come_in_time_order_with_headings(tmp_path: Path) -> None:
    packets = [*HANDSHAKE, to_server(1, b"ask\n"), to_client(1, b"answer\n"), to_server(5, b"thanks\n")]
    assert text_of(tmp_path, packets, "client", "server").splitlines() == [
        ">>> client 10.0.0.1:40000, packet 4, 0.003000 s",
        "ask",
        "<<< server 10.0.0.2:80, packet 5, 0.004000 s",
        "answer",
        ">>> client 10.0.0.1:40000, packet 6, 0.005000 s",
        "thanks",
    ]


def test_bytes_that_come_late_are_shown_in_their_place(tmp_path: Path) -> None:
    packets = [*HANDSHAKE, to_server(4, b"def"), to_client(1, b"-"), to_server(1, b"abc")]
    turns = turns_of(tmp_path, packets, ["client", "server"])
    assert [(turn.side, turn.data) for turn in turns] == [(1, b"-"), (0, b"abcdef")]


def test_gaps_are_marked_with_thousands_separated(tmp_path: Path) -> None:
    packets = [*HANDSHAKE, to_server(1, b"head"), to_server(1453, b"tail")]
    assert text_of(tmp_path, packets, "client") == "head[1,448 bytes missing]tail\n"


def test_control_characters_become_tokens_and_line_ends_stay(tmp_path: Path) -> None:
    packets = [*HANDSHAKE, to_server(1, b"a\x1b[31m\r"), to_server(8, b"\nb\tc\rd\x00\xff")]
    assert text_of(tmp_path, packets, "client") == "a<U+001B>[31m\nb\tc<U+000D>d<U+0000>\\xff\n"


def test_hex_shows_positions_and_printable_bytes(tmp_path: Path) -> None:
    capture = opened(tmp_path, [*HANDSHAKE, to_server(1, bytes(range(60, 80)))])
    lines = list(hex_lines(take_turns(capture, [capture.stream(0, "client")]), ["client"], capture.connections[0]))
    assert lines == [
        "00000000  3c 3d 3e 3f 40 41 42 43  44 45 46 47 48 49 4a 4b  <=>?@ABCDEFGHIJK",
        "00000010  4c 4d 4e 4f" + " " * 39 + "LMNO",
    ]


def test_json_holds_the_exact_bytes_and_the_gaps(tmp_path: Path) -> None:
    turns = turns_of(tmp_path, [*HANDSHAKE, to_server(1, b"\xff\x00"), to_server(5, b"x")], ["client"])
    rows = [json.loads(line) for line in json_lines(turns, ["client"])]
    assert [row.get("missing") for row in rows] == [None, 2, None]
    assert (base64.b64decode(rows[0]["data"]), rows[0]["packet"]) == (b"\xff\x00", 4)
    assert (rows[2]["start"], rows[2]["end"]) == (4, 5)


def test_conflicts_and_foreign_payload_are_told(tmp_path: Path) -> None:
    packets = [to_server(100, flags=SYN), to_server(101, b"GOOD"), to_server(101, b"EVIL"), to_server(3, b"old", PSH)]
    stream = opened(tmp_path, packets).stream(0, "client")
    assert list(remarks([stream], ["client"])) == [
        "client: bytes 0 to 3 came again with other content in packet 3; the first copy is shown",
        "client: payload outside of the stream is left out, in packets 4",
    ]


def test_nothing_said_is_nothing_shown(tmp_path: Path) -> None:
    assert text_of(tmp_path, HANDSHAKE, "client", "server") == ""
