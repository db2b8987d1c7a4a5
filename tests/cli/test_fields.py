"""``inspector fields`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from inspector.cli.fields import command
from inspector.errors import UsageError
from tests.packets import ACK, PSH, SYN, pcap, tcp_packet


@pytest.fixture
def capture(tmp_path: Path) -> str:
    path = tmp_path / "two.pcap"
    path.write_bytes(
        pcap(
            [
                tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 100, 0, SYN),
                tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 101, 900, PSH | ACK, b"GET /"),
            ]
        )
    )
    return str(path)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_one_line_per_packet_tabs_between_columns_commas_between_occurrences(capture: str) -> None:
    done = _run(capture, "-e", "frame.number", "-e", "ip.addr", "-e", "tcp.seq", "-e", "tcp.flags.str")
    assert done.exit_code == 0
    assert done.output == "1\t10.0.0.1,10.0.0.2\t0\t··········S·\n2\t10.0.0.1,10.0.0.2\t1\t·······AP···\n"


def test_header_line_comes_first(capture: str) -> None:
    assert _run(capture, "--header", "-e", "tcp.len", "-e", "tcp.ack").output == "tcp.len\ttcp.ack\n0\t0\n5\t1\n"


def test_filter_chooses_lines(capture: str) -> None:
    assert _run(capture, "-e", "frame.number", "-Y", "tcp.len > 0").output == "2\n"
    assert _run(capture, "-e", "frame.number", "-Y", "tcp.len > 5").output == ""


def test_json_is_an_array_with_an_object_per_packet(capture: str) -> None:
    rows = json.loads(_run(capture, "--json", "-e", "tcp.port", "-e", "ip.src").output)
    assert rows == [{"tcp.port": [40000, 80], "ip.src": ["10.0.0.1"]}] * 2
    assert json.loads(_run(capture, "--json", "-e", "tcp.port", "-Y", "not tcp").output) == []


def test_list_names_every_field_with_type_and_meaning() -> None:
    lines = _run("--list").output.splitlines()
    assert "frame.number\tnumber\tPacket number, from 1." in lines
    assert all(line.count("\t") == 2 for line in lines)
    assert [row["name"] for row in json.loads(_run("--list", "--json").output)] == [
        line.split("\t")[0] for line in lines
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-e", "ip.src"], "no capture named"),
        (["FILE"], "no field named"),
        (["FILE", "-e", "ip.sauce"], "no supported field 'ip.sauce'"),
        (["FILE", "-e", "ip.src", "-Y", "ip.src =="], "bad filter at character 10"),
    ],
)
def test_misuse_is_one_clear_line(capture: str, arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        _run(*(capture if argument == "FILE" else argument for argument in arguments))
