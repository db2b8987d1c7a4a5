"""The manual's ``console`` blocks: commands after ``$``, and below each what it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DOCS", "Command", "commands", "differences", "run"]

DOCS = Path(__file__).resolve().parents[1] / "docs"

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A line to type, and the lines of its output as the manual shows them.

    A line ``…`` stands for any number of lines, ``…`` within a line for any text.
    """

    line: str
    output: tuple[str, ...]

    @property
    def of_demo(self) -> bool:
        """Whether it runs the demonstration or reads what that made."""
        return " demo" in self.line


def commands(page: Path) -> Iterator[Command]:
    """The commands of a page, in order."""
    for block in _BLOCK.findall(page.read_text("utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *output = part.splitlines()
            yield Command(line, tuple(output))


def run(command: Command, folder: Path, timeout: float = 120) -> str:
    """What a shell prints for the command in a folder, in English."""
    program = folder / ".bin" / "inspector"
    if not program.exists():
        program.parent.mkdir()
        program.write_text(f"#!{sys.executable}\nfrom inspector.cli import main\n\nmain()\n", "utf-8")
        program.chmod(0o755)
    environment = os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "LANGUAGE": "en"}
    environment |= {"LC_ALL": "C.UTF-8", "PYTHONPATH": str(DOCS.parent)}
    done = subprocess.run(
        command.line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout
    )
    # 1 and 2 tell of findings; an error is a line of its own.
    assert done.returncode in (0, 1, 2), (command.line, done.returncode, done.stderr)
    assert "Traceback" not in done.stderr, done.stderr
    assert not re.search(r"^(inspector: |Error: |Usage: )", done.stderr, re.MULTILINE), (command.line, done.stderr)
    return done.stdout


def differences(command: Command, printed: str) -> str | None:
    """What the manual shows and the command does not print; None when both agree."""
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else _line(line) for line in command.output)
    if re.fullmatch(pattern, printed.rstrip("\n") + "\n" if printed else ""):
        return None
    return f"$ {command.line}\n--- the manual\n" + "\n".join(command.output) + f"\n--- printed\n{printed}"


def _line(line: str) -> str:
    return "[^\n]*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ ]*\n"
