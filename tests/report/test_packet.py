"""The JSON of one packet: structure, values, byte spaces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inspector.report.packet import build_packet
from tests.report.sample_packets import ASK, PACKETS, open_capture


def _field(packet: dict[str, Any], layer: str, name: str) -> dict[str, Any]:
    fields = next(item for item in packet["layers"] if item["name"] == layer)["fields"]
    while fields:
        for field in fields:
            if field["name"] == name:
                return dict(field)
        fields = [part for field in fields for part in field["fields"]]
    raise LookupError(name)


def test_top_level(tmp_path: Path) -> None:
    packet = build_packet(open_capture(tmp_path), 3)
    assert packet["schema"] == "packet/1"
    assert bytes.fromhex(packet["bytes"]) == PACKETS[2]
    assert [layer["name"] for layer in packet["layers"]] == ["ethernet", "ipv4", "tcp"]
    assert packet["connection"] == {
        "number": 0,
        "direction": "client_to_server",
        "relative_seq": 1,
        "relative_ack": 1,
        "payload_bytes": len(ASK),
        "next_seq": 1 + len(ASK),
    }
    assert packet["payload"]["range"] == [54, len(ASK)]
    assert packet["overhead_bytes"] == 54


@pytest.mark.parametrize(
    ("layer", "name", "filter_name", "bits", "value", "text"),
    [
        ("ethernet", "type", "eth.type", [96, 16], 0x0800, "0x0800 (IPv4)"),
        ("ipv4", "ihl", "ip.hdr_len", [116, 4], 5, "5 × 4 = 20 bytes"),
        ("ipv4", "dont_fragment", "ip.flags.df", [161, 1], 1, "1 (set)"),
        ("ipv4", "source", "ip.src", [208, 32], "10.0.0.1", "10.0.0.1"),
        ("tcp", "syn", "tcp.flags.syn", [382, 1], 1, "1 (set)"),
        ("tcp", "mss", "tcp.options.mss_val", [448, 16], 1460, "1460 bytes"),
        ("tcp", "shift_count", "tcp.options.wscale.shift", [584, 8], 7, "7 (× 128)"),
    ],
)
def test_fields_tell_filter_place_and_value(
    tmp_path: Path, layer: str, name: str, filter_name: str, bits: list[int], value: int | str, text: str
) -> None:
    field = _field(build_packet(open_capture(tmp_path), 1), layer, name)
    assert (field["filter"], field["bits"], field["value"], field["text"]) == (filter_name, bits, value, text)
    assert field["meaning"]
    assert field["ref"]


def test_links_name_the_next_layer(tmp_path: Path) -> None:
    capture = open_capture(tmp_path)
    assert [layer["link"] for layer in build_packet(capture, 3)["layers"]] == [
        "EtherType 0x0800 → IPv4",
        "Protocol 6 → TCP",
        "first bytes “GET” → HTTP (by content)",
    ]
    assert [layer["link"] for layer in build_packet(capture, 5)["layers"]][2:] == [
        "the connection was upgraded → WebSocket",
        "opcode 1 → text",
    ]
    assert build_packet(capture, 6)["layers"][1]["link"] == "Protocol 253 → not decoded here"


def test_websocket_frame_is_unmasked(tmp_path: Path) -> None:
    frame = build_packet(open_capture(tmp_path), 5)["layers"][3]
    assert (frame["name"], frame["range"], frame["bytes"]) == ("websocket", [54, 6], 11)
    assert bytes.fromhex(frame["unmasked"]) == b"Hello"


def test_every_packet_is_json(tmp_path: Path) -> None:
    capture = open_capture(tmp_path)
    for number in range(1, len(PACKETS) + 1):
        packet = build_packet(capture, number)
        assert json.loads(json.dumps(packet)) == packet
