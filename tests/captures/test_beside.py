"""Wireshark's tree beside our byte view: what stands for the same thing is linked, what does not is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from inspector.cli import cli
from inspector.errors import UsageError
from tests.captures.asking import need_sharkd
from tests.websockets import KEY, Talk, frame, handshake, write_capture


def _chat(folder: Path) -> Path:
    talk = Talk()
    for from_client, data in zip((True, False), handshake(), strict=True):
        talk.say(from_client, data)
    talk.say(True, frame(1, b"hello\x1b[31m", KEY))
    return write_capture(folder / "chat.pcap", talk.packets())


def _run(folder: Path, *arguments: str) -> Result:
    need_sharkd()
    return CliRunner().invoke(cli, ["dissect", str(_chat(folder)), *arguments])


# Any: JSON.
def _lines(tree: list[Any]) -> list[Any]:
    return [line for item in tree for line in (item, *_lines(item["items"]))]


def test_every_field_of_our_headers_is_linked_to_wiresharks_of_the_same_name(tmp_path: Path) -> None:
    both = json.loads(_run(tmp_path, "6", "--json").output)

    lines = {line["id"]: line for line in _lines(both["wireshark"]["tree"])}
    linked = [(field["filter"], lines[number]["name"]) for field in both["fields"] for number in field["wireshark"]]

    assert both["schema"] == "dissect/1"
    same = {ours for ours, theirs in linked if ours == theirs}
    assert {"eth.type", "ip.ttl", "tcp.seq_raw", "tcp.flags.push", "websocket.opcode", "websocket.masking_key"} <= same
    missing = [field["name"] for field in both["fields"] if not field["wireshark"]]
    assert missing == ["rsv1", "rsv2", "rsv3"], "Wireshark has one line for the three bits"


def test_linked_lines_stand_for_the_same_bytes(tmp_path: Path) -> None:
    both = json.loads(_run(tmp_path, "6", "--json").output)
    fields = {field["number"]: field for field in both["fields"]}
    links = [(line, fields[number]) for line in _lines(both["wireshark"]["tree"]) for number in line["ours"]]
    assert len(links) > 40
    for line, field in links:
        source, start, size = line["range"]
        first, bits = field["bits"]
        assert source == 0
        assert start <= first // 8
        assert (first + bits + 7) // 8 <= start + size


def test_unmasked_bytes_are_recognised_as_ours(tmp_path: Path) -> None:
    both = json.loads(_run(tmp_path, "6", "--json").output)
    assert [source["space"] for source in both["wireshark"]["sources"]] == ["packet", "unmasked:3"]


def test_text_is_plain_and_harmless(tmp_path: Path) -> None:
    result = _run(tmp_path, "6")
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "Masking-Key: 37fa213d" in result.output
    assert "48 Masking key: 37 fa 21 3d" in result.output
    assert max(map(len, result.output.splitlines())) <= 120


def test_a_filter_alone_chooses_the_packets(tmp_path: Path) -> None:
    result = _run(tmp_path, "-Y", "websocket", "--json")
    assert [json.loads(line)["packet"]["number"] for line in result.output.splitlines()] == [6]


def test_no_match_is_exit_code_1(tmp_path: Path) -> None:
    result = _run(tmp_path, "6", "-Y", "dns")
    assert result.exit_code == 1
    assert "no packet that was asked for matches dns" in result.output


def test_neither_number_nor_filter_is_misuse(tmp_path: Path) -> None:
    assert isinstance(_run(tmp_path).exception, UsageError)


@pytest.mark.parametrize("arguments", [("-Y", "tcp.prt"), ("3", "-Y", "tcp.prt")])
def test_a_bad_filter_is_misuse(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    error = _run(tmp_path, *arguments).exception
    assert isinstance(error, UsageError)
    assert "tcp.prt" in str(error)
