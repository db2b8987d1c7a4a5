"""``inspector report``: one document for people who were not there, in the form that the receiver needs."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inspector.i18n import _

if TYPE_CHECKING:
    from inspector.report.options import ReportOptions

__all__ = ["command"]

_SUFFIXES = (".html", ".json", ".md", ".pcapng")
_MIB = 1 << 20
_DEFAULT_MIB = 16.0
_LANGUAGE = click.Choice(["en", "ko"])

# Any: JSON.
Json = dict[str, Any]


class _Reports(click.Group):
    """A group in which anything that is no subcommand is a source to report on."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in ("render", "extract"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


class _MadeContext(click.Context):
    @property
    def command_path(self) -> str:
        """As it is typed."""
        return super().command_path.removesuffix(" make")


class _Made(click.Command):
    """The subcommand that is not named."""

    context_class = _MadeContext


@click.group("report", cls=_Reports)
def command() -> None:
    """Judge captures and write a report about them."""


@command.command("make", cls=_Made, hidden=True)
@click.argument("sources", type=click.Path(), nargs=-1, required=True, metavar="SOURCE…")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where to write: .html, .json, .md or .pcapng, by its name."
)
@click.option("--keys", type=click.Path(), help="TLS key log (SSLKEYLOGFILE); keys inside a pcapng are used anyway.")
@click.option("--trace", type=click.Path(), help="The server's trace (docs/trace.md), JSON lines.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="What the server is set to.")
@click.option("--lang", type=_LANGUAGE, help="Language that is shown first; by default that of the locale.")
@click.option("--level", type=click.Choice(["normal", "learn"]), default="normal", help="learn opens all explanations.")
@click.option("--no-redact", is_flag=True, help="Keep passwords, cookies and tokens in it; it says so at its top.")
@click.option(
    "--max-size",
    type=click.FloatRange(min=0.5),
    default=_DEFAULT_MIB,
    metavar="MIB",
    help="Largest HTML or JSON; what it leaves out is told in it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def make(
    sources: tuple[str, ...],
    output: Path | None,
    keys: str | None,
    trace: str | None,
    settings: tuple[str, ...],
    lang: str | None,
    level: str,
    no_redact: bool,
    max_size: float,
    as_json: bool,
) -> None:
    """Judge captures and write a report about them.

    Sources are captures, recordings, HARs and flow files of mitmproxy, several at once. Without -o the report is
    printed as text. An HTML report is one file that needs nothing else and holds both languages; the JSON is the same
    report for programs; Markdown is for tickets; a pcapng is the capture again, with the findings as comments that
    Wireshark shows.

    Secrets are masked in all of them but the pcapng, which is the capture itself. A report can be made into another form
    later: inspector report render; an HTML report holds all of its JSON: inspector report extract.

    \b
    Examples:
      inspector report traffic.pcap
      inspector report traffic.pcap -o report.html
      inspector report client.pcapng server.pcapng --keys sslkeys.log -o report.html
      inspector report session.har -o report.html
      inspector report traffic.pcap -o ticket.md --lang ko
      inspector report traffic.pcap -o marked.pcapng
      inspector report render report.json -o report.html
      inspector report extract report.html -o report.json

    \b
    Exit codes, of the printed report by the worst finding: 0 none, 1 a warning or something undecided, 2 a failure;
    with -o: 0 when it was written; 2 when a source cannot be read.
    """
    from inspector.analysis.facts import Facts
    from inspector.analysis.settings import parse_settings
    from inspector.analysis.trace_events import read_trace
    from inspector.cli.opening import EXIT_CODE, open_for_command
    from inspector.cli.output import refuse_sources, whole
    from inspector.report.build import build_report
    from inspector.report.options import ReportOptions
    from inspector.report.text import exit_code, render_text

    language = _language(lang)
    _check_suffix(output)
    refuse_sources(output, [*sources, keys, trace])
    chosen = parse_settings(settings)
    events = read_trace(trace) if trace is not None else None
    options = ReportOptions(
        language=language,
        level=level,
        redact=not no_redact,
        most_bytes=int(max_size * _MIB),
        command=_command_line(sources, output),
    )
    captures = [open_for_command(source, keys) for source in sources]
    report = build_report([Facts(capture, chosen, events) for capture in captures], options)
    if output is not None and output.suffix == ".pcapng":
        from inspector.report.annotate import write_annotated

        with whole(output):
            write_annotated(report, captures, output)
    elif output is not None:
        _write(report, output, language, options)
    elif as_json:
        from inspector.report.sizing import fitted_json

        found = fitted_json(report, options.most_bytes - 1)
        click.echo(found.text)
        _tell_left_out(found.left_out, language, max_size)
    else:
        click.echo(render_text(report, language, _width()))
    if output is None:
        meta = click.get_current_context().meta
        meta[EXIT_CODE] = max(meta.get(EXIT_CODE, 0), exit_code(report))


@command.command("render")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write: .html, .json or .md.")
@click.option("--lang", type=_LANGUAGE, help="Language that is shown first.")
def render(source: Path, output: Path | None, lang: str | None) -> None:
    """Make a report (.json or .html) into another form, perhaps with a newer version.

    \b
    Examples:
      inspector report render report.json -o report.html
      inspector report render old.html -o new.html --lang ko
      inspector report render report.json
    """
    from inspector.report.options import ReportOptions
    from inspector.report.text import render_text

    report = _read(source)
    language = _language(lang) if lang else report["language"]
    _check_suffix(output)
    if output is None:
        click.echo(render_text(report, language, _width()))
    elif output.suffix == ".pcapng":
        raise click.UsageError(_("a pcapng needs the capture: inspector report CAPTURE -o FILE.pcapng"))
    else:
        _write(report, output, language, ReportOptions(most_bytes=1 << 40))


@command.command("extract")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where to write the JSON; by default it is printed."
)
def extract(source: Path, output: Path | None) -> None:
    """Take the JSON out of an HTML report.

    \b
    Examples:
      inspector report extract report.html -o report.json
      inspector report extract report.html | jq .verdict
    """
    text = json.dumps(_read(source), ensure_ascii=False, indent=1)
    if output is None:
        click.echo(text)
        return
    from inspector.cli.output import whole

    with whole(output):
        output.write_text(text + "\n", encoding="utf-8")


