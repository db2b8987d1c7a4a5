"""Files that commands write."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from click.testing import CliRunner

from inspector.cli import cli
from inspector.cli.output import whole
from inspector.errors import UsageError
from tests.report.samples import SAMPLES


@pytest.mark.parametrize(
    "words",
    [["report", "FILE", "-o", "FILE"], ["export", "har", "FILE", "-o", "FILE"], ["import", "FILE", "-o", "FILE"]],
)
def test_what_is_read_is_never_written_over(tmp_path: Path, words: list[str]) -> None:
    """A capture is mapped while it is read: cut short meanwhile, it ends the program with a bus error."""
    path, link = tmp_path / "evidence.pcapng", tmp_path / "link.pcapng"
    if words[0] == "import":
        path.write_text('{"log": {"entries": []}}')
    else:
        path.write_bytes((SAMPLES / "close-1011.pcapng").read_bytes())
    link.symlink_to(path)
    before = path.read_bytes()
    for output in (path, link):
        *command, _file = words
        given = [str(path) if word == "FILE" else word for word in command]
        result = CliRunner().invoke(cli, [*given, str(output)])
        assert isinstance(result.exception, UsageError)
        assert "choose another file to write" in str(result.exception)
        assert path.read_bytes() == before


def test_half_a_file_is_not_left_on_a_full_disk_and_the_message_names_it(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with pytest.raises(UsageError, match=r"cannot write .*report\.html: .*[Nn]o space"), whole(path):
        path.write_text("<!doctype html><p>half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not path.exists()


def test_what_could_not_be_opened_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "old.html"
    path.write_text("of yesterday")
    with pytest.raises(UsageError, match="Permission denied"), whole(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))
    assert path.read_text() == "of yesterday"


def test_an_interrupted_file_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with pytest.raises(KeyboardInterrupt), whole(path):
        path.write_text("{")
        raise KeyboardInterrupt
    assert not path.exists()
