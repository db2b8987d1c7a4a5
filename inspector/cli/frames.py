"""``inspector frames``."""

from __future__ import annotations

import click

from inspector.cli.websocket_options import filters

__all__ = ["command"]


@click.command("frames")
@click.argument("file", type=click.Path())
@filters
def command(
    file: str,
    connection: tuple[int, ...],
    direction: str | None,
    opcode: tuple[int, ...],
    text: str | None,
    regex: str | None,
    since: str | None,
    until: str | None,
    no_payload: bool,
    keys: str | None,
    as_json: bool,
) -> None:
    """List the WebSocket frames of a capture, control frames included, with all header fields and sizes.

    Frames come in the order in which their first bytes were seen. The payload of a frame that is a whole message is
    shown decompressed, that of a fragment as it was sent. --text and --regex choose the frames of messages that match.

    \b
    Examples:
      inspector frames traffic.pcap
      inspector frames traffic.pcap --opcode close --opcode ping --opcode pong
      inspector frames traffic.pcap --json --no-payload | jq 'select(.fin | not)'

    \b
    Exit codes: 0 ok, 2 the file cannot be read or a filter does not parse.
    """
    from inspector.cli.opening import open_for_command
    from inspector.cli.websocket_options import selection, write_lines
    from inspector.i18n import _
    from inspector.recording.websocket_selection import select_frames
    from inspector.recording.websockets import read_websockets
    from inspector.report.messages import frame_lines
    from inspector.report.websocket_text import frame_texts

    capture = open_for_command(file, keys)
    websockets = read_websockets(capture)
    wanted = selection(capture, connection, direction, opcode, text, regex, since, until)
    rows = select_frames(websockets, wanted)
    write_lines((frame_lines if as_json else frame_texts)(websockets, rows, payload=not no_payload))
    if not websockets.connections and not as_json:
        click.echo(_("No WebSocket connection was found in this capture."))
