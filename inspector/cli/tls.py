"""``inspector tls``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("tls")
@click.argument("file", type=click.Path())
@click.option("-c", "--connection", type=int, multiple=True, help="Only this connection (may be given several times).")
@click.option("--keys", type=click.Path(), help="TLS key log (SSLKEYLOGFILE); keys inside a pcapng are used anyway.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def command(file: str, connection: tuple[int, ...], keys: str | None, as_json: bool) -> None:
    """List the TLS connections of a capture: who, what was agreed on, certificates, alerts, decrypted or why not.

    TLS is recognised by its records, on any port and in CONNECT tunnels. Certificates are visible up to TLS 1.2, and in
    TLS 1.3 where keys are at hand; their validity is judged at the time of their packet. No trust store is asked.

    Exit code 0; 2 when the file cannot be read or there is no such connection.

    \b
    Examples:
      inspector tls traffic.pcap
      inspector tls traffic.pcapng --keys sslkeys.log
      inspector tls traffic.pcap --json | jq -r '.certificates[0].names[]?'
    """
    from inspector.cli.opening import open_for_command
    from inspector.i18n import _
    from inspector.recording.tls_connections import tls_sessions
    from inspector.report.messages import harmless
    from inspector.report.tls import session_json, session_text

    capture = open_for_command(file, keys)
    found = False
    for session in tls_sessions(capture, connection or None):
        found = True
        if as_json:
            click.echo(harmless(json.dumps(session_json(capture, session), ensure_ascii=False)))
        else:
            click.echo(session_text(capture, session))
    if not found and not as_json:
        click.echo(_("No TLS was found in this capture."))
