"""``inspector samples``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inspector.i18n import _, reason_of

if TYPE_CHECKING:
    from captures.sample_list import Sample

__all__ = ["command"]


@click.command("samples")
@click.argument("name", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Copy the recording to this file or folder.")
@click.option("--answers", is_flag=True, help="With the answers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per sample.")
def command(name: str | None, output: Path | None, answers: bool, as_json: bool) -> None:
    """List the recordings that ship with Inspector; with NAME show one as an exercise.

    \b
    Examples:
      inspector samples
      inspector samples chat-ws --answers
      inspector samples chat-wss -o .

    \b
    Exit codes: 0 ok, 2 there is no such sample or the file cannot be written.
    """
    from captures.sample_list import SAMPLES
    from inspector.errors import UsageError

    chosen = [sample for sample in SAMPLES if name in (None, sample.name)]
    if not chosen:
        names = ", ".join(sample.name for sample in SAMPLES)
        raise UsageError(_("there is no sample {name}; there are {names}").format(name=name, names=names))
    if output is not None:
        if name is None:
            raise UsageError(_("name the sample to copy, as in: inspector samples chat-ws -o ."))
        _copy(chosen[0], output)
    elif as_json:
        for sample in chosen:
            click.echo(json.dumps(_plain(sample), ensure_ascii=False))
    elif name is None:
        width = max(len(sample.name) for sample in SAMPLES)
        for sample in chosen:
            click.echo(f"{sample.name:<{width}}  {_(sample.title)}")
    else:
        _show(chosen[0], answers)


def _plain(sample: Sample) -> dict[str, object]:
    return {
        "name": sample.name,
        "path": str(sample.path),
        "title": _(sample.title),
        "commands": [command.format(file=sample.path) for command in sample.commands],
        "questions": [{"question": _(question), "answer": _(answer)} for question, answer in sample.questions],
    }


def _show(sample: Sample, answers: bool) -> None:
    click.echo(_(sample.title))
    click.echo(f"{sample.path}\n")
    for line in sample.commands:
        click.echo("  " + line.format(file=sample.path))
    for question, answer in sample.questions:
        click.echo("\n? " + _(question))
        if answers:
            click.echo("  " + _(answer))


def _copy(sample: Sample, output: Path) -> None:
    from inspector.errors import UsageError

    target = output / sample.path.name if output.is_dir() else output
    if target.exists():
        raise UsageError(_("{name} exists; name another file").format(name=target))
    try:
        shutil.copyfile(sample.path, target)
    except OSError as error:
        raise UsageError(_("cannot write {name}: {why}").format(name=target, why=reason_of(error))) from error
    click.echo(_("copied to {path}").format(path=target))
