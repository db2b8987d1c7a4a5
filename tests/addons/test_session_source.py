"""Files of other programs as recordings without a name on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from addons import session_source
from addons.session_source import read_session, recording_of
from inspector.errors import CaptureError
from inspector.recording.capture import open_capture
from inspector.recording.source import open_source
from tests.packets import ACK, pcap, tcp_packet

HAR = {
    "log": {
        "entries": [
            {
                "startedDateTime": "2026-01-01T00:00:00Z",
                "request": {
                    "method": "GET",
                    "url": "https://shop.example/app.js",
                    "headers": [{"name": "Accept-Encoding", "value": "gzip"}],
                },
                "response": {
                    "status": 200,
                    "headers": [{"name": "Content-Type", "value": "text/javascript"}],
                    "content": {"text": "x" * 5000},
                },
            },
            {},
        ]
    }
}


def test_a_har_becomes_a_recording_that_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.har"
    path.write_text(json.dumps(HAR))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))

    session = read_session(open_source(path))
    assert session is not None
    recording, written = recording_of(session, "a.har")

    assert (session.origin, session.left_out, written.exchanges) == ("HAR", 1, 1)
    assert (recording.name, recording.converted) == ("a.har", True)
    assert recording.data[:4] == b"\x0a\x0d\x0d\x0a"
    assert list(temporary.iterdir()) == []


def test_a_capture_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap([tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 0, ACK)]))
    assert read_session(open_source(path)) is None


def test_what_does_not_fit_on_the_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.har"
    path.write_text(json.dumps(HAR))
    session = read_session(open_source(path))
    assert session is not None
    monkeypatch.setattr(session_source, "temporary_room", lambda: 5000)
    with pytest.raises(CaptureError, match=r"a\.har needs more than the 5000 bytes"):
        recording_of(session, "a.har")


def test_wireshark_is_given_the_packets_and_not_the_har(tmp_path: Path) -> None:
    from captures.excerpt import write_whole

    path = tmp_path / "a.har"
    path.write_text(json.dumps(HAR))
    session = read_session(open_source(path))
    assert session is not None
    capture = open_capture(path, convert=lambda source: recording_of(session, source.name)[0])

    assert write_whole(capture, tmp_path).path.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
