"""What the server is doing right now, carried along by contextvars into tasks and sync threads."""

from __future__ import annotations

import itertools
import os
import traceback
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["KEY", "Work", "current", "location", "new_id", "sql_fields"]

# The reserved key that travels inside inbound events and group messages.
KEY = "inspector.trace"

# Distinct statements kept per piece of work; an N+1 repeats one statement, it does not invent new ones.
MAX_DISTINCT = 50

_numbers = itertools.count(1)


@dataclass
class Work:
    """One HTTP request or one dispatch of a consumer.

    Attributes:
        cause: What it answers to: an inbound message, a group message, an HTTP request.
        conn: The connection it works for.
        statements: SQL text (values removed) -> [times executed, nanoseconds].
        facts: What is learned on the way (view, route, action).
    """

    cause: str
    conn: str
    statements: dict[str, list[int]] = field(default_factory=dict)
    queries: int = 0
    query_ns: int = 0
    facts: dict[str, Any] = field(default_factory=dict)  # Any: JSON values

    def note(self, sql: str, duration_ns: int) -> None:
        """Count one executed statement."""
        self.queries += 1
        self.query_ns += duration_ns
        if sql not in self.statements and len(self.statements) >= MAX_DISTINCT:
            return
        entry = self.statements.setdefault(sql, [0, 0])
        entry[0] += 1
        entry[1] += duration_ns

    @property
    def repeated(self) -> int:
        """Executions of statements beyond their first."""
        return sum(count - 1 for count, _ in self.statements.values())


current: ContextVar[Work | None] = ContextVar("inspector.trace.work", default=None)


def new_id(prefix: str) -> str:
    """An identifier unique among the processes of one machine."""
    return f"{prefix}{os.getpid()}-{next(_numbers)}"


def sql_fields(work: Work) -> dict[str, Any]:
    """The fields of an ``sql`` event: totals, and the statements with the most frequent first."""
    ranked = sorted(work.statements.items(), key=lambda item: -item[1][0])
    return {
        "conn": work.conn,
        "cause": work.cause,
        "queries": work.queries,
        "repeated": work.repeated,
        "ns": work.query_ns,
        "statements": [{"sql": sql, "count": count, "ns": duration} for sql, (count, duration) in ranked],
    }


# Frames of these packages are how an error travelled, not where it was made.
_PLUMBING = ("asgiref", "channels", "daphne", "django", "rest_framework", "uvicorn", "hypercorn", "twisted")


def location(trace: TracebackType | None) -> dict[str, Any] | None:
    """File, line and function where an exception was raised: the innermost frame of the user's own code."""
    frames = traceback.extract_tb(trace)
    own = [
        f for f in frames if not set(_PLUMBING) & set(Path(f.filename).parts) and "/inspector/trace/" not in f.filename
    ]
    if not frames:
        return None
    frame = (own or frames)[-1]
    return {"file": frame.filename, "line": frame.lineno, "function": frame.name}
