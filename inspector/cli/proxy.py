"""``inspector proxy``."""

from __future__ import annotations

import click

from inspector.i18n import _

__all__ = ["command"]


@click.command("proxy")
@click.option("--record", required=True, type=click.Path(dir_okay=False), help="pcapng to write; emptied if it exists.")
@click.option("--reverse", metavar="URL", help="Stand before this server, e.g. http://localhost:8000.")
@click.option("--mode", help="Another mode of mitmproxy: regular (default), upstream:URL, socks5, transparent, ...")
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:8080", show_default=True, help="Where to listen.")
@click.option("--insecure", is_flag=True, help="Accept any certificate of a server, as a development server's own.")
@click.option("--confdir", type=click.Path(file_okay=False), help="Folder of the certificate authority.")
def command(
    record: str, reverse: str | None, mode: str | None, listen: str, insecure: bool, confdir: str | None
) -> None:
    """Record what passes between a client and a server, until Ctrl-C.

    Both legs are recorded, client to proxy and proxy to server: every byte of WebSockets as it was, HTTP as it was
    understood. What has passed is in the file, even when the proxy is killed. The file holds cookies and passwords
    and only its owner may read it.

    \b
    Examples:
      inspector proxy --reverse http://localhost:8000 --record session.pcapng
      inspector proxy --listen 127.0.0.1:0 --record session.pcapng
      inspector messages session.pcapng

    \b
    Exit codes: 0 ended by Ctrl-C or SIGTERM, 2 the proxy cannot start: port, mode, file, or mitmproxy is missing.
    """
    import asyncio
    from pathlib import Path

    from inspector.errors import MissingPart, UsageError

    if reverse is not None and mode is not None:
        raise UsageError(_("--reverse is a mode itself: give either --reverse or --mode"))
    host, port = _address(listen)
    try:
        from addons.embedding import configuration_folder, run_proxy
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] in ("inspector", "addons"):
            raise
        raise MissingPart(
            _("the proxy needs mitmproxy ({why}); get it: pip install 'wire-inspector[proxy]'").format(why=error)
        ) from error

    def started(address: str, number: int) -> None:
        text = _("listening on {address}, recording to {path}; Ctrl-C ends")
        click.echo(text.format(address=f"{address}:{number}", path=record), err=True)

    def tell(message: str) -> None:
        from inspector.report.clean import clean

        click.echo(f"inspector: {clean(message)}", err=True)

    chosen = f"reverse:{reverse}" if reverse is not None else mode or "regular"
    folder = Path(confdir) if confdir is not None else configuration_folder()
    packets = asyncio.run(run_proxy(chosen, host, port, record, folder, insecure=insecure, started=started, tell=tell))
    click.echo(_("{count} packets recorded to {path}").format(count=packets, path=record), err=True)


def _address(text: str) -> tuple[str, int]:
    from inspector.errors import UsageError

    host, _colon, port = text.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise UsageError(
            _("--listen {text} is not HOST:PORT with a port up to 65535, as 127.0.0.1:8080").format(text=text)
        )
    return host.removeprefix("[").removesuffix("]"), int(port)
