"""``inspector proxy``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inspector.i18n import _

if TYPE_CHECKING:
    from addons.embedding import ProxySettings

__all__ = ["command"]

_MTU = click.IntRange(576, 65535)


@click.group("proxy", invoke_without_command=True)
@click.option("--record", type=click.Path(dir_okay=False), help="pcapng to write; emptied if it exists.")
@click.option("--reverse", metavar="URL", help="Stand before this server, e.g. http://localhost:8000.")
@click.option("--mode", help="Another mode of mitmproxy: regular (default), upstream:URL, socks5, transparent, ...")
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:8080", show_default=True, help="Where to listen.")
@click.option("--filter", "wanted", metavar="FILTER", help="Record what matches, in mitmproxy's syntax: see below.")
@click.option(
    "--faithful", is_flag=True, help="Pass WebSockets byte for byte, faults and abrupt ends included; HTTP: see below."
)
@click.option("--mtu", type=_MTU, help="Cut recorded packets to this size; otherwise what came together is one packet.")
@click.option("--browser", type=click.Choice(["chromium"]), help="Start a browser with an empty profile that uses it.")
@click.option("--open", "address", metavar="URL", help="What that browser opens.")
@click.option("--headless", is_flag=True, help="That browser has no window.")
@click.option("--packets", is_flag=True, help="Capture the real packets of both legs, too, into FILE.packets.pcapng.")
@click.option("--quiet", is_flag=True, help="Do not show what passes.")
@click.option("--json", "as_json", is_flag=True, help="Show what passes as one JSON object per line.")
@click.option("--insecure", is_flag=True, help="Accept any certificate of a server, as a development server's own.")
@click.option("--confdir", type=click.Path(), help="Folder of the certificate authority.")
@click.pass_context
def command(
    context: click.Context,
    record: str | None,
    reverse: str | None,
    mode: str | None,
    listen: str,
    wanted: str | None,
    faithful: bool,
    mtu: int | None,
    browser: str | None,
    address: str | None,
    headless: bool,
    packets: bool,
    quiet: bool,
    as_json: bool,
    insecure: bool,
    confdir: str | None,
) -> None:
    """Record what passes between a client and a server, until Ctrl-C.

    Both legs are recorded, client to proxy and proxy to server, byte for byte; TLS with the keys to read it. What has
    passed is in the file, even when the proxy is killed. The file holds cookies and passwords and only its owner may read
    it. Meanwhile each exchange and each WebSocket frame of the client leg is shown on a line; ! marks what is wrong.

    --filter records the matching exchanges of plain HTTP/1.x, and says where others were left out; of TLS, HTTP/2, tunnels
    and SOCKS, whose bytes cannot be read with parts missing, it records each connection with a match, whole and on both legs.

    --faithful passes what follows a WebSocket's handshake. Requests and responses are still written anew, since the proxy
    has to read them to know where they go. Where that is known, --mode reverse:tcp://HOST:PORT passes all bytes as they are.

    \b
    Examples:
      inspector proxy --reverse http://localhost:8000 --record session.pcapng
      inspector proxy --listen 127.0.0.1:0 --record session.pcapng --filter '~d localhost & ~u /ws'
      inspector proxy --browser chromium --open https://example.org --record session.pcapng
      inspector proxy --reverse http://localhost:8000 --record session.pcapng --packets
      inspector proxy --record session.pcapng --json | jq 'select(.finding)'
      inspector proxy ca
      inspector legs session.pcapng

    \b
    Exit codes: 0 ended by Ctrl-C or SIGTERM, or the terminal or browser was closed; 2 the proxy cannot start: port, mode,
    filter, file, browser, or mitmproxy is missing.
    """
    if context.invoked_subcommand is not None:
        return
    import asyncio

    record = _require_sense(record, reverse, mode, browser, address, headless)
    host, port = _address(listen)
    _need_mitmproxy()
    from addons.authority import configuration_folder
    from addons.embedding import ProxySettings, run_proxy
    from inspector.cli.live import live_view, say
    from inspector.cli.packets_beside import packets_beside

    settings = ProxySettings(
        mode=f"reverse:{reverse}" if reverse is not None else mode or "regular",
        host=host,
        port=port,
        record=record,
        folder=Path(confdir) if confdir is not None else configuration_folder(),
        insecure=insecure,
        faithful=faithful,
        wanted=wanted,
        **({"mtu": mtu} if mtu is not None else {}),
    )
    beside = _browser(settings, reverse, address, headless) if browser is not None else None
    with ExitStack() as stack:
        observers = [] if quiet else [stack.enter_context(live_view(as_json))]
        capturing = stack.enter_context(packets_beside(record, host, reverse)) if packets else None

        def started(address: str, number: int) -> None:
            if capturing is not None:
                capturing.start(number)
            _say_started(settings, f"{address}:{number}")

        count = asyncio.run(run_proxy(settings, started=started, tell=_tell, beside=beside, observers=observers))
    say(_("{count} packets recorded to {path}").format(count=count, path=record))


def _require_sense(
    record: str | None, reverse: str | None, mode: str | None, browser: str | None, address: str | None, headless: bool
) -> str:
    """What to write.

    Raises:
        UsageError: If it is not said, or options do not fit together.
    """
    from inspector.errors import UsageError

    if record is None:
        raise UsageError(_("say what to write: --record FILE.pcapng"))
    if reverse is not None and mode is not None:
        raise UsageError(_("--reverse is a mode itself: give either --reverse or --mode"))
    if reverse is not None and "://" not in reverse:
        # mitmproxy would take it for https, which no development server speaks.
        raise UsageError(_("--reverse {text} is no URL: say http://{text}, or https://{text}").format(text=reverse))
    if browser is None and (address is not None or headless):
        raise UsageError(_("--open and --headless are about the browser: give --browser, too"))
    return record


def _say_started(settings: ProxySettings, address: str) -> None:
    from inspector.cli.live import say

    text = _("listening on {address}, recording to {path}; Ctrl-C ends")
    say(text.format(address=address, path=settings.record))
    if settings.faithful:
        text = _("WebSockets pass byte for byte; requests and responses are written anew ({mode} passes those, too)")
        say(text.format(mode="--mode reverse:tcp://HOST:PORT"))


def _tell(message: str) -> None:
    from inspector.cli.live import say
    from inspector.report.clean import clean

    say(f"inspector: {clean(message)}")


@command.command("ca")
@click.option("--confdir", type=click.Path(), help="Folder of the certificate authority.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def certificate_authority(confdir: str | None, as_json: bool) -> None:
    """Show the certificate authority of the proxy and how to trust it; it is made where there is none.

    Whoever has its key can read what a client that trusts it sends: trust it on machines for development only, and
    remove it afterwards. A browser that inspector proxy starts needs none of this.

    \b
    Examples:
      inspector proxy ca
      inspector proxy ca --json | jq -r .path

    \b
    Exit codes: 0 ok, 2 the folder cannot be used, or mitmproxy is missing.
    """
    import json

    _need_mitmproxy()
    from addons.authority import configuration_folder, read_authority

    authority = read_authority(Path(confdir) if confdir is not None else configuration_folder())
    ends = authority.certificate.not_valid_after_utc
    if as_json:
        facts = {"path": str(authority.path), "sha256": authority.fingerprint, "not_after": ends.isoformat()}
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    path = authority.path
    rows = [
        (_("certificate"), str(path)),
        ("SHA-256", authority.fingerprint),
        (_("valid until"), ends.date().isoformat()),
    ]
    for name, value in rows:
        click.echo(f"{name}: {value}")
    click.echo("\n" + _("To trust it, for as long as you need it:"))
    for name, how in _ways(path):
        click.echo(f"\n{name}\n  " + how.replace("\n", "\n  "))


def _ways(path: Path) -> list[tuple[str, str]]:
    """How to trust a certificate, by system and program."""
    return [
        (_("A browser for this alone"), "inspector proxy --browser chromium --record session.pcapng"),
        (
            "Debian, Ubuntu",
            f"sudo cp {path} /usr/local/share/ca-certificates/inspector-proxy.crt && sudo update-ca-certificates",
        ),
        (
            "Fedora, RHEL",
            f"sudo cp {path} /etc/pki/ca-trust/source/anchors/inspector-proxy.pem && sudo update-ca-trust",
        ),
        (
            "macOS",
            f"sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {path}",
        ),
        ("Windows", f"certutil -addstore -user Root {path}"),
        (
            _("Chromium and Chrome on Linux"),
            f'certutil -d sql:$HOME/.pki/nssdb -A -t "C,," -n inspector-proxy -i {path}',
        ),
        (
            "Firefox",
            _("Settings, Privacy & Security, Certificates, View Certificates, Authorities, Import: {path}").format(
                path=path
            ),
        ),
        ("curl", f"curl --cacert {path} --proxy http://127.0.0.1:8080 https://…"),
        ("Python", f"SSL_CERT_FILE={path} REQUESTS_CA_BUNDLE={path} python …"),
        ("Node.js", f"NODE_EXTRA_CA_CERTS={path} node …"),
    ]


def _browser(
    settings: ProxySettings, reverse: str | None, address: str | None, headless: bool
) -> Callable[[str, int], Awaitable[object]]:
    from addons.authority import read_authority
    from addons.browser import browse, find_chromium

    program, key_hash = find_chromium(), read_authority(settings.folder).key_hash

    def start(host: str, port: int) -> Awaitable[object]:
        here = f"{'127.0.0.1' if host in ('', '0.0.0.0') else host}:{port}"
        if reverse is None:
            return browse(program, key_hash, proxy=here, headless=headless, address=address or "about:blank")
        scheme = "https" if reverse.startswith("https:") else "http"
        return browse(program, key_hash, proxy=None, headless=headless, address=address or f"{scheme}://{here}/")

    return start


def _need_mitmproxy() -> None:
    """Load mitmproxy.

    Raises:
        MissingPart: If it is missing.
    """
    import warnings

    from inspector.errors import MissingPart

    # mitmproxy 12 uses names of pyparsing's that are going away: nothing that a user could act on.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="mitmproxy")
    try:
        import addons.embedding  # noqa: F401
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] in ("inspector", "addons"):
            raise
        raise MissingPart(
            _("the proxy needs mitmproxy ({why}); get it: pip install 'wire-inspector[proxy]'").format(why=error)
        ) from error


def _address(text: str) -> tuple[str, int]:
    from inspector.errors import UsageError

    host, _colon, port = text.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) <= 65535):
        raise UsageError(
            _("--listen {text} is not HOST:PORT with a port up to 65535, as 127.0.0.1:8080").format(text=text)
        )
    return host.removeprefix("[").removesuffix("]"), int(port)
