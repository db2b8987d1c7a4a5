"""What is in a capture."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import inspector
from inspector.model.grade import Grade, grade_comment
from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter
from inspector.report.build import build_report
from inspector.report.html import render_html
from inspector.report.summary import render_summary, summarize
from tests.packets import RST, ethernet, ipv4, pcap
from tests.recording.test_connections import HANDSHAKE
from tests.recording.test_streams import to_client, to_server
from tests.recording.test_track import opened
from tests.report.test_connections import udp_packet


def test_counts_what_was_sent(tmp_path: Path) -> None:
    packets = [*HANDSHAKE, to_server(1, b"ask"), to_server(1, b"ask"), to_client(11, b"x"), to_client(12, flags=RST)]
    packets.append(udp_packet("10.0.0.1", "10.0.0.9", (5000, 53), b"query"))
    summary = summarize(opened(tmp_path, packets))
    size = sum(map(len, packets))
    assert (summary["file"]["packets"], summary["file"]["bytes"], summary["file"]["damage"]) == (8, size, None)
    assert summary["time"]["duration_ns"] == 7_000_000
    assert [(row["layer"], row["packets"], row["bytes"]) for row in summary["layers"]] == [
        ("ethernet", 8, size),
        ("ipv4", 8, size),
        ("tcp", 7, size - len(packets[-1])),
        ("udp", 1, len(packets[-1])),
    ]
    tcp = summary["tcp"]
    assert (tcp["connections"], tcp["endings"], tcp["resent"], tcp["missing"]) == (1, {"reset": 1}, 3, 10)
    assert summary["talkers"][0]["address"] == "10.0.0.1"
    assert summary["talkers"][0]["sent_bytes"] == sum(len(packets[index]) for index in (0, 2, 3, 4, 7))


def test_a_proxys_recording_tells_nothing_of_the_network_and_of_the_order_of_its_legs(tmp_path: Path) -> None:
    path = tmp_path / "session.pcapng"
    with PcapngWriter(path) as writer:
        for _leg in range(2):
            comment = grade_comment(Grade.TAPPED, "a proxy")
            writer.add_interface(Interface(link_type=1, snaplen=0, comments=(comment,)))
        for number, packet in enumerate(HANDSHAKE):
            writer.write_packet(number % 2, 10**18 - number, packet)
    summary = summarize(inspector.open(path))
    assert summary["time"]["steps_back"] == 0
    tcp = summary["tcp"]
    assert (tcp["connections"], tcp["resent"], tcp["zero_windows"], tcp["median_rtt_ns"]) == (1, None, None, None)
    text = render_summary(summary)
    assert "Time steps back" not in text
    assert "resent" not in text


def test_numbers_go_further_than_the_count_where_notes_have_numbers_too(tmp_path: Path) -> None:
    path = tmp_path / "session.pcapng"
    with PcapngWriter(path) as writer:
        writer.add_interface(Interface(link_type=1, snaplen=0))
        for packet in HANDSHAKE:
            writer.write_custom(32473, b"a note")
            writer.write_packet(0, 10**18, packet)
    capture = inspector.open(path)
    count = len(HANDSHAKE)
    told = f"numbered to {2 * count}, as in Wireshark: {count} notes of the recorder"
    assert told in render_summary(summarize(capture))
    assert told in render_html(build_report(capture))
    assert "numbered to" not in render_summary(summarize(opened(tmp_path, HANDSHAKE)))
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed")
    run = [tshark, "-r", str(path), "-T", "fields", "-e", "frame.number"]
    numbers = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert numbers[-1] == str(2 * count)


def test_what_is_not_decoded_is_named_by_its_number(tmp_path: Path) -> None:
    packets = [
        ethernet(b"x" * 40, 0x88CC),
        ethernet(b"x" * 40, 0x1234),
        ethernet(ipv4(b"x" * 20, "1.1.1.1", "2.2.2.2", 89)),
    ]
    found = {row["what"]: row["packets"] for row in summarize(opened(tmp_path, [*packets, packets[0]]))["not_decoded"]}
    assert found == {"EtherType 0x88cc (LLDP)": 2, "EtherType 0x1234": 1, "IP protocol 89 (OSPF)": 1}


def test_an_unknown_link_type_is_said_plainly(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([b"\x00" * 64] * 3, link_type=220))
    summary = summarize(inspector.open(path))
    assert summary["not_decoded"] == [{"what": "link type 220 (USB_LINUX_MMAPPED)", "packets": 3}]
    text = render_summary(summary)
    assert "USB_LINUX_MMAPPED  3  not decoded" in text
    assert "TCP" not in text


def test_an_empty_capture_has_a_summary(tmp_path: Path) -> None:
    summary = summarize(opened(tmp_path, []))
    assert summary["file"]["packets"] == 0
    assert "0 packets" in render_summary(summary)


def test_text_names_damage_and_cleans_names(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m.pcap"
    path.write_bytes(pcap(HANDSHAKE)[:-5])
    text = render_summary(summarize(inspector.open(path)))
    assert "\x1b" not in text
    assert "2 packets, then cut at byte" in text


def test_every_summary_is_json_and_text(shared_captures: Path) -> None:
    paths = sorted(shared_captures.glob("t*.pcap*"))
    assert len(paths) > 10
    for path in paths:
        summary = summarize(inspector.open(path))
        assert json.loads(json.dumps(summary)) == summary
        assert render_summary(summary).startswith(str(path))


def test_packets_by_protocol_are_tsharks(shared_captures: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    path = shared_captures / "tunnel-mixed-vlan-mpls-http.pcap"
    layers = {row["layer"]: row["packets"] for row in summarize(inspector.open(path))["layers"]}
    for layer in ("vlan", "mpls", "ip", "tcp"):
        command = ["tshark", "-n", "-r", str(path), "-Y", layer, "-T", "fields", "-e", "frame.number"]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        assert layers[{"ip": "ipv4"}.get(layer, layer)] == len(lines)
