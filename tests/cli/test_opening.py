"""What every command does with a file that is cut, corrupt or no capture at all."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inspector.cli import opening
from tests.addons.test_session_source import HAR
from tests.packets import ACK, SYN, pcap, tcp_packet
from tests.tshark import require_tshark

_PACKETS = [
    tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 0, SYN),
    tcp_packet("10.0.0.2", "10.0.0.1", (80, 40000), 1, 2, SYN | ACK),
]


def inspector(*arguments: str) -> list[str]:
    """The command line that runs Inspector."""
    return [sys.executable, "-c", "from inspector.cli import main; main()", *arguments]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Inspector to its end."""
    return subprocess.run(inspector(*arguments), capture_output=True, text=True, timeout=60, check=False)


def test_a_cut_file_is_read_up_to_the_cut_and_ends_with_0(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(pcap(_PACKETS)[:-1])

    done = run("summary", str(path))

    assert done.returncode == 0
    assert "1 packet, then cut at byte 94: " in done.stderr
    assert "1 packet" in done.stdout


def test_a_corrupt_file_is_read_up_to_there_and_ends_with_2(tmp_path: Path) -> None:
    path = tmp_path / "corrupt.pcap"
    data = bytearray(pcap(_PACKETS))
    data[94 + 8 : 94 + 12] = (99_999_999).to_bytes(4, "little")
    path.write_bytes(data)

    done = run("report", str(path))

    assert done.returncode == 2
    assert "1 packet, then cut at byte 94: the packet there claims an impossible 99999999" in done.stderr
    assert "1 packet" in done.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b"GIF89a, not packets", "is not a capture file"), (b"\xd4\xc3\xb2\xa1\2", "is cut in its")],
)
def test_what_is_no_capture_gets_one_line_and_exit_code_2(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    done = run("report", str(path))

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("how", ["file", "gzip", "standard input"])
def test_a_har_is_read_like_a_capture(tmp_path: Path, how: str) -> None:
    data = json.dumps(HAR).encode()
    path = tmp_path / "session.har"
    path.write_bytes(gzip.compress(data) if how == "gzip" else data)
    with path.open("rb") as file:
        name = "-" if how == "standard input" else str(path)
        done = subprocess.run(
            inspector("diagnose", "--all", name), stdin=file, capture_output=True, text=True, timeout=60, check=False
        )

    assert done.returncode == 0
    assert "1 exchange and 0 WebSocket messages of a HAR file, reconstructed as packets" in done.stderr
    assert "1 entry could not be used" in done.stderr
    # Nothing follows from packets and codings that the writer made.
    assert "client ok | network ? |" in done.stdout
    assert "H4   not applicable" in done.stdout
    assert "T1   not applicable" in done.stdout


def test_a_report_joins_a_har_and_a_capture(tmp_path: Path) -> None:
    har, capture = tmp_path / "session.har", tmp_path / "two.pcap"
    har.write_text(json.dumps(HAR))
    capture.write_bytes(pcap(_PACKETS))

    done = run("report", str(har), str(capture), "--json")

    sources = json.loads(done.stdout)["sources"]
    assert [source["name"] for source in sources] == ["session.har", "two.pcap"]
    assert [source["interfaces"][0]["grade"] for source in sources] == ["reconstructed", "captured"]
    assert sources[0]["sha256"] == hashlib.sha256(har.read_bytes()).hexdigest()


def test_json_that_is_no_har_gets_one_line_and_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"verdict": 1}')

    done = run("report", str(path))

    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a HAR: it has no log with entries" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_missing_file_gets_one_line_and_exit_code_2(tmp_path: Path) -> None:
    done = run("report", str(tmp_path / "absent.pcap"))

    assert done.returncode == 2
    assert "No such file" in done.stderr
    assert done.stderr.count("\n") == 1


def test_control_characters_of_a_file_name_do_not_reach_the_terminal(tmp_path: Path) -> None:
    done = run("report", str(tmp_path / "evil\x1b]0;title\x07\nname"))

    assert done.returncode == 2
    assert "evil<U+001B>]0;title<U+0007><U+000A>name" in done.stderr
    assert done.stderr.count("\n") == 1


def test_closed_standard_input_gets_one_line_and_exit_code_2() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *inspector("report", "-")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert "nothing comes in on standard input" in done.stderr
    assert done.stderr.count("\n") == 1


def _opened_by_a_reader(fifo: Path) -> int:
    """The writing end, as soon as somebody wants to read (fifo(7)); nothing is ever written."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.02)
    raise AssertionError("nobody reads")


def test_interrupting_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    fifo = tmp_path / "never written"
    os.mkfifo(fifo)
    process = subprocess.Popen(inspector("report", str(fifo)), stderr=subprocess.PIPE, text=True)
    writing = _opened_by_a_reader(fifo)
    process.send_signal(signal.SIGINT)

    _, errors = process.communicate(timeout=60)
    os.close(writing)

    assert process.returncode == 130
    assert "Traceback" not in errors


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "two.pcap"
    path.write_bytes(pcap(_PACKETS))
    read_end, write_end = os.pipe()
    os.close(read_end)

    done = subprocess.run(
        inspector("report", str(path)), stdout=write_end, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(write_end)

    assert done.returncode == 141
    assert done.stderr == ""


@pytest.mark.parametrize("command", [("packet", "1"), ("dissect", "1")])
def test_a_reader_that_goes_away_while_rich_prints_is_no_error(tmp_path: Path, command: tuple[str, str]) -> None:
    if command[0] == "dissect":
        require_tshark()
    path = tmp_path / "two.pcap"
    path.write_bytes(pcap(_PACKETS))
    read_end, write_end = os.pipe()
    os.close(read_end)

    done = subprocess.run(
        inspector(command[0], str(path), command[1]),
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(write_end)

    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("name", ["absent/report.html", "absent/report.md", "absent/report.pcapng"])
def test_what_cannot_be_written_gets_one_line_and_exit_code_2(tmp_path: Path, name: str) -> None:
    path = tmp_path / "two.pcap"
    path.write_bytes(pcap(_PACKETS))

    done = run("report", str(path), "-o", str(tmp_path / name))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"inspector: cannot write {tmp_path / name}: No such file or directory\n"


def test_a_full_disk_gets_one_line_and_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "two.pcap"
    path.write_bytes(pcap(_PACKETS))

    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            inspector("summary", str(path)), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )

    assert done.returncode == 2
    assert done.stderr == "inspector: cannot write the output: No space left on device\n"


def test_the_usage_of_a_report_is_as_it_is_typed(tmp_path: Path) -> None:
    done = run("report", "--nonsense", str(tmp_path))

    assert done.returncode == 2
    assert "report --help'" in done.stderr
    assert "make" not in done.stderr


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("patience_s", [0.0, 60.0])
def test_a_bar_is_drawn_on_a_terminal_once_the_work_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience_s: float
) -> None:
    path = tmp_path / "two.pcap"
    path.write_bytes(pcap(_PACKETS))
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(opening, "_PATIENCE_S", patience_s)

    capture = opening.open_for_command(path)

    assert len(capture.packets) == 2
    assert ("reading" in terminal.getvalue()) == (patience_s == 0.0)


def test_no_bar_is_drawn_into_a_pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.pcap"
    path.write_bytes(pcap(_PACKETS))
    monkeypatch.setattr(opening, "_PATIENCE_S", 0.0)

    opening.open_for_command(path)

    assert capsys.readouterr().err == ""
