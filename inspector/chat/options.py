"""How a chat server is to run; known to the command, the labs and the tests, and free of heavy imports."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inspector.errors import MissingPart, UsageError
from inspector.i18n import _
from inspector.trace.sink import check_address

__all__ = ["SERVERS", "ServerOptions", "default_data", "require"]

SERVERS = ("daphne", "uvicorn", "hypercorn")

_NEEDED = ("django", "channels", "rest_framework", "websockets")


def require(*packages: str) -> None:
    """Make sure that packages of the chat's part are installed, before what imports them is imported.

    Args:
        packages: Their import names; those of the server and its users without any.

    Raises:
        MissingPart: If one is not installed.
    """
    missing = [name for name in packages or _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingPart(
            _(
                "the chat server, its users and labs need {names}: pip install 'wire-inspector[chat]' (the other servers "
                "and the Redis layers: 'wire-inspector[chat-servers]')"
            ).format(names=", ".join(missing))
        )


def default_data() -> Path:
    """The folder for database, uploads and keys of the user's own chat server."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "inspector" / "chat"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class ServerOptions:
    """Everything that can be chosen.

    Attributes:
        data: Folder for database, uploads, static files and keys; made when missing.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        server: One of `SERVERS`.
        layer: ``memory``, ``redis://host:port`` or ``pubsub+redis://host:port``.
        processes: Server processes that share the port.
        ping_interval: Seconds between WebSocket pings.
        ping_timeout: Seconds to wait for a pong. Shorter than the interval: otherwise Daphne forgets that it waits
            for two and drops a live client.
        tls: Serve https with a certificate made on the spot, and write the session keys for Wireshark.
        trace: Where trace events go (see inspector.trace); None for no trace.
        debug: Django's DEBUG; None means: on when only this machine can connect and no secret key is given.
        demo: Offer demo users without password; None means: when only this machine can connect.
        allowed_hosts: Names under which the server may be asked for, besides the loopback ones.
        trusted_origins: Origins of pages besides the server's own.
        scripted_users: Demo users to create for `inspector chat drive`.
        behind_proxy: A reverse proxy speaks for the clients and serves static files and media.
        secure_cookies: Mark cookies as https only; always so with ``tls``.
        environment: Further environment variables of the server processes.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    server: str = "daphne"
    layer: str = "memory"
    processes: int = 1
    ping_interval: float = 20.0
    ping_timeout: float = 15.0
    tls: bool = False
    trace: str | None = None
    debug: bool | None = None
    demo: bool | None = None
    allowed_hosts: tuple[str, ...] = ()
    trusted_origins: tuple[str, ...] = ()
    scripted_users: int = 0
    behind_proxy: bool = False
    secure_cookies: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Refuse what cannot work or would be unsafe.

        Raises:
            MissingPart: If a package is not installed.
            UsageError: If options contradict each other.
        """
        require(*_NEEDED, self.server, *(["channels_redis"] if self.layer != "memory" else []))
        if self.layer != "memory" and not self.layer.startswith(("redis://", "pubsub+redis://")):
            raise UsageError(
                _("layer {layer}: expected memory, redis://host:port or pubsub+redis://host:port").format(
                    layer=repr(self.layer)
                )
            )
        if self.trace:
            try:
                check_address(self.trace)
            except ValueError as error:
                raise UsageError(str(error)) from None
        if not _is_loopback(self.host):
            if self.debug:
                raise UsageError(_("debug pages show the server's inside: leave --debug out, or listen on 127.0.0.1"))
            if not self.allowed_hosts:
                raise UsageError(
                    _("listening on {host}: say by which name it is reached, --allowed-host NAME").format(
                        host=self.host
                    )
                )
            if self.demo:
                raise UsageError(_("demo users have no password: leave --demo out, or listen on 127.0.0.1"))
        if not self.debug_mode and not os.environ.get("INSPECTOR_CHAT_SECRET_KEY"):
            raise UsageError(
                _(
                    "without debug mode the server needs a secret key: put a long random string into the environment"
                    " variable INSPECTOR_CHAT_SECRET_KEY, for example from: python -c"
                    " 'import secrets; print(secrets.token_urlsafe(50))'"
                )
            )

    @property
    def private(self) -> bool:
        """Whether only this machine can connect: a proxy in front may let in the world."""
        return _is_loopback(self.host) and not self.behind_proxy

    @property
    def debug_mode(self) -> bool:
        """Whether Django's DEBUG is on."""
        if self.debug is not None:
            return self.debug
        return self.private and not os.environ.get("INSPECTOR_CHAT_SECRET_KEY")

    @property
    def demo_mode(self) -> bool:
        """Whether there are demo users."""
        return self.private if self.demo is None else self.demo

    def variables(self) -> dict[str, str]:
        """The environment of the server processes (read by inspector/chat/settings.py)."""
        hosts = ("localhost", "127.0.0.1", "[::1]", *self.allowed_hosts)
        chosen = {
            "DATA": str(self.data),
            "DEBUG": "1" if self.debug_mode else "0",
            "DEMO": "1" if self.demo_mode else "0",
            "TLS": "1" if self.tls or self.secure_cookies else "0",
            "LAYER": self.layer,
            "ALLOWED_HOSTS": ",".join(hosts),
            "TRUSTED_ORIGINS": ",".join(self.trusted_origins),
            "BEHIND_PROXY": "1" if self.behind_proxy else "0",
        }
        variables = {f"INSPECTOR_CHAT_{name}": value for name, value in chosen.items()}
        variables["DJANGO_SETTINGS_MODULE"] = "inspector.chat.settings"
        if self.trace is not None:
            variables["INSPECTOR_TRACE"] = self.trace
        return {**os.environ, **variables, **self.environment}
