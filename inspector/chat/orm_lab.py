"""The same list of messages read from the database in five ways, and three pitfalls of query sets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from inspector.chat.models import Message, Room

__all__ = ["WAYS", "Pitfall", "Result", "measure", "pitfalls"]

ROWS = 50

Row = dict[str, Any]  # Any: a JSON object


@dataclass(frozen=True)
class Result:
    """What one way returned and cost."""

    way: str
    explanation: str
    rows: list[Row]
    statements: list[str]
    milliseconds: float

    @property
    def queries(self) -> int:
        """How many statements it took."""
        return len(self.statements)


@contextmanager
def _statements() -> Iterator[list[str]]:
    """Collect the SQL of a block; connection.queries is empty unless DEBUG is on."""
    seen: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def _row(message: Message, likes: list[str]) -> Row:
    return {
        "id": message.pk,
        "room": message.room.name,
        "author": message.author.get_username(),
        "text": message.text,
        "likes": sorted(likes),
    }


def _newest() -> Any:
    return Message.objects.filter(private=False).order_by("-pk")


def _lazy() -> list[Row]:
    """One query for the list, then three for each of its rows."""
    return [_row(m, [user.get_username() for user in m.likes.all()]) for m in _newest()[:ROWS]]


def _select_related() -> list[Row]:
    """Author and room come along in a JOIN; the likes still cost one query a row."""
    messages = _newest().select_related("author", "room")[:ROWS]
    return [_row(m, [user.get_username() for user in m.likes.all()]) for m in messages]


def _prefetch_related() -> list[Row]:
    """One more query for all likes together."""
    messages = _newest().select_related("author", "room").prefetch_related("likes")[:ROWS]
    return [_row(m, [user.get_username() for user in m.likes.all()]) for m in messages]


def _filter_then_prefetch() -> list[Row]:
    """Only likes by active users: the filter belongs into the Prefetch; .filter() later would query per row."""
    from django.contrib.auth import get_user_model

    active = Prefetch("likes", get_user_model().objects.filter(is_active=True), to_attr="active_likes")
    messages = _newest().select_related("author", "room").prefetch_related(active)[:ROWS]
    return [_row(m, [user.get_username() for user in m.active_likes]) for m in messages]


_SQL = """
    SELECT m.id, r.name, a.username, m.text, u.username
    FROM (SELECT * FROM chat_message WHERE NOT private ORDER BY id DESC LIMIT %s) AS m
    JOIN chat_room AS r ON r.id = m.room_id
    JOIN auth_user AS a ON a.id = m.author_id
    LEFT JOIN chat_message_likes AS l ON l.message_id = m.id
    LEFT JOIN auth_user AS u ON u.id = l.user_id
    ORDER BY m.id DESC
"""


def _raw() -> list[Row]:
    """One statement by hand; the rows of the JOIN are folded here."""
    folded: dict[int, Row] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [ROWS])
        for pk, room, author, text, liker in cursor.fetchall():
            row = folded.setdefault(pk, {"id": pk, "room": room, "author": author, "text": text, "likes": []})
            if liker is not None:
                row["likes"].append(liker)
    for row in folded.values():
        row["likes"].sort()
    return list(folded.values())


WAYS: dict[str, tuple[Callable[[], list[Row]], Any]] = {
    "lazy": (_lazy, _("Related objects are fetched when touched: 1 + 3 × n queries (N+1).")),
    "select_related": (_select_related, _("Foreign keys in a JOIN; the likes are still fetched row by row.")),
    "prefetch_related": (_prefetch_related, _("Foreign keys in a JOIN, all likes in one more query.")),
    "filter_then_prefetch": (_filter_then_prefetch, _("As before, with a filter inside the Prefetch.")),
    "raw": (_raw, _("One statement written by hand.")),
}


def measure(way: str) -> Result:
    """Read the list in one way and count."""
    read, explanation = WAYS[way]
    with _statements() as statements:
        start = time.perf_counter()
        rows = read()
        elapsed = (time.perf_counter() - start) * 1000
    return Result(way, str(explanation), rows, statements, elapsed)


@dataclass(frozen=True)
class Pitfall:
    """Two ways to write nearly the same, and what each really does."""

    title: str
    wrong: str
    right: str
    wrong_count: int
    right_count: int
    unit: str


def pitfalls() -> list[Pitfall]:
    """Filtering after a prefetch, JOINs over many-valued relations, and counting."""
    page = list(_newest().prefetch_related("likes")[:ROWS])
    with _statements() as again:
        for message in page:
            list(message.likes.filter(is_active=True))
    with _statements() as kept:
        for message in page:
            [user for user in message.likes.all() if user.is_active]
    # A JOIN over a many-valued relation repeats the row once for each match.
    repeated = Room.objects.filter(messages__likes__isnull=False).count()
    single = Room.objects.filter(messages__likes__isnull=False).distinct().count()
    # Conditions in one filter() hold for the same related row, in two filter() calls for any two of them.
    chained = Room.objects.filter(memberships__role="owner").filter(memberships__user__is_staff=True).distinct()
    together = Room.objects.filter(Q(memberships__role="owner", memberships__user__is_staff=True)).distinct()
    return [
        Pitfall(
            str(_("A filter on prefetched objects asks the database again")),
            "message.likes.filter(is_active=True)",
            "[u for u in message.likes.all() if u.is_active]",
            len(again),
            len(kept),
            str(_("queries")),
        ),
        Pitfall(
            str(_("A reverse filter joins and repeats rows")),
            "Room.objects.filter(messages__likes__isnull=False)",
            "….distinct()",
            repeated,
            single,
            str(_("rows")),
        ),
        Pitfall(
            str(_("Two filter() calls join twice: any owner and any administrator")),
            'filter(memberships__role="owner").filter(memberships__user__is_staff=True)',
            'filter(memberships__role="owner", memberships__user__is_staff=True)',
            chained.count(),
            together.count(),
            str(_("rooms")),
        ),
    ]
