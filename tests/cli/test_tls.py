"""``inspector tls`` as a user runs it."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest
from click.testing import CliRunner

from inspector.cli.tls import command
from inspector.errors import UsageError
from tests.packets import pcap
from tests.recording.test_connections import HANDSHAKE
from tests.recording.test_tls import _SAID, _segments
from tests.tls_session import talk


@pytest.fixture
def capture(tmp_path: Path) -> tuple[str, str]:
    """A capture of TLS 1.3 and its key log."""
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, _SAID)
    path = tmp_path / "tls.pcap"
    path.write_bytes(pcap(_segments(session.crossed, 700)))
    (tmp_path / "keys").write_bytes(session.keys)
    return str(path), str(tmp_path / "keys")


def test_without_keys_the_reason_is_said_and_no_certificate_is_seen(capture: tuple[str, str]) -> None:
    result = CliRunner().invoke(command, [capture[0]], catch_exceptions=False)
    assert result.exit_code == 0
    first, *others = result.stdout.splitlines()
    assert first.startswith("#0  10.0.0.1:40000 > 10.0.0.2:443  chat.example  TLS 1.3  TLS_")
    assert first.endswith("not decrypted: no secret for this connection was given")
    assert [line.split()[0] for line in others] == ["JA3"]


def test_with_keys_as_json(capture: tuple[str, str]) -> None:
    result = CliRunner().invoke(command, [capture[0], "--keys", capture[1], "--json"], catch_exceptions=False)
    [row] = [json.loads(line) for line in result.stdout.splitlines()]
    assert (row["server_name"], row["version"], row["alpn"], row["decryption"]) == (
        "chat.example", "TLS 1.3", "http/1.1", "done"
    )  # fmt: skip
    assert row["offered"]["alpn"] == ["h2", "http/1.1"]
    assert (row["certificates"][0]["names"], row["certificates"][0]["key"]) == (["chat.example"], "RSA 2048")
    # The packets are of 2023; the certificate was made today.
    assert "tls.certificate_not_yet_valid" in [anomaly["code"] for anomaly in row["anomalies"]]


def test_a_capture_without_tls_and_a_connection_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "plain.pcap"
    path.write_bytes(pcap(HANDSHAKE))
    assert "No TLS" in CliRunner().invoke(command, [str(path)], catch_exceptions=False).stdout
    result = CliRunner().invoke(command, [str(path), "-c", "5"])
    assert isinstance(result.exception, UsageError)
