"""``inspector import``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="pcapng to write; emptied if there."
)
@click.option("--json", "as_json", is_flag=True, help="What was written, as one JSON object.")
def command(file: Path, output: Path, as_json: bool) -> None:
    """Turn a HAR or a flow file of mitmproxy into a recording that every command reads.

    Requests, responses and WebSocket messages become packets. They are of the grade "reconstructed": neither format keeps
    packets, so that nothing about TCP, frames or compression can be told. The recording holds what the file holds, secrets
    too, and only its owner may read it.

    \b
    Examples:
      inspector import session.har -o session.pcapng
      inspector import flows.mitm -o flows.pcapng
      inspector messages session.pcapng

    \b
    Exit codes: 0 ok, 2 the file cannot be read or is neither, or the recording not written.
    """
    import json

    from addons.flow_file import looks_like_flows, read_flows
    from addons.har_file import looks_like_har, read_har
    from addons.imported import write_imported
    from inspector.errors import CaptureError, UsageError
    from inspector.i18n import _, ngettext

    try:
        with file.open("rb") as opened:
            start = opened.read(4096)
        if looks_like_har(start):
            origin, (exchanges, left_out) = "HAR", read_har(file)
        elif looks_like_flows(start):
            origin, (exchanges, left_out) = "mitmproxy", read_flows(file)
        else:
            raise CaptureError(_("{name} is neither a HAR nor a flow file of mitmproxy").format(name=file))
    except OSError as error:
        raise CaptureError(_("cannot read {name}: {why}").format(name=file, why=error.strerror or error)) from error
    if output.exists() and output.samefile(file):
        raise UsageError(_("{name} is read from: choose another file to write").format(name=output))
    try:
        written = write_imported(exchanges, output, origin)
    except OSError as error:
        raise UsageError(_("cannot write {name}: {why}").format(name=output, why=error.strerror or error)) from error
    if as_json:
        counts = {"format": origin, "exchanges": written.exchanges, "messages": written.messages}
        click.echo(json.dumps({**counts, "packets": written.packets, "left_out": left_out, "file": str(output)}))
        return
    text = _("{exchanges} exchanges and {messages} WebSocket messages written to {path}")
    click.echo(text.format(exchanges=written.exchanges, messages=written.messages, path=output), err=True)
    if left_out:
        text = ngettext("{count} entry could not be used and was left out",
                        "{count} entries could not be used and were left out", left_out)  # fmt: skip
        click.echo(text.format(count=left_out), err=True)
