"""Django under WSGI on one port: what answers when no ASGI server does. ``python -m inspector.chat.labs.wsgi PORT``."""

from __future__ import annotations

import signal
import socket
import sys
from typing import Any

__all__ = ["answers", "main"]


def answers(port: int) -> bool:
    """Whether the server listens."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def main() -> None:
    """Serve until told to stop."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer
    from django.core.wsgi import get_wsgi_application

    class Handler(WSGIRequestHandler):
        """Django's own handler, without its log of every request."""

        def log_message(self, *_arguments: Any) -> None:  # Any: as the base class
            """Say nothing."""

    application = get_wsgi_application()
    server = WSGIServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.set_app(application)
    server.serve_forever()


if __name__ == "__main__":
    main()