def _width() -> int | None:
    """Columns to break lines at; None where they go to a file or program."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _language(lang: str | None) -> str:
    """The language asked for, else the chosen one; texts are said in it until the command ends."""
    from inspector.i18n import chosen_language, speaking

    if lang is not None:
        click.get_current_context().with_resource(speaking(lang))
    return chosen_language() if lang is None else lang


def _check_suffix(output: Path | None) -> None:
    if output is not None and output.suffix not in _SUFFIXES:
        raise click.UsageError(
            _("{name} ends in none of the forms of a report; expected {suffixes}").format(
                name=output, suffixes=", ".join(_SUFFIXES)
            )
        )


def _command_line(sources: tuple[str, ...], output: Path | None) -> str:
    """How to make the report again, with every option that decides what is in it.

    Only names of files, since folders tell about the machine.
    """
    given = click.get_current_context().params
    words = ["inspector", "report", *map(_file_name, sources)]
    for option in ("keys", "trace"):
        words += [f"--{option}", _file_name(given[option])] if given[option] is not None else []
    for setting in given["settings"]:
        words += ["--set", setting]
    words += ["--lang", given["lang"]] if given["lang"] is not None else []
    words += ["--level", given["level"]] if given["level"] != "normal" else []
    words += ["--no-redact"] if given["no_redact"] else []
    words += ["--max-size", f"{given['max_size']:g}"] if given["max_size"] != _DEFAULT_MIB else []
    words += ["-o", _file_name(str(output))] if output is not None else []
    return shlex.join(words)


def _file_name(path: str) -> str:
    name = Path(path).name
    return f"./{name}" if name.startswith("-") and name != "-" else name


def _read(path: Path) -> Json:
    """A report from its JSON or HTML."""
    from inspector.errors import UsageError
    from inspector.report.build import SCHEMA, required_parts
    from inspector.report.data_blocks import report_of

    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else _("it is not UTF-8")
        raise UsageError(_("cannot read {name}: {why}").format(name=path, why=why)) from error
    try:
        report: Json = json.loads(text) if text.lstrip()[:1] == "{" else report_of(text)
    except ValueError as error:
        raise UsageError(_("{name} is no report: {why}").format(name=path, why=error)) from error
    if report.get("schema") != SCHEMA:
        raise UsageError(
            _("{name} has schema {found}; this version reads {known}").format(
                name=path, found=repr(report.get("schema")), known=SCHEMA
            )
        )
    missing = [name for name in required_parts() if name not in report]
    if missing:
        raise UsageError(
            _("{name} is no report: {why}").format(name=path, why=_("{part} is missing").format(part=missing[0]))
        )
    return report


def _write(report: Json, output: Path, language: str, options: ReportOptions) -> None:
    from inspector.cli.output import whole
    from inspector.report.sizing import fitted, fitted_json

    left_out: list[Json] = []
    if output.suffix == ".md":
        from inspector.report.markdown import render_markdown

        text = render_markdown(report, language)
    elif output.suffix == ".json":
        text, left_out = fitted_json(report, options.most_bytes - 1, indent=1)
        text += "\n"
    else:
        text, left_out = fitted(report, language, options.most_bytes)
    with whole(output):
        output.write_text(text, encoding="utf-8", errors="replace")
    size = f"{len(text.encode('utf-8', 'replace')) / _MIB:.1f}"
    click.echo(_("{name}: {size} MiB").format(name=output, size=size), file=sys.stderr)
    _tell_left_out(left_out, language, options.most_bytes / _MIB)


def _tell_left_out(left_out: list[Json], language: str, most_mib: float) -> None:
    """Say what the size cost; the report itself holds the same."""
    from inspector.report.both import say

    if left_out:
        what = "; ".join(say(row["text"], language) for row in left_out)
        told = _("to stay within {size} MiB (--max-size): {what}").format(size=f"{most_mib:g}", what=what)
        click.echo(told, file=sys.stderr)
