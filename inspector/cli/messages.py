"""``inspector messages``."""

from __future__ import annotations

import click

from inspector.cli.websocket_options import filters

__all__ = ["command"]


@click.command("messages")
@click.argument("file", type=click.Path())
@filters
@click.option("--connections", is_flag=True, help="List the WebSocket connections instead: handshake, pings, closing.")
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
    connections: bool,
) -> None:
    """List the WebSocket messages of a capture: put together, unmasked, decompressed.

    Messages come in the order in which their first bytes were seen. Connections whose handshake was not captured are
    recognised by their frames, and said to be. Regular expressions are Python's; the match is given up with an error
    when one message takes longer than two seconds.

    \b
    Examples:
      inspector messages traffic.pcap
      inspector messages traffic.pcap -c 3 --direction server --text 안녕
      inspector messages traffic.pcap --since 2.5 --regex '"type": ?"error"'
      inspector messages traffic.pcap --json | jq 'select(.anomalies != [])'
      inspector messages traffic.pcap --connections

    \b
    Exit codes: 0 ok, 2 the file cannot be read or a filter does not parse.
    """
    from inspector.cli.opening import open_for_command
    from inspector.cli.websocket_options import selection, write_lines
    from inspector.i18n import _
    from inspector.recording.websocket_selection import select_messages
    from inspector.recording.websockets import read_websockets
    from inspector.report.messages import message_lines
    from inspector.report.websocket_connections import connection_json, connection_text
    from inspector.report.websocket_text import message_texts

    capture = open_for_command(file, keys)
    websockets = read_websockets(capture)
    if connections:
        render = connection_json if as_json else connection_text
        chosen = [ws for ws in websockets.connections if not connection or ws.connection in connection]
        write_lines(render(websockets, ws) for ws in chosen)
    else:
        wanted = selection(capture, connection, direction, opcode, text, regex, since, until)
        rows = select_messages(websockets, wanted)
        write_lines((message_lines if as_json else message_texts)(websockets, rows, payload=not no_payload))
    if not websockets.connections and not as_json:
        click.echo(_("No WebSocket connection was found in this capture."))
