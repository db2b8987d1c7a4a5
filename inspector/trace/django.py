"""Django: SQL statements, views and exceptions of requests; imported only where Django is."""

from __future__ import annotations

import functools
import re
import sys
import time
from collections.abc import Callable
from typing import Any

from inspector.trace.sink import Sink
from inspector.trace.work import current, location

__all__ = ["wrap_requests", "wrap_sql"]

# Values written into the statement itself are payload too, and would make every statement a different one.
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
MAX_SQL = 2000


def wrap_sql(sink: Sink) -> None:
    """Count every statement for the work that it belongs to."""
    from django.db import connections
    from django.db.backends.signals import connection_created

    def execute_wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter_ns()
        try:
            return execute(sql, params, many, context)
        finally:
            duration = time.perf_counter_ns() - start
            shape = _LITERAL.sub("?", str(sql)[:MAX_SQL])
            work = current.get()
            if work is not None:
                work.note(shape, duration)
            else:
                _unattributed(sink, shape, duration)

    def wrap(connection: Any, **_: object) -> None:
        if execute_wrapper not in connection.execute_wrappers:
            connection.execute_wrappers.append(execute_wrapper)

    # weak=False: the signal would otherwise forget a function that nothing else holds.
    connection_created.connect(wrap, weak=False, dispatch_uid="inspector.trace")
    for connection in connections.all(initialized_only=True):
        wrap(connection)


def _unattributed(sink: Sink, shape: str, duration: int) -> None:
    entry = [{"sql": shape, "count": 1, "ns": duration}]
    sink.emit("sql", conn=None, cause=None, queries=1, repeated=0, ns=duration, statements=entry)


def wrap_requests(sink: Sink) -> None:
    """Name the view of each request, and report exceptions that Django turns into an error page."""
    from django.core.handlers.base import BaseHandler
    from django.core.signals import got_request_exception

    resolve = BaseHandler.resolve_request

    @functools.wraps(resolve)
    def resolve_request(self: Any, request: Any) -> Any:
        match = resolve(self, request)
        work = current.get()
        if work is not None:
            work.facts["route"] = match.route
            # Class-based views are closures; Django and Django REST framework note the class on them.
            view = getattr(match.func, "view_class", None) or getattr(match.func, "cls", None) or match.func
            work.facts["view"] = f"{view.__module__}.{getattr(view, '__qualname__', type(view).__qualname__)}"
            # Django REST framework: a view set says which method of it answers which HTTP method.
            actions = getattr(match.func, "actions", None) or {}
            if actions:
                work.facts["action"] = actions.get(request.method.lower())
        return match

    BaseHandler.resolve_request = resolve_request

    def failed(**_: object) -> None:
        error = sys.exc_info()[1]
        work = current.get()
        if error is None or work is None:
            return
        more = {"text": str(error)[:MAX_SQL]} if sink.payload else {}
        sink.emit(
            "exception", conn=work.conn, cause=work.cause, type=type(error).__name__, at=location(error.__traceback__),
            **more,
        )  # fmt: skip

    got_request_exception.connect(failed, weak=False, dispatch_uid="inspector.trace")
