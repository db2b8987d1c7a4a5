"""One server process: ``python -m inspector.chat.serve PLAN``, started by inspector/chat/launch.py.

The plan is JSON: which server, and the numbers of inherited descriptors for listening, for reporting readiness and
for noticing that the parent is gone.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

__all__ = ["main"]


def _end_with_parent(alive: int) -> None:
    """Wait for the end of the parent's pipe, then end this process."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
    os._exit(1)


def _prepare(scripted_users: int) -> None:
    from django.conf import settings
    from django.core.management import call_command

    from inspector.chat import demo

    call_command("migrate", verbosity=0, interactive=False)
    if settings.ACCEL_REDIRECT:
        call_command("collectstatic", verbosity=0, interactive=False)
    if settings.DEMO:
        demo.create(scripted_users)


def _daphne(application: Any, plan: dict[str, Any]) -> None:
    """Daphne on an inherited socket. Any: its own types."""
    import daphne.server
    from twisted.internet import reactor
    from twisted.internet.endpoints import AdoptedStreamServerEndpoint

    class Endpoint:
        """Stands where Daphne would parse an endpoint description: no description names a TLS socket to inherit."""

        def listen(self, factory: Any) -> Any:
            if plan["tls"]:
                from inspector.chat.tls import twisted_factory

                factory = twisted_factory(factory)
            family = socket.socket(fileno=os.dup(plan["listen"])).family
            return AdoptedStreamServerEndpoint(reactor, plan["listen"], family).listen(factory)

    daphne.server.serverFromString = lambda _reactor, _description: Endpoint()
    server = daphne.server.Server(
        application,
        endpoints=["inherited"],
        ping_interval=plan["ping_interval"],
        ping_timeout=plan["ping_timeout"],
        ready_callable=lambda: reactor.callLater(0, _report, plan["ready"]),
    )
    server.run()


def _uvicorn(application: Any, plan: dict[str, Any]) -> None:
    import uvicorn

    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws_ping_interval=plan["ping_interval"],
        ws_ping_timeout=plan["ping_timeout"],
        # The scope keeps the address of the connection itself: that is where its packets are found.
        proxy_headers=False,
    )
    config.load()
    if plan["tls"]:
        from inspector.chat.tls import ssl_context

        config.ssl = ssl_context()
    _report(plan["ready"])
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=plan["listen"])])


def _hypercorn(application: Any, plan: dict[str, Any]) -> None:
    import asyncio

    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    class _Config(Config):
        # The base class reads certificate files; this one also writes the session keys.
        ssl_enabled = bool(plan["tls"])

        def create_ssl_context(self) -> Any:
            if not plan["tls"]:
                return None
            from inspector.chat.tls import ssl_context

            context = ssl_context()
            context.set_alpn_protocols(self.alpn_protocols)  # HTTP/2, which the other servers do not have
            return context

    async def without_lifespan(scope: Any, receive: Any, send: Any) -> None:
        # Django has no lifespan; left to find out, hypercorn warns at every start.
        if scope["type"] != "lifespan":
            await application(scope, receive, send)
            return
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})

    async def run() -> None:
        config = _Config()
        name = f"fd://{plan['listen']}"
        config.bind = [name]
        config.websocket_ping_interval = plan["ping_interval"]
        config.loglevel = "WARNING"
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        _report(plan["ready"])
        await serve(without_lifespan, config, shutdown_trigger=stop.wait)

    asyncio.run(run())


def _report(ready: int) -> None:
    os.write(ready, b"1")
    os.close(ready)


def main() -> None:
    """Run one process until it is told to stop."""
    plan = json.loads(sys.argv[1])
    threading.Thread(target=_end_with_parent, args=(plan["alive"],), daemon=True).start()
    # Before the server has its own handlers: stop means stop, without a traceback.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if plan["server"] == "daphne":
        # Daphne installs its reactor at import; it must come before anything that imports Twisted.
        import daphne.server  # noqa: F401
    import django

    django.setup()
    if plan["prepare"]:
        _prepare(plan["scripted_users"])
    if plan["tls"]:
        from inspector.chat.tls import make_certificate

        # Before anybody is told that the server is ready: clients need the file.
        make_certificate(Path(os.environ["INSPECTOR_CHAT_DATA"]))
    from inspector.chat.asgi import application

    {"daphne": _daphne, "uvicorn": _uvicorn, "hypercorn": _hypercorn}[plan["server"]](application, plan)


if __name__ == "__main__":
    main()
