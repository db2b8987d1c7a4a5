"""The samples that ship: there, small, and saying what their pages say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import inspector
from captures.sample_list import FOLDER, SAMPLES, Sample
from inspector.analysis.facts import Facts
from inspector.analysis.resends import Verdict, resends
from inspector.analysis.tcp_flags import TcpFlag
from inspector.recording.capture import Capture
from inspector.recording.dns import dns_lookups
from inspector.recording.http import http_exchanges
from inspector.report.http import exchange_json
from inspector.rules import diagnose
from tools.sample_pages import PAGE, page

_MOST_BYTES = 3_000_000


def _open(name: str) -> Capture:
    return inspector.open(next(sample.path for sample in SAMPLES if sample.name == name))


def _texts(name: str) -> list[str]:
    websockets = _open(name).websockets
    contents = (websockets.content(row) for row in range(len(websockets.messages.opcode)))
    return [content.decode(errors="replace") for content in contents if content is not None]


def _exchanges(name: str) -> list[tuple[str, int]]:
    """Method and target of each request, status of its response."""
    found = [exchange_json(item) for item in http_exchanges(_open(name))]
    return [(f"{item['method']} {item['target']}", item["status"]) for item in found]


def test_every_file_is_a_sample_and_every_sample_a_file() -> None:
    assert sorted(path for path in FOLDER.iterdir() if path.suffix.startswith(".pcap")) == sorted(
        sample.path for sample in SAMPLES
    )
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < _MOST_BYTES


def test_the_page_is_written_from_the_list() -> None:
    assert PAGE.read_text("utf-8") == page()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_its_commands_run(sample: Sample, tmp_path: Path) -> None:
    for line in sample.commands:
        program, *arguments = line.format(file=sample.path).replace("files/", f"{tmp_path}/files").split()
        assert program == "inspector"
        done = subprocess.run(
            [sys.executable, "-c", "from inspector.cli import main; main()", *arguments],
            capture_output=True, text=True, encoding="utf-8", timeout=120,
        )  # fmt: skip
        # diagnose ends with 2 when it found an error.
        assert done.returncode == 0 or (arguments[0] == "diagnose" and done.returncode in (1, 2)), done.stderr
        assert "inspector:" not in done.stderr


def test_three_packets_open_the_connection() -> None:
    capture = _open("tcp-handshake")
    flags = [int(value) & 0x3F for value in capture.segments.flags[:3]]
    assert flags == [0x02, 0x12, 0x10]
    assert int(capture.segments.ack[1]) == (int(capture.segments.seq[0]) + 1) % 2**32


def test_queries_forms_and_uploads_are_there() -> None:
    ((asked, status),) = _exchanges("http-get")
    assert asked.startswith("GET /accounts/login/?next=/chat/%EC%A0%90%EC%8B%AC/") and status == 200
    assert [(asked.split(" ")[0], status) for asked, status in _exchanges("http-post")] == [
        ("GET", 200),
        ("POST", 302),
        ("GET", 200),
    ]
    assert _exchanges("upload") == [("POST /api/v2/uploads/", 201)]


@pytest.mark.parametrize("name", ["chat-ws", "chat-wss"])
def test_the_conversation_can_be_read(name: str) -> None:
    said = _texts(name)
    for text in ("점심 뭐 먹을까요?", "Bibimbap at noon?", "좋아요, 12시에 만나요 🍚"):
        assert sum(text in message for message in said) == 3, text  # once said, twice heard


def test_repetition_compresses() -> None:
    websockets = _open("chat-compressed").websockets
    sent = [
        (int(websockets.messages.wire_length[row]), int(websockets.messages.length[row]))
        for row in range(len(websockets.messages.opcode))
        if "비빔밥" in (websockets.content(row) or b"").decode()
        and websockets.directions[int(websockets.messages.direction[row])].is_client
    ]
    by_size = sorted(sent)
    assert len({length for _wire, length in sent}) == 1
    assert by_size[0][0] < 10 < by_size[-1][0]


def test_names_are_looked_up() -> None:
    found = [(lookup.name, len(lookup.queries)) for lookup in dns_lookups(_open("dns"))]
    assert found == [("chat.example", 1), ("chat.exmaple", 1), ("files.example", 2)]


def test_the_command_lists_shows_and_copies(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from inspector.cli import main; main()", "samples", *arguments],
            capture_output=True, text=True, encoding="utf-8", timeout=60,
        )  # fmt: skip

    assert all(sample.name in run().stdout for sample in SAMPLES)
    assert "RFC 7692" not in run("chat-compressed").stdout
    assert "RFC 7692" in run("chat-compressed", "--answers").stdout
    assert run("chat-ws", "-o", str(tmp_path)).returncode == 0
    assert inspector.open(tmp_path / "chat-ws.pcapng").packet_count > 20
    again = run("chat-ws", "-o", str(tmp_path))
    assert (again.returncode, "exists" in again.stderr) == (2, True)
    assert "there is no sample nope" in run("nope").stderr


@pytest.mark.parametrize(
    ("name", "rule", "side"),
    [("close-1011", "F12", "application"), ("close-1006", "F16", "server"), ("slow-server", "F26", "application")],
)
def test_failures_are_diagnosed_as_they_were_made(name: str, rule: str, side: str) -> None:
    diagnosis = diagnose(Facts(_open(name)))
    assert (diagnosis.findings[0].rule, diagnosis.verdict.side.value) == (rule, side)


def test_the_lossy_link_shows_resends_that_wireshark_calls_out_of_order() -> None:
    table = resends(_open("lossy-link"))
    resent = table.verdict == Verdict.RESEND
    assert resent.sum() >= 5
    assert (table.wireshark[resent] == TcpFlag.OUT_OF_ORDER).any()
