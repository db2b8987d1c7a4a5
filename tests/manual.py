"""The manual's ``console`` blocks: commands after ``$``, and below each what it prints."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from inspector.cli import cli

__all__ = ["DOCS", "Command", "commands", "differences", "lines_to_type", "run", "unknown"]

DOCS = Path(__file__).resolve().parents[1] / "docs"

_TYPED = re.compile(r"(?:^(?: {4}|\$ )|`)(inspector [^`\n|]+)", re.MULTILINE)
"""A command in a block or within text, up to a pipe."""

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


def run(command: Command, folder: Path, language: str = "en", timeout: float = 300) -> str:
    """What a shell prints for the command in a folder."""
    program = folder / ".bin" / "inspector"
    if not program.exists():
        program.parent.mkdir()
        program.write_text(f"#!{sys.executable}\nfrom inspector.cli import main\n\nmain()\n", "utf-8")
        program.chmod(0o755)
    environment = os.environ | {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "LANGUAGE": language}
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


def lines_to_type(page: Path) -> list[str]:
    """Every ``inspector …`` that a page of the manual names."""
    return _TYPED.findall(page.read_text("utf-8"))


def unknown(line: str) -> str | None:
    """The command or option of a line that does not exist; None when all do. Nothing is run."""
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = cli
    context = click.Context(cli, info_name="inspector")
    try:
        while True:
            _options, rest, _order = command.make_parser(context).parse_args(words)
            below = command.get_command(context, rest[0]) if isinstance(command, click.Group) and rest else None
            if below is None:
                # Groups that also do something by themselves take arguments.
                return rest[0] if command is cli and rest and rest[0].isalpha() and rest[0].islower() else None
            words, command = rest[1:], below
            context = click.Context(below, info_name=rest[0], parent=context)
    except click.UsageError as error:
        return error.format_message()
