"""``inspector legs``."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command("legs")
@click.argument("file", type=click.Path())
@click.option("-c", "--connection", type=int, multiple=True, help="Only the session of this connection; repeatable.")
@click.option("--keys", type=click.Path(), help="TLS key log; the keys that inspector proxy recorded are used anyway.")
@click.option("--packets", type=click.Path(), help="Real packets; FILE.packets.pcapng is used where it is there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per session.")
def command(file: str, connection: tuple[int, ...], keys: str | None, packets: str | None, as_json: bool) -> None:
    """Compare the two legs of proxied sessions: what the proxy changed, and what it took.

    A proxy changes what it shows: masking keys always, fragments and compression often, close codes on aborts. Each
    exchange, message and control frame of the leg between client and proxy stands beside its twin on the leg between
    proxy and server: packet, bytes of each frame (z: compressed), masking key, and the time it took to pass. Where
    inspector proxy --packets captured real packets, too, 30=41 is packet 30 of the recording and 41 among these.

    \b
    Examples:
      inspector legs session.pcapng
      inspector legs session.pcapng -c 3
      inspector legs session.pcapng --json | jq '.websockets[].close'

    \b
    Exit codes: 0 ok, 2 the file cannot be read, or is no recording of a proxied session.
    """
    import json

    from inspector.analysis.beside import Beside
    from inspector.analysis.leg_exchanges import exchange_pairs
    from inspector.analysis.leg_frames import close_story, ledger
    from inspector.analysis.sessions import read_sessions, socket_pairs
    from inspector.cli.opening import open_for_command
    from inspector.cli.packets_beside import packets_path
    from inspector.recording.connection import no_such_connection
    from inspector.recording.http import http_exchanges
    from inspector.recording.websockets import read_websockets
    from inspector.report.legs import Compared, session_json, session_texts
    from inspector.report.messages import harmless

    capture = open_for_command(file, keys)
    for number in connection:
        if not 0 <= number < len(capture.connections):
            raise no_such_connection(number, len(capture.connections))
    websockets = read_websockets(capture)
    exchanges = list(http_exchanges(capture))
    found = packets if packets is not None else packets_path(file) if packets_path(file).exists() else None
    beside = Beside(websockets, open_for_command(found)) if found is not None else None
    first = True
    for session in read_sessions(capture, websockets):
        if connection and not {session.client_leg, *session.server_legs} & set(connection):
            continue
        sockets = [
            (ours, theirs, ledger(websockets, ours, theirs), close_story(websockets, ours, theirs))
            for ours, theirs in socket_pairs(websockets, session)
            if ours is not None and theirs is not None
        ]
        compared = Compared(capture, session, exchange_pairs(session, exchanges), sockets, beside)
        if as_json:
            click.echo(harmless(json.dumps(session_json(compared), ensure_ascii=False)))
            continue
        if not first:
            click.echo()
        first = False
        for line in session_texts(compared):
            click.echo(line)
