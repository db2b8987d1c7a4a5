"""Real captures against facts that a separate program found in them."""

from __future__ import annotations

import csv
import hashlib
import struct
from collections import Counter
from pathlib import Path

import pytest

import inspector
from inspector.model.websocket import BINARY, TEXT, Close, Message
from inspector.recording.websockets import Direction, WebSockets

_FACTS = "facts-websocket.tsv"
_REASON_KEPT = 58


def _facts(websockets: WebSockets, direction: Direction) -> dict[str, str]:
    frames = [websockets.frame(row) for row in direction.frames]
    messages = [websockets.message(row) for row in direction.messages]
    whole = [message for message in messages if message.complete]
    contents = [message.content for message in whole if message.content is not None]
    closes = websockets.closes(direction)
    return {
        "frames": str(len(frames)),
        "opcodes": ",".join(f"{k}:{v}" for k, v in sorted(Counter(str(f.opcode) for f in frames).items())) or "-",
        "messages": str(len(whole)),
        "text": str(sum(message.opcode == TEXT for message in whole)),
        "binary": str(sum(message.opcode == BINARY for message in whole)),
        "rsv1": str(sum(bool(frame.rsv & 4) for frame in frames)),
        "inflated": str(sum(message.compressed for message in whole)),
        "bytes": str(sum(map(len, contents))),
        "sha256": _hash(whole),
        "close": _close(closes),
    }


def _hash(messages: list[Message]) -> str:
    """Over opcode (one byte), length (eight bytes) and content of each message."""
    digest = hashlib.sha256()
    for message in messages:
        assert message.content is not None
        digest.update(struct.pack(">BQ", message.opcode, len(message.content)) + message.content)
    return digest.hexdigest()[:16]


def _close(closes: list[Close]) -> str:
    if not closes:
        return "-"
    # The facts hold no more of a reason than this.
    return "empty" if closes[0].code is None else f"{closes[0].code} {closes[0].reason.decode()[:_REASON_KEPT]!r}"


def test_frames_and_messages_are_those_of_the_facts(shared_captures: Path) -> None:
    with (shared_captures / _FACTS).open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows
    for row in rows:
        websockets = inspector.open(shared_captures / row["file"]).websockets
        found = next(ws for ws in websockets.connections if ws.connection == int(row["stream"]))
        direction = found.client if row["dir"] == "c>s" else found.server
        facts = _facts(websockets, direction)
        assert facts == {name: row[name] for name in facts}, row["file"]
        assert row["inflate_errors"] == "0"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("ws-wrong-accept-header.pcap", "ws.accept_mismatch"),
    ],
)
def test_handshake_anomalies(shared_captures: Path, file: str, code: str) -> None:
    shake = inspector.open(shared_captures / file).websockets.connections[0].handshake
    assert shake is not None
    assert [anomaly.code for anomaly in shake.response_anomalies] == [code]
