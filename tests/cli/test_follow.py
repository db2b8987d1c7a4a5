"""``inspector follow`` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from inspector.cli.follow import command
from inspector.errors import UsageError
from tests.packets import pcap
from tests.recording.test_connections import HANDSHAKE
from tests.recording.test_streams import to_client, to_server


def written(folder: Path) -> str:
    path = folder / "x.pcap"
    packets = [*HANDSHAKE, to_server(1, b"ask\r\n"), to_client(1, b"\x00\xff\r\n"), to_client(15, b"end")]
    path.write_bytes(pcap(packets))
    return str(path)


def test_raw_writes_the_exact_bytes_and_tells_of_gaps_on_stderr(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [written(tmp_path), "0", "--as", "raw", "--side", "server"])
    assert result.stdout_bytes == b"\x00\xff\r\nend"
    assert "[10 bytes missing]" in result.stderr
    assert result.exit_code == 0


def test_text_is_the_default(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [written(tmp_path), "0", "--side", "client"])
    assert result.stdout == "ask\n"


def test_a_guessed_client_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([to_server(1, b"x")]))
    result = CliRunner().invoke(command, [str(path), "0"])
    assert "guess" in result.stderr


def test_no_such_connection_is_an_expected_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [written(tmp_path), "7"])
    assert isinstance(result.exception, UsageError)
    with pytest.raises(UsageError, match="no connection 7"):
        raise result.exception


def test_a_capture_without_tcp_says_so() -> None:
    sample = Path(__file__).parents[2] / "captures" / "samples" / "dns.pcapng"
    result = CliRunner().invoke(command, [str(sample), "5"])

    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == "there is no connection 5: this capture has no TCP connection"
