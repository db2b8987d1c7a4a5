"""The outermost ASGI middleware: connections, the messages on them, HTTP requests, exceptions."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from inspector.trace.sink import Sink
from inspector.trace.work import KEY, Work, current, location, new_id, sql_fields

__all__ = ["Application", "middleware"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# Text of one message that an event carries when payload is asked for.
MAX_PAYLOAD = 4096


def middleware(application: Application, sink: Sink) -> Application:
    """Wrap an application; scopes other than http and websocket pass untouched."""

    async def traced(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _Socket(sink, scope, receive, send).run(application)
        elif scope["type"] == "http":
            await _request(sink, application, scope, receive, send)
        else:
            await application(scope, receive, send)

    return traced


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), None)


def _opening(scope: Scope, send: Send) -> dict[str, Any]:
    """What identifies a connection in a capture: addresses and ports, also the ones a reverse proxy reports."""
    return {
        "kind": scope["type"],
        "path": scope["path"],
        "client": scope.get("client"),
        "server": scope.get("server"),
        # nginx: proxy_set_header X-Client-Port $remote_port; X-Forwarded-For alone names no port.
        "proxied_client": [_header(scope, b"x-forwarded-for"), _header(scope, b"x-client-port")],
        # Daphne sends no frame for an empty text, uvicorn does: ordinals depend on the server.
        "asgi_server": (getattr(getattr(send, "func", send), "__module__", None) or "").partition(".")[0],
    }


class _Socket:
    """One WebSocket connection."""

    def __init__(self, sink: Sink, scope: Scope, receive: Receive, send: Send) -> None:
        self._sink = sink
        self._scope = scope
        self._receive_from = receive
        self._send_to = send
        self._conn = new_id("c")
        self._received = 0
        self._sent = 0
        # Sessions and users are looked up before there is a consumer: that is the handshake's work.
        self._handshake = Work(cause=f"{self._conn}.open", conn=self._conn)

    async def run(self, application: Application) -> None:
        start = time.perf_counter_ns()
        self._sink.emit("open", conn=self._conn, **_opening(self._scope, self._send_to))
        token = current.set(self._handshake)
        try:
            await application(self._scope, self._receive, self._send)
        except Exception as error:
            work: Work | None = getattr(error, "inspector_work", None)
            _exception(self._sink, self._conn, work.cause if work else None, error)
            raise
        finally:
            current.reset(token)
            self._report_handshake()
            duration = time.perf_counter_ns() - start
            self._sink.emit("end", conn=self._conn, rx=self._received, tx=self._sent, duration_ns=duration)

    def _report_handshake(self) -> None:
        if self._handshake.queries:
            self._sink.emit("sql", **sql_fields(self._handshake))
            self._handshake = Work(cause=self._handshake.cause, conn=self._conn)

    async def _receive(self) -> Message:
        # A consumer listens now.
        self._report_handshake()
        event = await self._receive_from()
        cause = f"{self._conn}.open"
        if event["type"] == "websocket.receive":
            self._received += 1
            cause = f"{self._conn}.{self._received}"
            self._message("rx", self._received, event, cause=cause)
        elif event["type"] == "websocket.disconnect":
            cause = f"{self._conn}.close"
            self._sink.emit("disconnect", conn=self._conn, code=event.get("code"))
        # A copy: the dict belongs to the server.
        return {**event, KEY: [cause, time.time_ns(), self._conn]}

    async def _send(self, event: Message) -> None:
        work = current.get()
        cause = work.cause if work is not None else None
        if event["type"] == "websocket.send":
            self._sent += 1
            self._message("tx", self._sent, event, cause=cause)
        elif event["type"] == "websocket.accept":
            self._sink.emit("accept", conn=self._conn, subprotocol=event.get("subprotocol"), cause=cause)
        elif event["type"] == "websocket.close":
            code, reason = event.get("code", 1000), bool(event.get("reason"))
            self._sink.emit("close", conn=self._conn, code=code, has_reason=reason, cause=cause)
        await self._send_to(event)

    def _message(self, kind: str, ordinal: int, event: Message, cause: str | None) -> None:
        text, data = event.get("text"), event.get("bytes")
        size = len(text.encode("utf-8", "surrogatepass")) if text is not None else len(data or b"")
        more = {"text": text[:MAX_PAYLOAD]} if self._sink.payload and text is not None else {}
        binary = text is None
        self._sink.emit(kind, conn=self._conn, n=ordinal, size=size, binary=binary, cause=cause, **more)


async def _request(sink: Sink, application: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """One HTTP exchange, with a Server-Timing header (W3C Server Timing) on its response."""
    conn = new_id("h")
    work = Work(cause=conn, conn=conn)
    start = time.perf_counter_ns()
    status: int | None = None
    size = 0
    sink.emit("open", conn=conn, method=scope["method"], **_opening(scope, send))

    async def answering(event: Message) -> None:
        nonlocal status, size
        if event["type"] == "http.response.start":
            status = event["status"]
            timing = _server_timing(work, time.perf_counter_ns() - start).encode()
            event = {**event, "headers": [*event.get("headers", ()), (b"Server-Timing", timing)]}
        elif event["type"] == "http.response.body":
            size += len(event.get("body", b""))
        await send(event)

    token = current.set(work)
    try:
        await application(scope, receive, answering)
    except Exception as error:
        _exception(sink, conn, conn, error)
        raise
    finally:
        current.reset(token)
        if work.queries:
            sink.emit("sql", **sql_fields(work))
        duration = time.perf_counter_ns() - start
        sink.emit("end", conn=conn, status=status, size=size, duration_ns=duration, **work.facts)


def _server_timing(work: Work, elapsed_ns: int) -> str:
    parts = [f"total;dur={elapsed_ns / 1e6:.1f}"]
    if work.queries:
        parts.append(f'db;dur={work.query_ns / 1e6:.1f};desc="{work.queries} queries"')
        parts.append(f'dup;desc="{work.repeated} repeated"')
    return ", ".join(parts)


def _exception(sink: Sink, conn: str, cause: str | None, error: BaseException) -> None:
    # The text of an exception often quotes what was sent.
    more = {"text": str(error)[:MAX_PAYLOAD]} if sink.payload else {}
    sink.emit("exception", conn=conn, cause=cause, type=type(error).__name__, at=location(error.__traceback__), **more)
