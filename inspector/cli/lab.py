"""``inspector lab``."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from inspector.chat.labs.lab import Lab
    from inspector.chat.labs.link import LinkLab
    from inspector.chat.labs.run import Outcome

__all__ = ["command"]


@click.group("lab")
def command() -> None:
    """Make a real failure happen, with its packets and the truth about it.

    \b
    Examples:
      inspector lab list
      inspector lab show no-handler
      inspector lab run no-handler -o no-handler/
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_labs(as_json: bool) -> None:
    """List the labs.

    \b
    Examples:
      inspector lab list
      inspector lab list --json
    """
    from inspector.chat.options import require

    require()
    from inspector.chat.labs import LABS
    from inspector.chat.labs.link import LINK_LABS
    from inspector.i18n import _

    if as_json:
        described = [*map(_described, LABS), *map(_described_link, LINK_LABS)]
        click.echo(json.dumps(described, ensure_ascii=False, indent=1))
        return
    width = max(len(lab.name) for lab in LABS)
    rules = max(len(" ".join(lab.rules)) for lab in LABS)
    for lab in LABS:
        click.echo(f"{lab.name:{width}}  {' '.join(lab.rules) or '-':{rules}}  {_(lab.title)}")
    for link in LINK_LABS:
        click.echo(f"{link.name:{width}}  {link.rule or '-':{rules}}  {_(link.title)}")


def _described_link(lab: LinkLab) -> dict[str, object]:
    rules = [lab.rule] if lab.rule else []
    return {"name": lab.name, "title": lab.title, "rules": rules, "via": ["link"], "servers": [], "mixes": False}


def _described(lab: Lab) -> dict[str, object]:
    return {
        "name": lab.name,
        "title": lab.title,
        "rules": list(lab.rules),
        "via": list(lab.via),
        "servers": list(lab.servers),
        "mixes": lab.mixes,
    }


@command.command("show")
@click.argument("name")
@click.option("--answer", is_flag=True, help="Also the answer.")
def show(name: str, answer: bool) -> None:
    """Show a lab as an exercise: goal, what to look at, question.

    \b
    Examples:
      inspector lab show no-handler
      inspector lab show no-handler --answer
    """
    from inspector.chat.options import require

    require()
    from inspector.chat.labs.link import LINK_LABS
    from inspector.chat.labs.run import find_lab
    from inspector.i18n import _

    lab = next((link for link in LINK_LABS if link.name == name), None) or find_lab(name)
    lesson = lab.lesson
    parts = [(_("Goal"), lesson.goal), (_("Look at"), lesson.look), (_("Question"), lesson.question)]
    if answer:
        parts.append((_("Answer"), lesson.answer))
    click.echo(_(lab.title))
    for label, text in parts:
        click.echo(click.wrap_text(_(text), 100, f"{label}: ", "  "))


@command.command("run")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--via", type=click.Choice(["direct", "nginx"]), help="Direct, or through nginx.  [default: the lab's]")
@click.option("--server", type=click.Choice(["daphne", "uvicorn"]), help="The ASGI server.  [default: the lab's]")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same choices.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), default=Path("labs"), show_default=True,
    help="Folder for the results; of several labs, one folder each inside it.",
)  # fmt: skip
@click.pass_context
def run(
    ctx: click.Context, names: tuple[str, ...], via: str | None, server: str | None, seed: int, output: Path
) -> None:
    """Play labs: start servers, drive clients, capture packets, write the truth.

    NAME may be all: every lab that can be played that way. Each leaves capture.pcapng, truth.json, trace.jsonl and
    server.log. Without the right to capture, it says so and writes the others.

    Labs named link-… talk over a link that spoils packets; they need Linux and root, leave capture.pcapng (at the client),
    server.pcapng (at the server) and link.jsonl with the fate of every frame, and are no part of all.

    Exit codes: 0 played, 1 a lab did not show what it should, 2 it could not start.

    \b
    Examples:
      inspector lab run no-handler -o no-handler/
      inspector lab run idle-cut --via nginx --seed 7
      inspector lab run link-loss -o link-loss/
      inspector lab run all -o labs/
    """
    from inspector.chat.options import require

    require()
    from inspector.chat.labs import LABS
    from inspector.chat.labs.run import LabRun, Player, find_lab

    if names == ("all",):
        chosen = [lab.name for lab in LABS if via in (None, *lab.via) and server in (None, *lab.servers)]
    else:
        chosen = [find_lab(name).name for name in names if not name.startswith("link-")]
    alone = len(names) == 1 and names != ("all",)
    for name in names:
        if name.startswith("link-"):
            _run_link(name, output if alone else output / name, seed)
    if not chosen:
        return
    runs = [LabRun(name, output if alone else output / name, via, server, seed) for name in dict.fromkeys(chosen)]
    # Servers are stopped and their files removed, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Player() as player:
        outcomes = player.run_all(runs, _tell)
    ctx.exit(1 if any(outcome.error is not None for outcome in outcomes) else 0)


def _run_link(name: str, folder: Path, seed: int) -> None:
    from inspector.chat.labs.link import LINK_LABS, run_link_lab
    from inspector.errors import UsageError
    from inspector.i18n import _

    lab = next((link for link in LINK_LABS if link.name == name), None)
    if lab is None:
        names = ", ".join(link.name for link in LINK_LABS)
        raise UsageError(_("there is no lab {name}; on the link there are {names}").format(name=name, names=names))
    result = run_link_lab(lab, folder, seed)
    told = ", ".join(f"{fate} {count}" for fate, count in sorted(result.fates.items()))
    click.echo(
        _("{lab}: {rules}, frames: {fates}, {folder}").format(
            lab=lab.name, rules=lab.rule or "-", fates=told, folder=folder
        )
    )


def _tell(outcome: Outcome) -> None:
    from inspector.i18n import _

    result = outcome.result
    if result is None:
        click.echo(_("inspector: {lab}: {error}").format(lab=outcome.run.name, error=outcome.error), err=True)
        return
    rules = " ".join(sorted({fault.rule for fault in result.truth.faults})) or "-"
    click.echo(
        _("{lab}: {rules} in {seconds:.1f} s, {folder}").format(
            lab=outcome.run.name, rules=rules, seconds=result.seconds, folder=result.folder
        )
    )
    if result.truth.packets_dropped:
        click.echo(
            _("inspector: {count} packets were lost while capturing: the machine is too busy; play it again").format(
                count=result.truth.packets_dropped
            ),
            err=True,
        )
    if result.not_captured is not None:
        click.echo(_("inspector: no packets were captured: {why}").format(why=result.not_captured), err=True)
