"""A page that talks to its server over a WebSocket, and the server with its log: for browsers behind the proxy."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

__all__ = ["CLOSE_CODE", "SENT", "Page", "page"]

CLOSE_CODE = 4000
SENT: list[str | bytes] = ["안녕", bytes(range(256)), "한글" * 1000, "x" * (5 << 20), b"", "🙂" * 2000]
"""What the page sends: Korean above 4,000 bytes, 5 MiB, nothing, characters of four bytes."""

_PAGE = """<!doctype html><meta charset="utf-8"><title>talk</title><script>
const sent = ["안녕", Uint8Array.from({length: 256}, (_, i) => i), "한글".repeat(1000), "x".repeat(5 << 20),
              new Uint8Array(0), "🙂".repeat(2000)];
const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws");
socket.binaryType = "arraybuffer";
let came = 0, same = true;
socket.onopen = () => sent.forEach(one => socket.send(one));
socket.onmessage = event => {
  const wanted = sent[came++];
  same &&= typeof wanted == "string" ? event.data === wanted
    : event.data.byteLength === wanted.length && new Uint8Array(event.data).every((v, i) => v === wanted[i]);
  if (came == sent.length) socket.close(4000, "끝");
};
socket.onclose = event => fetch(`/done?code=${event.code}&came=${came}&same=${same}`, {method: "POST"});
</script>""".encode()


class Page:
    """The server of the page, and what it logged."""

    def __init__(self) -> None:
        self.port = 0
        self.received: list[str | bytes] = []
        self.close_code: int | None = None
        self.told = ""
        self._done = asyncio.Event()

    async def finished(self, seconds: float) -> None:
        """Wait until the page has told how it went."""
        await asyncio.wait_for(self._done.wait(), seconds)

    def answer(self, _connection: ServerConnection, request: Request) -> Response | None:
        """The page for every path but that of the WebSocket."""
        if request.path == "/ws":
            return None
        if request.path.startswith("/done"):
            self.told = request.path.partition("?")[2]
            self._done.set()
        headers = {"Content-Type": "text/html", "Content-Length": str(len(_PAGE)), "Connection": "close"}
        return Response(200, "OK", Headers(headers), _PAGE)

    async def echo(self, websocket: ServerConnection) -> None:
        """Send back what comes."""
        try:
            async for message in websocket:
                self.received.append(message)
                await websocket.send(message)
        except ConnectionClosed:
            pass
        self.close_code = websocket.close_code


@asynccontextmanager
async def page(tls: ssl.SSLContext | None) -> AsyncIterator[Page]:
    """Serve it on a free port, with permessage-deflate."""
    served = Page()
    async with serve(
        served.echo, "127.0.0.1", 0, process_request=served.answer, max_size=None, ssl=tls, ping_interval=None
    ) as server:
        served.port = server.sockets[0].getsockname()[1]
        yield served
