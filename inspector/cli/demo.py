"""``inspector demo``."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

import click

from inspector.i18n import _

__all__ = ["command"]


@click.command("demo")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Folder for what is made.")
@click.option("--no-open", is_flag=True, help="Do not open the report in a browser.")
@click.option("--lang", type=click.Choice(["en", "ko"]), help="Language that is shown first.")
def command(output: Path | None, no_open: bool, lang: str | None) -> None:
    """See all of it in twenty seconds: a chat, its recording, a fault, the verdict.

    Starts the reference chat server with its trace and the recording proxy, lets people talk in Korean and English, breaks
    one room on purpose, and writes recording, report.html and report.json into a folder. Real packets are captured as well
    where that is permitted. Needs neither root nor tshark nor Redis; what is left out is said. Ctrl-C leaves nothing running.

    \b
    Examples:
      inspector demo
      inspector demo -o demo/ --no-open --lang ko

    \b
    Exit codes: 0 shown, 2 it could not start.
    """
    from inspector.cli.demonstration import Demonstration
    from inspector.errors import UsageError
    from inspector.report.text import render_text

    folder = output or Path("inspector-demo") / time.strftime("%Y%m%d-%H%M%S")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(_("{name} is not empty; name another folder").format(name=folder))
    language = lang or _spoken()
    outcome = Demonstration(folder, language, lambda line: click.echo(f"· {line}", err=True)).run()
    click.echo("")
    click.echo("\n".join(render_text(outcome.report, language).splitlines()[:12]))
    click.echo("")
    for name in ("report.html", "report.json", outcome.recording.name, "trace.jsonl"):
        click.echo(f"  {folder / name}")
    for line in outcome.left_out:
        click.echo(_("left out: {what}").format(what=line))
    words = ["inspector", "journey", str(outcome.recording), "--trace", str(folder / "trace.jsonl")]
    click.echo(_("next: {command}").format(command=shlex.join(words)))
    if not no_open:
        _open(folder / "report.html")


def _spoken() -> str:
    """The language that is chosen, by --lang before the command or by the locale."""
    import locale
    import os

    chosen = os.environ.get("LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0]
    return "ko" if (chosen or "").startswith("ko") else "en"


def _open(path: Path) -> None:
    """In the user's browser; where there is none, nothing happens."""
    import os
    import sys
    import webbrowser

    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    webbrowser.open(path.resolve().as_uri())
