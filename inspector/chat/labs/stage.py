"""The servers a lab is played on, started once for as many labs as need the same."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from inspector.chat.external import External, free_port
from inspector.chat.labs.lab import Needs
from inspector.chat.launch import ChatServer
from inspector.chat.nginx import Nginx, Site
from inspector.chat.options import ServerOptions
from inspector.chat.redis import Redis

__all__ = ["EXTRAS", "HANDSHAKE_TIMEOUT_S", "SHORT_IDLE_S", "Stage"]

# Daphne's own, which it cannot be told (see K4 of the labs' documentation); uvicorn waits for ever.
HANDSHAKE_TIMEOUT_S = 5.0
# nginx's proxy_read_timeout at the front that cuts idle sockets.
SHORT_IDLE_S = 2.0
_NGINX_IDLE_S = 60.0
_LARGEST_MESSAGE = {"daphne": 1024 * 1024, "uvicorn": 16 * 1024 * 1024}


class Stage:
    """Server processes, and nginx in front of them where a lab is played behind it.

    A front is an address that clients connect to: ``main``, and one for each extra part.

    Args:
        needs: What the labs need.
        via: ``direct`` or ``nginx``.
        server: ``daphne`` or ``uvicorn``.
        folder: Where databases and configurations go.
    """

    def __init__(self, needs: Needs, via: str, server: str, folder: Path) -> None:
        self.needs = needs
        self.layer = needs.layer or "memory"
        self.via = via
        self.server = server
        self.folder = folder
        self.trace = folder / "trace.jsonl"
        self.log = folder / "server.log"
        self.fronts: dict[str, str] = {}
        self.upstreams: dict[str, list[str]] = {}
        self.victim: ChatServer | None = None
        self._idle: dict[str, float] = {}
        self._chat: ChatServer | None = None
        self._parts = ExitStack()
        self._external: list[External] = []
        self._lock = threading.Lock()
        self._layer_url = "memory"

    def start(self) -> None:
        """Start everything.

        Raises:
            MissingPart: If a program or package is not installed.
        """
        # A lab that is interrupted while this runs in a thread waits for the lock before it stops the stage.
        with self._lock:
            try:
                self._start()
            except BaseException:
                self._parts.close()
                raise

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        needs = self.needs
        if self.layer != "memory":
            redis = self._parts.enter_context(Redis(self.folder))
            self._external.append(redis)
            self._layer_url = redis.url if self.layer == "redis" else f"pubsub+{redis.url}"
        # Behind nginx each process has a port of its own; otherwise the kernel spreads connections over them.
        self._chat = self._parts.enter_context(
            ChatServer(self._options(needs.processes), separate_ports=self.via == "nginx", log=self.log)
        )
        self._open("main", [f"127.0.0.1:{port}" for port in self._chat.ports])
        for extra in sorted(needs.extras):
            if self.via == "nginx" or extra not in _NGINX_ONLY:
                EXTRAS[extra](self)

    def _options(self, processes: int) -> ServerOptions:
        needs = self.needs
        timeout = {} if needs.redis_timeout is None else {"INSPECTOR_CHAT_REDIS_TIMEOUT": str(needs.redis_timeout)}
        return ServerOptions(
            data=self.folder,
            port=0,
            server=self.server,
            layer=self._layer_url,
            processes=processes,
            ping_interval=needs.ping_interval,
            ping_timeout=needs.ping_timeout,
            trace=str(self.trace),
            debug=True,
            demo=True,
            scripted_users=12,
            behind_proxy=self.via == "nginx",
            environment={
                "INSPECTOR_CHAT_LABS": "1",
                "INSPECTOR_CHAT_CAPACITY": str(needs.capacity),
                "INSPECTOR_CHAT_EXPIRY": str(needs.expiry),
                **timeout,
            },
        )

    def _open(self, front: str, upstreams: list[str], **site: Any) -> None:  # Any: fields of Site
        """Let clients reach these servers: as they are, or through an nginx of their own."""
        if self.via == "direct":
            self.fronts[front] = upstreams[0]
            return
        listen = f"127.0.0.1:{free_port()}"
        described = Site(
            listen=listen,
            upstreams=upstreams,
            static=self.folder / "static",
            media=self.folder / "media",
            **{"read_timeout": _NGINX_IDLE_S, **site},
        )
        self._idle[front] = described.read_timeout
        nginx = self._parts.enter_context(Nginx(described, self.folder / f"nginx-{front}", self.log))
        self._external.append(nginx)
        self.fronts[front] = listen
        self.upstreams[front] = upstreams

    @property
    def ports(self) -> set[int]:
        """Every port that clients or nginx connect to."""
        everything = [*self.fronts.values(), *(address for group in self.upstreams.values() for address in group)]
        return {int(address.rpartition(":")[2]) for address in everything}

    @property
    def settings(self) -> dict[str, Any]:  # Any: JSON values
        """The limits and timeouts in force, as the truth states them."""
        needs = self.needs
        return {
            "layer": self.layer,
            "processes": needs.processes,
            "ping_interval_s": needs.ping_interval,
            "ping_timeout_s": needs.ping_timeout,
            "capacity": needs.capacity,
            "expiry_s": needs.expiry,
            "redis_timeout_s": needs.redis_timeout,
            "handshake_timeout_s": HANDSHAKE_TIMEOUT_S if self.server == "daphne" else None,
            "max_message_bytes": _LARGEST_MESSAGE[self.server],
            # nginx's, after which it ends a silent socket: the shortest, and of each front.
            "idle_timeout_s": min(self._idle.values(), default=None),
            "idle_timeouts_s": dict(self._idle),
            "fronts": dict(self.fronts),
        }

    def restart_victim(self) -> None:
        """Start the server that was killed once more, on the port it had."""
        assert self.victim is not None
        port = self.victim.port
        self.victim.stop()
        options = dataclasses.replace(self._options(1), port=port)
        self.victim = self._parts.enter_context(ChatServer(options, log=self.log))

    @property
    def usable(self) -> bool:
        """Whether every part still runs."""
        parts: list[ChatServer | External] = [*self._external]
        parts += [chat for chat in (self._chat, self.victim) if chat is not None]
        return all(part.failed() is None for part in parts)

    def stop(self) -> None:
        """Stop everything. May be called twice."""
        with self._lock:
            self._parts.close()


def _victim(stage: Stage) -> None:
    """One more server process, to be killed."""
    stage.victim = stage._parts.enter_context(ChatServer(stage._options(1), log=stage.log))
    stage._open("victim", [f"127.0.0.1:{stage.victim.port}"])


def _stripping(stage: Stage) -> None:
    """An nginx that does not pass on the headers of an upgrade."""
    stage._open("stripping", stage.upstreams["main"], upgrade=False)


def _short(stage: Stage) -> None:
    """An nginx that gives up on a silent server soon."""
    stage._open("short", stage.upstreams["main"], read_timeout=SHORT_IDLE_S)


def _dead(stage: Stage) -> None:
    """An nginx whose server does not run."""
    stage._open("dead", [f"127.0.0.1:{free_port()}"])


def _careless(stage: Stage) -> None:
    """An nginx with the default limit of bodies, and ``root`` where ``alias`` is meant."""
    stage._open("careless", stage.upstreams["main"], body_limit="1m", static_by="root")


def _wsgi(stage: Stage) -> None:
    """The same Django under WSGI, as `runserver` without Daphne serves it."""
    import sys

    port = free_port()
    options = stage._options(1)
    command = [sys.executable, "-m", "inspector.chat.labs.wsgi", str(port)]
    from inspector.chat.labs.wsgi import answers

    part = External("the WSGI server", command, lambda: answers(port), environment=options.variables(), log=stage.log)
    stage._external.append(stage._parts.enter_context(part))
    stage._open("wsgi", [f"127.0.0.1:{port}"])


EXTRAS: dict[str, Callable[[Stage], None]] = {
    "careless": _careless,
    "dead": _dead,
    "short": _short,
    "stripping": _stripping,
    "victim": _victim,
    "wsgi": _wsgi,
}
"""Further parts by the name of their front."""
_NGINX_ONLY = ("careless", "dead", "short", "stripping")
