"""``inspector export``."""

from __future__ import annotations

import json
from pathlib import Path

import click

__all__ = ["command"]


@click.group("export")
def command() -> None:
    """Write what a capture carries in other formats: transferred files, HAR.

    \b
    Examples:
      inspector export objects traffic.pcap -o files/
      inspector export har traffic.pcapng --keys sslkeys.log -o session.har
    """


_FILE = click.argument("file", type=click.Path())
_KEYS = click.option("--keys", type=click.Path(), help="TLS key log; keys inside a pcapng are used anyway.")


@command.command("objects")
@_FILE
@_KEYS
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder for the files.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file written.")
def objects(file: str, keys: str | None, output: Path, as_json: bool) -> None:
    """Write every file that was transferred over HTTP: responses and uploads.

    Names come from the traffic and are made safe; no file is ever overwritten. It stops at 10,000 files or 2 GiB. Files
    are written as they were transferred: secrets in them are not masked.

    \b
    Exit codes: 0 ok, 2 the capture cannot be read or the folder not written.
    """
    from inspector.cli.opening import open_for_command
    from inspector.errors import UsageError
    from inspector.i18n import _, ngettext, reason_of
    from inspector.recording.http import http_exchanges
    from inspector.report.objects import write_objects

    capture = open_for_command(file, keys)
    try:
        written = write_objects(http_exchanges(capture), output)
    except OSError as error:
        raise UsageError(_("cannot write to {name}: {why}").format(name=output, why=reason_of(error))) from error
    for item, path, size in written:
        if as_json:
            row = {"exchange": item.number, "connection": item.connection, "file": str(path), "bytes": size}
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            click.echo(f"{size:>12,}  {path}")
    if not as_json:
        count = len(written)
        click.echo(ngettext("{count} file written", "{count} files written", count).format(count=count), err=True)


@command.command("har")
@_FILE
@_KEYS
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; standard output without it.")
@click.option("--no-redact", is_flag=True, help="Keep cookies, tokens and passwords; they are masked otherwise.")
def har(file: str, keys: str | None, output: Path | None, no_redact: bool) -> None:
    """Write the HTTP exchanges and WebSocket messages as HAR 1.2.

    Secrets are masked wherever they occur: Authorization, cookies, tokens, keys and passwords. Look before you share it
    all the same: nobody can tell what else is secret to you. What --no-redact writes only its owner may read.

    \b
    Exit codes: 0 ok, 2 the capture cannot be read or the file not written.
    """
    import os

    from inspector.cli.opening import open_for_command
    from inspector.cli.output import refuse_sources, whole
    from inspector.recording.http import http_exchanges
    from inspector.recording.websockets import read_websockets
    from inspector.report.har import build_har
    from inspector.report.redact import redactor_for

    refuse_sources(output, [file, keys])
    capture = open_for_command(file, keys)
    exchanges, websockets = list(http_exchanges(capture)), read_websockets(capture)
    document = build_har(exchanges, websockets, None if no_redact else redactor_for(exchanges, websockets))
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    with whole(output):
        if no_redact:
            os.close(os.open(output, os.O_WRONLY | os.O_CREAT, 0o600))
        output.write_text(text, encoding="utf-8")
