"""F29 and F30."""

from __future__ import annotations

import re

from inspector.chat.labs.truth import Truth

from ..wire import Connection
from .common import Connections, Signature, affected, only

__all__ = ["SIGNATURES"]


def _queries(connection: Connection) -> int:
    found = re.search(r'db;[^,]*desc="(\d+) queries"', connection.header("Server-Timing") or "")
    assert found
    return int(found[1])


def many_queries(connections: Connections, truth: Truth) -> None:
    pages = affected(connections, truth)
    assert [_queries(page) for page in pages] == [2 * size + 1 for size in (5, 10, 20, 40)]
    joined = [c for c in connections.values() if "way=joined" in c.request]
    assert joined and all(_queries(page) == 1 for page in joined)


def wrong_host(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    assert connection.status == 400 and connection.header("Host", response=False) == "chat.example"


def post_without_slash(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    assert connection.request.startswith("POST /labs/unguarded HTTP/1.1") and connection.status == 500
    assert b"RuntimeError" in connection.stream("server")


def csrf_missing(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    assert connection.request.startswith("POST ") and connection.header("Upgrade", response=False) is None
    assert connection.response.startswith("HTTP/1.1 403 Forbidden") and b"CSRF" in connection.stream("server")
    (decoy,) = truth.decoys
    assert (decoy.looks_like, decoy.client) == ("F02", connection.client)


def body_too_big(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    assert connection.status == 400 and int(connection.header("Content-Length", response=False) or 0) > 2_621_440


def upload_too_big(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    assert connection.status == 413 and (connection.header("Server") or "").startswith("nginx/")
    # The application never saw it.
    assert truth.faults[0].upstream == (None,)


def static_doubled(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    assert connection.status == 404 and (connection.header("Server") or "").startswith("nginx/")
    assert b"<center>nginx" in connection.stream("server") and truth.faults[0].upstream == (None,)


SIGNATURES: dict[str, Signature] = {
    "many-queries": many_queries,
    "wrong-host": wrong_host,
    "post-without-slash": post_without_slash,
    "csrf-missing": csrf_missing,
    "body-too-big": body_too_big,
    "upload-too-big": upload_too_big,
    "static-doubled": static_doubled,
}
