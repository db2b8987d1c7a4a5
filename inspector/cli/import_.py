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
    too, and only its owner may read it. Other commands read such a file as it is; a recording opens in Wireshark.

    \b
    Examples:
      inspector import session.har -o session.pcapng
      inspector import flows.mitm -o flows.pcapng
      inspector messages session.pcapng

    \b
    Exit codes: 0 ok, 2 the file cannot be read or is neither, or the recording not written.
    """
    import json

    from addons.imported import write_imported
    from addons.session_source import read_session
    from inspector.cli.opening import counted, say_left_out
    from inspector.cli.output import refuse_sources, whole
    from inspector.errors import CaptureError
    from inspector.i18n import _
    from inspector.recording.source import open_source

    session = read_session(open_source(file))
    if session is None:
        raise CaptureError(_("{name} is neither a HAR nor a flow file of mitmproxy").format(name=file))
    refuse_sources(output, [file])
    with whole(output):
        written = write_imported(session.exchanges, output, session.origin)
    if as_json:
        counts = {"format": session.origin, "exchanges": written.exchanges, "messages": written.messages}
        click.echo(
            json.dumps({**counts, "packets": written.packets, "left_out": session.left_out, "file": str(output)})
        )
        return
    text = _("{exchanges} and {messages} written to {path}")
    click.echo(text.format(path=output, **counted(written)), err=True)
    say_left_out(session)
