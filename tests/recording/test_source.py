"""Files, pipes and standard input as one range of bytes."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import namedtuple
from pathlib import Path

import pytest

import inspector
from inspector.errors import CaptureError
from inspector.recording.source import open_source
from tests.blocks import header, record

PACKETS = header() + b"".join(record(bytes([n]) * 60, (n, 0)) for n in range(50))


def test_a_plain_file_is_mapped(tmp_path: Path) -> None:
    path = tmp_path / "capture.gz"  # the name does not matter
    path.write_bytes(PACKETS)

    source = open_source(path)

    assert source.data[:] == PACKETS
    source.release(len(PACKETS))
    assert source.data[:] == PACKETS


def test_a_compressed_file_is_spooled_and_progress_is_told(tmp_path: Path) -> None:
    path = tmp_path / "capture.pcap"
    path.write_bytes(gzip.compress(PACKETS + os.urandom(3 << 20)))
    seen: list[tuple[int, int | None]] = []

    source = open_source(path, lambda done, total: seen.append((done, total)))

    assert source.data[: len(PACKETS)] == PACKETS
    assert seen
    assert all(total == path.stat().st_size and 0 < done <= total for done, total in seen)
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_is_spooled(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(PACKETS,))
    writer.start()

    source = open_source(fifo)
    writer.join()

    assert source.data[:] == PACKETS


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("piped", [False, True])
def test_standard_input(tmp_path: Path, compressed: bool, piped: bool) -> None:
    path = tmp_path / "capture"
    content = gzip.compress(PACKETS) if compressed else PACKETS
    path.write_bytes(content)
    program = [sys.executable, "-c", "import inspector; print(len(inspector.open('-').packets))"]

    if piped:
        done = subprocess.run(program, input=content, capture_output=True, timeout=60, check=True)
    else:
        with path.open("rb") as file:
            done = subprocess.run(program, stdin=file, capture_output=True, timeout=60, check=True)

    assert done.stdout == b"50\n"


def test_what_does_not_fit_on_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(bytes(5 << 20)))
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10 << 20, 6 << 20, 4 << 20))

    with pytest.raises(CaptureError, match="TMPDIR"):
        open_source(path)


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), (gzip.compress(b"", mtime=0), "not a single byte once uncompressed")]
)
def test_nothing_at_all_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "empty"
    path.write_bytes(content)

    with pytest.raises(CaptureError, match=message):
        open_source(path)


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="Is a directory"):
        open_source(tmp_path)
    with pytest.raises(CaptureError, match="No such file"):
        open_source(tmp_path / "absent")


@pytest.mark.parametrize(("size", "kind", "code"), [(-1, "cut", "compressed_cut"), (None, None, None)])
def test_a_compressed_file_cut_behind_its_last_packet_is_said_to_be_cut(
    tmp_path: Path, size: int | None, kind: str | None, code: str | None
) -> None:
    path = tmp_path / "capture"
    path.write_bytes(gzip.compress(PACKETS)[:size])

    capture = inspector.open(path)

    assert len(capture.packets) == 50
    damage = capture.damage
    assert (damage.kind, damage.code, damage.position) == (kind, code, len(PACKETS)) if damage else kind is None


def test_a_compressed_file_cut_in_the_middle_yields_every_whole_packet_before(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    machine = gzip.compress(PACKETS, compresslevel=0)
    path.write_bytes(machine[: 10 + 5 + 24 + 76 * 7 + 30])

    capture = inspector.open(path)

    assert len(capture.packets) == 7
    assert capture.damage is not None
    assert (capture.damage.kind, capture.damage.packets, capture.damage.position) == ("cut", 7, 24 + 76 * 7)


def test_nothing_stays_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    path = tmp_path / "capture"
    path.write_bytes(gzip.compress(PACKETS))

    capture = inspector.open(path)

    assert len(capture.packets) == 50
    assert list(folder.iterdir()) == []


def test_key_logs_beside_a_capture_join_its_secrets(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(PACKETS)
    keys = tmp_path / "keys.log"
    keys.write_bytes(b"CLIENT_RANDOM 00 11\n")

    capture = inspector.open(path, keys=keys)

    assert [secret.data for secret in capture.metadata.secrets] == [b"CLIENT_RANDOM 00 11\n"]
    with pytest.raises(CaptureError, match="No such file"):
        inspector.open(path, keys=tmp_path / "absent")
