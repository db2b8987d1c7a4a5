"""Exported files: their bytes are tshark's, their names can do no harm."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import inspector
from inspector.recording.http import http_exchanges
from inspector.report.objects import safe_name, write_objects


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "object"),
        ("", "object"),
        ("C:\\boot.ini", "C__boot.ini"),
        ("CON.txt", "_CON.txt"),
        (".bashrc", "bashrc"),
        ("사진.png", "사진.png"),
        ("a\x1b[2Jb\u202egnp.exe", "a_[2Jb_gnp.exe"),
        ("x" * 500 + ".tar", "x" * 116 + ".tar"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_any_name_is_one_short_visible_component(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert "/" not in safe
    assert "\\" not in safe
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 131


def test_nothing_is_overwritten(shared_captures: Path, tmp_path: Path) -> None:
    capture = inspector.open(shared_captures / "http1-chunked-gzip.pcap")
    [(_, first, size)] = write_objects(http_exchanges(capture), tmp_path)
    [(_, second, _)] = write_objects(http_exchanges(capture), tmp_path)
    assert first != second
    assert first.read_bytes() == second.read_bytes()
    assert size == 97845


def test_files_equal_tsharks(shared_captures: Path, tmp_path: Path) -> None:
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    path = shared_captures / "big-web-browsing-2011.pcap"
    theirs_folder = tmp_path / "theirs"
    subprocess.run(
        [
            "tshark",
            "-nqr",
            str(path),
            "-o",
            "tcp.reassemble_out_of_order:TRUE",
            f"--export-objects=http,{theirs_folder}",
        ],
        capture_output=True,
        check=True,
    )
    theirs = {file.read_bytes() for file in theirs_folder.iterdir()}
    written = write_objects(http_exchanges(inspector.open(path)), tmp_path / "ours")
    # tshark also writes single segments of bodies that it is still putting together: theirs are more.
    assert [file.name for _, file, _ in written if file.read_bytes() not in theirs] == []
    assert len(written) > 150
