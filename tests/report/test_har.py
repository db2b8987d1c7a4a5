"""HAR export."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import inspector
from inspector.recording.http import http_exchanges
from inspector.recording.websockets import read_websockets
from inspector.report.har import build_har

_SAMPLE = Path(inspector.__file__).parents[1] / "captures" / "samples" / "chat-aborted.pcap"
_ENTRY = {"startedDateTime", "time", "request", "response", "cache", "timings"}
"""What the format demands of an entry (W3C HAR draft)."""


def test_a_chat_with_its_messages_and_control_frames() -> None:
    program = "from inspector.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "export", "har", str(_SAMPLE)], capture_output=True, text=True, check=True
    )
    log = json.loads(done.stdout)["log"]
    assert log["version"] == "1.2"
    [entry] = log["entries"]
    assert set(entry) >= _ENTRY
    assert entry["request"]["url"] == "http://chat.example/ws/chat/room/"
    assert entry["response"]["status"] == 101
    messages = entry["_webSocketMessages"]
    assert [(m["type"], m["opcode"]) for m in messages] == [
        ("send", 1), ("receive", 1), ("send", 1), ("receive", 1), ("receive", 9), ("send", 10), ("send", 1),
    ]  # fmt: skip
    assert json.loads(messages[0]["data"]) == {"type": "chat.message", "text": "안녕하세요, 패킷 여러분!"}
    assert [m["time"] for m in messages] == sorted(m["time"] for m in messages)


def test_exchanges_of_a_real_capture(shared_captures: Path) -> None:
    capture = inspector.open(shared_captures / "http1-brotli-chunked.pcap")
    log = build_har(http_exchanges(capture), read_websockets(capture))["log"]
    assert [entry["response"]["status"] for entry in log["entries"]] == [200, 200, 204]
    content = log["entries"][1]["response"]["content"]
    assert content["mimeType"].startswith("application/json")
    assert content["size"] == content["compression"] + log["entries"][1]["response"]["bodySize"]
    assert all(entry["timings"]["wait"] > 0 for entry in log["entries"])
