"""A Redis of one's own, on loopback and without a file, for as long as it is needed."""

from __future__ import annotations

import socket
from pathlib import Path

from inspector.chat.external import External, find, free_port

__all__ = ["Redis"]


class Redis(External):
    """A redis-server process.

    Args:
        folder: Its working directory.

    Attributes:
        url: Its address for a channel layer, ``redis://127.0.0.1:port``.

    Raises:
        MissingPart: If redis-server is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        command = [
            find("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", str(folder),
        ]  # fmt: skip
        super().__init__("redis-server", command, self._answers)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
