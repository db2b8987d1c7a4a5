"""Sees messages before other addons do, so that the recorder, which sees them after, knows what these have changed."""

from __future__ import annotations

import time
from typing import Any
from weakref import WeakKeyDictionary

from mitmproxy import http

__all__ = ["FirstLook"]

_Head = tuple[object, ...]


class FirstLook:
    """Keeps what a message was when it came; as an addon it has to be the first."""

    name = "inspector_first_look"

    def __init__(self) -> None:
        self._seen: WeakKeyDictionary[http.HTTPFlow, dict[str, Any]] = WeakKeyDictionary()

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """A request's head has come."""
        self._seen[flow] = {"request": _head(flow.request)}

    def request(self, flow: http.HTTPFlow) -> None:
        """A request's body has come."""
        self._of(flow)["request_content"] = flow.request.raw_content

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """A response's head has come."""
        assert flow.response is not None  # mitmproxy's promise
        self._of(flow)["response"] = _head(flow.response)

    def response(self, flow: http.HTTPFlow) -> None:
        """A response's body has come."""
        assert flow.response is not None  # mitmproxy's promise
        self._of(flow)["response_content"] = flow.response.raw_content

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        """A message has come."""
        assert flow.websocket is not None  # mitmproxy's promise
        self._of(flow)["message"] = flow.websocket.messages[-1].content, time.monotonic()

    def changed(self, flow: http.HTTPFlow, which: str) -> list[str]:
        """What of a flow's ``request`` or ``response`` is no longer as it came: ``"head"``, ``"body"``."""
        message = getattr(flow, which)
        seen = self._of(flow)
        parts = []
        if which in seen and seen[which] != _head(message):
            parts.append("head")
        name = which + "_content"
        if name in seen and seen[name] != message.raw_content:
            parts.append("body")
        return parts

    def message_before(self, flow: http.HTTPFlow) -> tuple[bytes, float] | None:
        """The content that the last message of a WebSocket came with, and when (monotonic seconds)."""
        before: tuple[bytes, float] | None = self._of(flow).get("message")
        return before

    def _of(self, flow: http.HTTPFlow) -> dict[str, Any]:
        return self._seen.setdefault(flow, {})


def _head(message: http.Message) -> _Head:
    fields = tuple(field for field in message.headers.fields if field[0].lower() != b"expect")
    if isinstance(message, http.Request):
        return message.data.method, message.data.scheme, message.data.host, message.data.port, message.data.path, fields
    assert isinstance(message, http.Response)
    return message.data.status_code, message.data.reason, fields
