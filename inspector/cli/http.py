"""``inspector http``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("http")
@click.argument("file", type=click.Path())
@click.option("--detail", type=int, metavar="N", help="Show exchange N whole: headers, query, cookies, decoded body.")
@click.option("-c", "--connection", type=int, multiple=True, help="Only this connection (may be given several times).")
@click.option("--keys", type=click.Path(), help="TLS key log (SSLKEYLOGFILE); keys inside a pcapng are used anyway.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line; with --detail including bodies.")
def command(file: str, detail: int | None, connection: tuple[int, ...], keys: str | None, as_json: bool) -> None:
    """List the HTTP requests of a capture with their responses.

    HTTP/1.x and HTTP/2 are recognised by their bytes, on any port, also inside TLS where keys are at hand. Chunked and
    compressed bodies are decoded; what breaks the standard is named with its section.

    Exit code 0; 2 when the file cannot be read or exchange N does not exist.

    \b
    Examples:
      inspector http traffic.pcap
      inspector http traffic.pcap --detail 3
      inspector http traffic.pcapng --keys sslkeys.log
      inspector http traffic.pcap --json | jq 'select(.status >= 500)'
    """
    from inspector.cli.opening import open_for_command
    from inspector.errors import UsageError
    from inspector.i18n import _
    from inspector.recording.http import http_exchanges
    from inspector.report.http import exchange_json, exchange_line, render_exchange

    capture = open_for_command(file, keys)
    count = 0
    for item in http_exchanges(capture, connection or None):
        count = item.number
        if detail is not None and item.number != detail:
            continue
        if as_json:
            click.echo(json.dumps(exchange_json(item, detail is not None), ensure_ascii=False))
        else:
            click.echo(exchange_line(item) if detail is None else render_exchange(item))
        if detail is not None:
            return
    if detail is not None:
        raise UsageError(
            _("there is no exchange {number}; this capture has {count}, numbered from 1").format(
                number=detail, count=count
            )
        )
    if not count and not as_json:
        click.echo(_("No HTTP was found in this capture."))
