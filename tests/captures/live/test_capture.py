"""Live captures of real packets on loopback, by each program."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import websockets

import inspector
from captures.live import CaptureRequest, LiveCapture, Ring
from captures.live.own import without_own
from captures.live.programs import PROGRAMS, Drops
from inspector.errors import MissingPart, UsageError
from inspector.report.connections import list_connections

_LOOPBACK = "lo"


@pytest.fixture(params=["dumpcap", "tcpdump", "scapy"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each program that is installed and may capture here."""
    name: str = request.param
    try:
        with LiveCapture(CaptureRequest(_LOOPBACK, tmp_path / "probe.pcapng", "tcp port 1"), (name,)):
            pass
    except MissingPart as error:
        pytest.skip(str(error))
    return name


def _talk(rounds: int) -> None:
    """A connection on loopback with so many bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        _talk_to(server, rounds)


def _talk_to(server: socket.socket, rounds: int) -> None:
    with socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            for _round in range(rounds):
                client.sendall(b"x")
                assert accepted.recv(1) == b"x"


def test_every_packet_is_in_the_file_and_none_is_lost(program: str, tmp_path: Path) -> None:
    path = tmp_path / "talk.pcapng"
    # By its port: what else goes on here at the same time is none of this test's packets, nor of its losses.
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with LiveCapture(CaptureRequest(_LOOPBACK, path, f"tcp port {port}"), (program,)) as live:
            _talk_to(server, 50)
            result = live.stop()
    capture = inspector.open(path)
    servers = list_connections(capture).texts["server"]
    number = servers.index(f"127.0.0.1:{port}")
    assert b"".join(block for _start, block in capture.stream(number, "client").blocks()) == b"x" * 50
    assert result.drops.kernel == 0
    assert result.drops.received == capture.packet_count
    assert result.files == (path,)
    assert not list(tmp_path.glob("*.pcap"))


def test_it_ends_by_itself_after_so_many_packets(program: str, tmp_path: Path) -> None:
    path = tmp_path / "few.pcapng"
    with LiveCapture(CaptureRequest(_LOOPBACK, path, "tcp", packets=5), (program,)) as live:
        deadline = time.monotonic() + 60
        while live.running() and time.monotonic() < deadline:
            _talk(3)
        assert not live.running()
    assert inspector.open(path).packet_count == 5


@pytest.mark.parametrize(
    ("interface", "filter_text", "complaint"),
    [(_LOOPBACK, "tpc port 80", "no capture filter"), ("no-such-interface", "", "no interface")],
)
def test_wrong_input_is_an_error_at_once(
    program: str, tmp_path: Path, interface: str, filter_text: str, complaint: str
) -> None:
    live = LiveCapture(CaptureRequest(interface, tmp_path / "none.pcapng", filter_text), (program,))
    with pytest.raises(UsageError, match=complaint):
        live.start()


def test_a_ring_keeps_its_size(tmp_path: Path) -> None:
    request = CaptureRequest(_LOOPBACK, tmp_path / "ring.pcapng", "tcp", ring=Ring(bytes=20_000, files=3))
    live = LiveCapture(request, ("dumpcap",))
    try:
        live.start()
    except MissingPart as error:
        pytest.skip(str(error))
    for _round in range(10):
        _talk(200)
        time.sleep(0.3)
    result = live.stop()
    assert 2 <= len(result.files) <= 3
    assert sorted(result.files) == sorted(tmp_path.glob("ring_*.pcapng"))
    # The newest is begun as soon as the one before is full.
    assert all(inspector.open(path).packet_count for path in result.files[:-1])


def test_who_may_not_capture_is_told_how(tmp_path: Path) -> None:
    setpriv = shutil.which("setpriv")
    if setpriv is None or os.geteuid() != 0 or shutil.which("dumpcap") is None:
        pytest.skip("needs dumpcap, root, and setpriv to give up root's right to capture")
    code = (
        "from captures.live import CaptureRequest, LiveCapture\n"
        "from pathlib import Path\n"
        f"LiveCapture(CaptureRequest('lo', Path({str(tmp_path)!r}) / 'x.pcapng'), ('dumpcap',)).start()\n"
    )
    done = subprocess.run(
        [setpriv, "--bounding-set=-all", sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert "you may not capture on lo" in done.stderr
    assert "usermod -aG wireshark" in done.stderr


def test_the_remote_session_in_which_one_types_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    assert without_own("tcp") == "tcp"
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.7 51000 10.0.0.9 22")
    own = "not (tcp and host 10.0.0.7 and host 10.0.0.9 and port 51000 and port 22)"
    assert without_own("") == own
    assert without_own("tcp or udp") == f"(tcp or udp) and {own}"
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.7 51000; rm 22")
    assert without_own("tcp") == "tcp"


def _command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from inspector.cli import main; main()", "capture", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_follow_shows_messages_while_they_pass_and_ctrl_c_ends_clean(program: str, tmp_path: Path) -> None:
    path = tmp_path / "follow.pcapng"

    async def serve() -> str:
        async def echo(socket: websockets.ServerConnection) -> None:
            async for message in socket:
                await socket.send(message)

        async with websockets.serve(echo, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            process = _command(
                "-i", _LOOPBACK, "-f", f"tcp port {port}", "-o", str(path), "--follow", "--json", "--with", program
            )  # fmt: skip
            assert process.stderr is not None and process.stdout is not None
            await asyncio.to_thread(process.stderr.readline)
            async with websockets.connect(f"ws://127.0.0.1:{port}") as client:
                await client.send("안녕하세요")
                assert await client.recv() == "안녕하세요"
                lines: list[str] = []
                while "안녕하세요" not in "".join(lines[-1:]) or len(lines) < 3:
                    lines.append(await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), 60))
            process.send_signal(signal.SIGINT)
            rest = await asyncio.to_thread(process.communicate, None, 60)
            assert process.returncode == 0, rest
            return "".join(lines) + rest[0]

    said = asyncio.run(serve())
    assert "begins" in said
    assert said.count("안녕하세요") == 2
    result = json.loads(said.splitlines()[-1])
    assert (result["program"], result["dropped_by_kernel"]) == (program, 0)
    assert result["packets"] == inspector.open(path).packet_count


def _children(pid: int) -> list[int]:
    return [
        int(word)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for word in (task / "children").read_text("ascii").split()
    ]


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie (proc(5), field 3)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a program with its parent")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="needs root: see captures/parent.py")
def test_when_the_command_is_killed_the_capturing_program_ends(program: str, tmp_path: Path) -> None:
    path = tmp_path / "killed.pcapng"
    process = _command("-i", _LOOPBACK, "-f", "tcp port 1", "-o", str(path), "--with", program)
    assert process.stderr is not None
    process.stderr.readline()  # it captures
    [child] = _children(process.pid)
    assert _runs(child)
    process.kill()
    process.wait(60)
    deadline = time.monotonic() + 60
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)
    process.communicate()


@pytest.mark.parametrize(
    ("name", "said", "drops"),
    [
        ("dumpcap", "Packets received/dropped on interface 'Loopback: lo': "
         "160/123 (pcap:120/dumpcap:2/flushed:1/ps_ifdrop:4) (56.5%)", Drops(160, 123, 4)),
        ("tcpdump", "12 packets captured\n24 packets received by filter\n1 packet dropped by kernel\n", Drops(12, 1, None)),
        ("dumpcap", "terminated", Drops(None, None, None)),
    ],
)  # fmt: skip
def test_lost_packets_are_counted_as_the_programs_tell(name: str, said: str, drops: Drops) -> None:
    [program] = (program for program in PROGRAMS if program.name == name)
    assert program.drops(said) == drops


def test_existing_files_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "kept.pcapng"
    path.write_bytes(b"precious")
    process = _command("-i", _LOOPBACK, "-o", str(path))
    _out, complaint = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "exists" in complaint
    assert path.read_bytes() == b"precious"
