"""report.json: its schema, and that what it says is what the capture holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import inspector
from inspector.report.both import say
from inspector.report.build import build_report
from inspector.report.columns import unpack, unpack_column
from inspector.report.options import ReportOptions
from tests.report.samples import SAMPLES, chat_capture, report_of_file

SCHEMA = Path(inspector.__file__).parent / "report" / "schema" / "report-1.json"


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _problems(validator: Any, report: dict[str, Any]) -> list[str]:
    return [f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(json.loads(json.dumps(report)))]


@pytest.mark.parametrize("name", ["chat-aborted.pcap", "korean-http.pcap", "refused.pcap"])
def test_reports_of_the_samples_fit_the_schema(validator: Any, name: str) -> None:
    assert _problems(validator, report_of_file(SAMPLES / name)) == []


def test_the_schema_refuses_what_it_does_not_know(validator: Any) -> None:
    report = report_of_file(SAMPLES / "refused.pcap")
    assert _problems(validator, {**report, "schema": "report/2"})
    report["findings"][0]["severity"] = "terrible"
    assert _problems(validator, report)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "h2c-grpc-bidi-streaming.pcapng",
        "http1-1000-pipelined-one-lost.pcap.gz",
        "tcp-gap-in-http-body.pcap",
        "tunnel-gtp-fragmented.pcap",
        "ws-permessage-deflate-window15.pcap",
        "bad-ipv6-extension-cut.pcap",
        "pcapng-mixed-endian-sections.pcapng",
        "link-usb-linux.pcapng",
    ],
)
def test_reports_of_real_captures_fit_the_schema(validator: Any, shared_captures: Path, name: str) -> None:
    assert _problems(validator, report_of_file(shared_captures / name)) == []


def test_the_same_capture_gives_the_same_report(tmp_path: Path) -> None:
    path = chat_capture(tmp_path / "chat.pcap")
    assert json.dumps(report_of_file(path)) == json.dumps(report_of_file(path))


def test_messages_are_columns_that_equal_what_was_sent(tmp_path: Path) -> None:
    report = report_of_file(chat_capture(tmp_path / "chat.pcap", messages=5))
    messages = report["sections"][0]["websockets"]["messages"]
    columns = messages["columns"]
    texts = [text for chunk in columns["text"]["chunks"] for text in json.loads(unpack(chunk))]
    assert messages["total"] == messages["rows"] == messages["with_text"] == 14
    expected = [f'{{"n":{number},"text":"안녕하세요 {number}번째 packet"}}' for number in range(5) for _ in range(2)]
    assert texts == [*expected, "alive?", "alive?", "1011 server broke", "1011"]
    assert unpack_column(columns["opcode"]).tolist() == [1] * 10 + [9, 10, 8, 8]
    # After the handshake of three packets and the upgrade of two, one packet per frame, one millisecond apart.
    assert unpack_column(columns["packet"]).tolist() == list(range(6, 20))
    assert unpack_column(columns["after_ns"]).tolist() == [number * 1_000_000 for number in range(5, 19)]


def test_a_frame_is_taken_apart_as_it_was_sent(tmp_path: Path) -> None:
    report = report_of_file(chat_capture(tmp_path / "chat.pcap", messages=2))
    details = report["sections"][0]["websockets"]["details"]
    first = next(item for item in details if item["id"] == "0-client-1")
    (frame,) = first["frames"]
    assert frame["key_hex"] == "37fa213d"
    wire, clear = bytes.fromhex(frame["wire_hex"]), bytes.fromhex(frame["unmasked_hex"])
    key = np.resize(np.frombuffer(bytes.fromhex("37fa213d"), np.uint8), len(wire))
    assert (np.frombuffer(wire, np.uint8) ^ key).tobytes() == clear
    assert bytes.fromhex(first["content_hex"]).decode() == '{"n":0,"text":"안녕하세요 0번째 packet"}'


def test_packet_columns_are_those_of_the_capture(tmp_path: Path) -> None:
    path = chat_capture(tmp_path / "chat.pcap")
    capture = inspector.open(path)
    table = report_of_file(path)["sections"][0]["packets"]["table"]
    columns = {name: unpack_column(column) for name, column in table["columns"].items()}
    assert columns["length"].tolist() == capture.packets.length.tolist()
    assert columns["flags"].tolist() == capture.segments.flags.tolist()
    assert (columns["after_ns"] + int(table["start_ns"])).tolist() == capture.packets.time_ns.tolist()
    assert columns["side"][:5].tolist() == [0, 1, 0, 0, 1]


def test_evidence_and_views_show_the_bytes_of_their_packets() -> None:
    path = SAMPLES / "chat-aborted.pcap"
    capture = inspector.open(path)
    report = report_of_file(path)
    assert report["findings"]
    for finding in report["findings"]:
        for item in finding["evidence"]:
            data = capture.packet(item["number"]).data
            excerpt = bytes.fromhex(item["excerpt"]["hex"])
            assert data[item["excerpt"]["start"] :][: len(excerpt)] == excerpt
    for view in report["sections"][0]["packets"]["views"]:
        assert bytes.fromhex(view["bytes"]) == capture.packet(view["number"]).data


def test_texts_are_there_in_both_languages() -> None:
    report = report_of_file(SAMPLES / "refused.pcap")
    titles = [finding["title"] for finding in report["findings"] if finding["rule"] == "N2"]
    assert titles == [{"en": "The connection was refused", "ko": "연결이 거부되었습니다"}]


def test_several_sources_have_ids_of_their_own() -> None:
    captures = [inspector.open(SAMPLES / name) for name in ("korean-http.pcap", "refused.pcap")]
    report = build_report(captures, ReportOptions())
    assert [source["name"] for source in report["sources"]] == ["korean-http.pcap", "refused.pcap"]
    refused = next(finding for finding in report["findings"] if finding["source"] == 1)
    assert refused["connection"] == "1.0"
    assert refused["evidence"][0]["packet"].startswith("1.")
    assert report["sections"][1]["connections"]["rows"][0]["findings"]


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    report = report_of_file(chat_capture(tmp_path / "chat.pcap", messages=700))
    left = {row["what"]: row for row in report["left_out"]}
    views = len(report["sections"][0]["packets"]["views"])
    assert left["packet_bytes"]["kept"] == views < left["packet_bytes"]["total"] == 1412
    assert left["message_frames"]["total"] == 1404
    assert "1,412" in say(left["packet_bytes"]["text"], "en")
