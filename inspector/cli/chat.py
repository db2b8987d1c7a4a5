"""``inspector chat``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.group("chat", invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--server", default="daphne", show_default=True, type=click.Choice(["daphne", "uvicorn", "hypercorn"]),
    help="The ASGI server.",
)  # fmt: skip
@click.option(
    "--layer", default="memory", show_default=True, metavar="LAYER",
    help="Channel layer: memory, redis://HOST:PORT or pubsub+redis://HOST:PORT.",
)  # fmt: skip
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@click.option(
    "--ping-interval", default=20.0, show_default=True, type=click.FloatRange(min=0.5),
    help="Seconds between WebSocket pings.",
)  # fmt: skip
@click.option(
    "--ping-timeout", default=15.0, show_default=True, type=click.FloatRange(min=0.5),
    help="Seconds to wait for a pong; keep it below the interval.",
)  # fmt: skip
@click.option("--tls", is_flag=True, help="https with a self-signed certificate; session keys go to the data folder.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder for database, uploads and keys.")
@click.option("--debug/--no-debug", default=None, help="Django's debug mode; on by default on loopback.")
@click.option("--demo/--no-demo", default=None, help="Demo users without password; on by default on loopback.")
@click.option("--scripted-users", default=0, type=click.IntRange(0, 2000), help="Demo users to create for drive.")
@click.option("--allowed-host", "allowed_hosts", multiple=True, help="A name the server is reached by; repeatable.")
@click.option("--trusted-origin", "origins", multiple=True, help="Origin of other pages allowed in; repeatable.")
@click.pass_context
def command(
    ctx: click.Context,
    host: str,
    port: int,
    server: str,
    layer: str,
    processes: int,
    ping_interval: float,
    ping_timeout: float,
    tls: bool,
    data: Path | None,
    debug: bool | None,
    demo: bool | None,
    scripted_users: int,
    allowed_hosts: tuple[str, ...],
    origins: tuple[str, ...],
) -> None:
    """Start the reference chat server: Django, Channels, SQLite, on this machine only.

    Prints its address and runs until Ctrl-C. Exit codes: 0 stopped, 1 a server process died, 2 it could not start.

    \b
    Examples:
      inspector chat
      inspector chat --port 0 --server uvicorn
      inspector chat --layer redis://127.0.0.1:6379 --processes 2
    """
    if ctx.invoked_subcommand is not None:
        return
    from inspector.chat.options import ServerOptions, default_data

    options = ServerOptions(
        data=(data or default_data()).resolve(),
        host=host,
        port=port,
        server=server,
        layer=layer,
        processes=processes,
        ping_interval=ping_interval,
        ping_timeout=ping_timeout,
        tls=tls,
        debug=debug,
        demo=demo,
        scripted_users=scripted_users,
        allowed_hosts=allowed_hosts,
        trusted_origins=origins,
    )
    ctx.exit(_run(options))


def _run(options: object) -> int:
    import signal
    import threading

    from inspector.chat.launch import ChatServer
    from inspector.chat.options import ServerOptions
    from inspector.i18n import _

    assert isinstance(options, ServerOptions)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if options.processes > 1 and options.layer == "memory":
        click.echo(
            _("inspector: with the memory layer, processes cannot hear each other; use --layer redis://…"), err=True
        )
    with ChatServer(options) as server:
        click.echo(_("Chat server on {url} (data in {folder}; Ctrl-C stops it)").format(
            url=server.url, folder=options.data
        ))  # fmt: skip
        while not stop.wait(0.5):
            code = server.failed()
            if code is not None:
                click.echo(_("inspector: a server process ended (exit code {code})").format(code=code), err=True)
                return 1
    return 0
