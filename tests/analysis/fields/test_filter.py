"""Display filters choose the packets that tshark chooses."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspector
from inspector.analysis.fields import FIELDS
from inspector.analysis.fields.filter_grammar import parse_filter
from inspector.analysis.fields.table import columns_of_text
from inspector.errors import UsageError
from tests.tshark import require_tshark, tshark_rows

_SAME_AS_TSHARK = (
    "tcp",
    "tcp.len",
    "tcp.len == 0",
    "tcp.len != 0",
    "tcp.port == 80",
    "tcp.port != 80",
    "not tcp.port == 80",
    "tcp.port > 50000",
    "tcp.port <= 80",
    "tcp.srcport eq 0x50 or tcp.len ge 1400",
    "tcp.srcport == 80 and tcp.len > 1000 or tcp.flags.syn == 1",
    "tcp.flags.syn == 1 or tcp.srcport == 80 and tcp.len > 1000",
    "(tcp.flags.syn == 1 or tcp.srcport == 80) and tcp.len == 0",
    "! tcp.flags.ack == 1 && tcp",
    "not not tcp.flags.fin == 1",
    "tcp.flags.syn == True",
    "tcp.flags == 0x0012",
    'tcp.flags.str contains "F"',
    "tcp.window_size_value < 1000",
    "ip.addr == 192.168.0.0/16",
    "ip.src != 192.168.0.0/16",
    "ip.src > 100.0.0.0",
    "ip.addr ne 192.168.2.76",
    "ip.dst le 100.0.0.0",
    "eth.src == 08:86:3b:26:8a:7a",
    "eth.dst == 08-86-3B-26-8A-7A",
    "frame.time_delta > 0.01",
    "frame.time_relative >= 1.5 and frame.number < 300",
    "frame.len>=1514&&tcp",
    "frame.number == 017",
)


@pytest.mark.parametrize("text", _SAME_AS_TSHARK)
def test_filter_chooses_the_packets_that_tshark_chooses(shared_captures: Path, text: str) -> None:
    require_tshark()
    path = shared_captures / "tcp-out-of-order-sliced-reset.pcap"
    expected = [row[0] for row in tshark_rows(path, ["frame.number"], text)]

    chosen = parse_filter(text, FIELDS)
    windows = columns_of_text(inspector.open(path), [FIELDS["frame.number"]], chosen)

    assert [number for columns in windows for number in columns[0]] == expected


@pytest.mark.parametrize(
    ("text", "position", "what"),
    [
        ("", 1, "expected a field name, found the end"),
        ("tcp.prot == 80", 1, "there is no field 'tcp.prot'"),
        ("tcp.port ==", 12, "expected a value, found the end"),
        ("tcp.port == eighty", 13, "expected a number"),
        ("tcp.port == 99999999999999999999", 13, "too large"),
        ("ip.src == 10.0.0.300", 11, "expected an IPv4 address"),
        ("eth.src == 00:11", 12, "expected an Ethernet address"),
        ("(tcp.len > 0", 13, "expected ')'"),
        ("tcp.len > 0)", 12, "found ')'"),
        ("tcp.len > 0 tcp.len", 13, "found 'tcp.len'"),
        ("tcp.len = 0", 9, "'=' cannot stand here"),
        ("tcp.len contains 1", 18, "searches text and bytes only"),
        ("and tcp", 1, "expected a field name"),
        ("(" * 1000 + "tcp", 51, "nested too deeply"),
        ("__import__('os')", 1, "there is no field '__import__'"),
    ],
)
def test_bad_filter_is_refused_with_its_position(text: str, position: int, what: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_filter(text, FIELDS)
    assert f"at character {position}:" in str(caught.value)
    assert what in str(caught.value)
