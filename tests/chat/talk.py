"""A socket in a room, for tests: send JSON, wait for a message of a type."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from inspector.chat.client import Client

SECONDS = 60.0

Json = dict[str, Any]


def dial(client: Client, url: str) -> AbstractContextManager[ClientConnection]:
    """Open a WebSocket as this visitor's browser would: with cookies and the page's Origin."""
    headers = {"Cookie": client.cookie_header}
    return connect(
        url, origin=Origin(client.origin), additional_headers=headers, ssl=client.tls, max_size=None, max_queue=None,
        open_timeout=SECONDS, ping_interval=None,
    )  # fmt: skip


class Talker:
    """One user in one room, with everything received so far."""

    def __init__(self, client: Client, room: str, kind: str = "chat") -> None:
        self.client = client
        # Not a `with`: several sockets are open at once, and the fixture closes them.
        self.socket = dial(client, client.room_url(room, kind)).__enter__()
        self.log: list[Json] = []
        self.welcome = self.until("room.welcome")
        self.history = self.until("chat.history")
        self.id: int = self.welcome["user"]["id"]

    def send(self, kind: str, **fields: object) -> None:
        """Send a request of version 1."""
        self.socket.send(json.dumps({"v": 1, "type": kind, **fields}))

    def until(self, kind: str) -> Json:
        """Receive until a message of this type arrives."""
        while True:
            message = json.loads(self.socket.recv(SECONDS))
            self.log.append(message)
            if message["type"] == kind:
                return dict(message)

    def sync(self) -> None:
        """Wait for everything sent to this socket before now: ask for something and read up to the answer."""
        self.send("chat.history", ref="sync")
        while self.until("chat.history").get("ref") != "sync":
            pass

    def texts(self) -> list[str]:
        """What was said here since we came."""
        return [message["message"]["text"] for message in self.log if message["type"] == "chat.message"]

    def closed(self) -> tuple[int, str]:
        """Wait for the server's Close frame."""
        try:
            while True:
                self.log.append(json.loads(self.socket.recv(SECONDS)))
        except ConnectionClosed as end:
            assert end.rcvd is not None, "the connection ended without a Close frame"
            return end.rcvd.code, end.rcvd.reason
