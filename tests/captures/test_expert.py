"""Wireshark's expert items beside ours: joined by packet, the same ones marked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import inspector
from captures.expert import build_expert, our_items
from captures.opinion import WAYS
from inspector.cli import cli
from tests.captures.asking import need_sharkd, usable_ways
from tests.tshark import require_tshark
from tests.websockets import KEY, Talk, frame, handshake, write_capture


def _chat(folder: Path) -> Path:
    """A resent segment, a close frame of one byte, and an end by FIN."""
    talk = Talk()
    for from_client, data in zip((True, False), handshake(), strict=True):
        talk.say(from_client, data)
    talk.say(True, frame(1, b"hello", KEY)).say(False, frame(8, b"\x03"))
    packets = talk.packets()
    return write_capture(folder / "chat.pcap", [*packets[:6], packets[5], *packets[6:]])


@pytest.mark.parametrize("way", WAYS)
def test_items_are_joined_by_packet(tmp_path: Path, way: str) -> None:
    require_tshark()
    usable_ways(way)
    report = build_expert(inspector.open(_chat(tmp_path)), severity="note", way=way, seconds=60)

    kinds = {item["name"]: (item["packets"], item["same"]) for item in report["items"]}
    resent = next(packet for packet in report["packets"] if packet["packet"] == 7)

    assert kinds["tcp.connection.fin_active"] == (1, 1)
    assert kinds["tcp.connection.fin_passive"] == (1, 1)
    assert [item["name"] for item in resent["wireshark"]] == ["tcp.analysis.retransmission"]
    assert {"tcp.analysis.retransmission": True, "resend.capture_duplicate": False}.items() <= {
        item["code"]: item["same"] for item in resent["ours"]
    }.items()
    assert "ws.close_one_byte" in {item["code"] for item in report["only_ours"]}, "Wireshark is silent about it"


def test_resets_are_the_same(shared_captures: Path) -> None:
    require_tshark()
    need_sharkd()
    capture = inspector.open(shared_captures / "tcp-zero-window-retransmissions.pcap")
    report = build_expert(capture, severity="note", way="sharkd", seconds=60)
    assert [item["name"] for item in report["items"] if item["same"] != item["packets"]] == []
    assert len(report["items"]) == 7


def test_severity_leaves_out_what_is_less(tmp_path: Path) -> None:
    require_tshark()
    need_sharkd()
    capture = inspector.open(_chat(tmp_path))
    found = {
        severity: {
            item["severity"] for item in build_expert(capture, severity=severity, way="sharkd", seconds=60)["items"]
        }
        for severity in ("chat", "note", "error")
    }
    assert found == {"chat": {"chat", "note"}, "note": {"note"}, "error": set()}


def test_evidence_of_rules_is_ours_too(tmp_path: Path) -> None:
    codes = {item.code for item in our_items(inspector.open(_chat(tmp_path))) if item.code.startswith("rule.")}
    assert "rule.W12" in codes


def test_command(tmp_path: Path) -> None:
    require_tshark()
    need_sharkd()
    path = str(_chat(tmp_path))
    text = CliRunner().invoke(cli, ["expert", path, "--limit", "1"])
    assert text.exit_code == 0
    assert "more packets: --limit, or --json" in text.output
    assert json.loads(CliRunner().invoke(cli, ["expert", path, "--json"]).output)["schema"] == "expert/1"
