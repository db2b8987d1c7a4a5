"""The production profile: nginx in front, two server processes on their own ports, Redis between them."""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from inspector.chat.external import External, free_port
from inspector.chat.launch import ChatServer, make_folder
from inspector.chat.nginx import Nginx, Site
from inspector.chat.options import ServerOptions
from inspector.chat.redis import Redis

__all__ = ["NginxProfile"]


class NginxProfile:
    """nginx, server processes and Redis as one; a context manager like `ChatServer`.

    Attributes:
        url: nginx's address.
        server: The server processes behind it.
    """

    def __init__(self, options: ServerOptions, *, read_timeout: float = 60.0, upgrade: bool = True) -> None:
        """Prepare; nothing runs yet.

        Args:
            options: As for `ChatServer`. TLS ends at nginx; a Redis is started unless the layer names one.
            read_timeout: See `Site`.
            upgrade: See `Site`.
        """
        self.options = options
        self.port = options.port or free_port()
        self.url = f"{'https' if options.tls else 'http'}://{options.host}:{self.port}/"
        self.server: ChatServer
        self._read_timeout = read_timeout
        self._upgrade = upgrade
        self._parts = ExitStack()
        self._external: list[External] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start Redis, then the servers, then nginx.

        Raises:
            MissingPart: If a program or package is not installed.
            UsageError: If the port is taken or options contradict.
        """
        options = self.options
        options.check()
        folder = options.data
        make_folder(folder)
        layer = options.layer
        try:
            if layer == "memory":
                redis = self._parts.enter_context(Redis(folder))
                self._external.append(redis)
                layer = redis.url
            # nginx listens where the options say; whether that is private decides about debug and demo, not the
            # loopback address of the servers behind it.
            behind = dataclasses.replace(
                options,
                layer=layer,
                host="127.0.0.1",
                tls=False,
                behind_proxy=True,
                secure_cookies=options.tls,
                debug=options.debug_mode,
                demo=options.demo_mode,
            )
            self.server = self._parts.enter_context(ChatServer(behind, separate_ports=True))
            certificate, key = None, None
            if options.tls:
                from inspector.chat.tls import make_certificate

                certificate, key = make_certificate(folder)
            site = Site(
                listen=f"{options.host}:{self.port}",
                upstreams=[f"127.0.0.1:{port}" for port in self.server.ports],
                static=folder / "static",
                media=folder / "media",
                certificate=certificate,
                key=key,
                read_timeout=self._read_timeout,
                upgrade=self._upgrade,
            )
            self._external.append(self._parts.enter_context(Nginx(site, folder / "nginx")))
        except BaseException:
            self.stop()
            raise

    def failed(self) -> int | None:
        """The exit code of a part that ended by itself, or None while all run."""
        codes = [self.server.failed(), *(part.failed() for part in self._external)]
        return next((code for code in codes if code is not None), None)

    def stop(self) -> None:
        """Stop nginx, then the servers, then Redis. May be called twice."""
        self._parts.close()
