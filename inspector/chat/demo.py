"""Demo users, a demo room and something to read in it."""

from __future__ import annotations

import random

from django.contrib.auth import get_user_model
from django.db import transaction

from inspector.chat.models import Membership, Message, Room

__all__ = ["DEMO_ROOM", "create", "ensure_users", "is_demo_name"]

DEMO_ROOM = "로비"
NAMES = ("민준", "서연", "alice", "bob")
ADMINISTRATOR = "demo-admin"
# The scripted users of `inspector chat drive`: demo-0001, demo-0002, …
PREFIX = "demo-"
# More than one process of a scripted run opens sockets for on one machine.
MAX_SCRIPTED = 2000

_TEXTS = (
    "안녕하세요!",
    "Hello everyone",
    "오늘 점심 뭐 먹을까요?",
    "Has anybody seen the capture of yesterday?",
    "네, 방금 봤어요.",
    "핸드셰이크가 403이었어요 🤔",
    "Check the Origin header.",
    "고마워요, 해결됐어요!",
)


def is_demo_name(name: str) -> bool:
    """Whether a user of this name may be entered without a password on a demo server."""
    return name in NAMES or name.startswith(PREFIX)


@transaction.atomic
def ensure_users(count: int) -> list[str]:
    """Make sure that this many scripted users exist; returns their names."""
    users = get_user_model().objects
    names = [f"{PREFIX}{number:04d}" for number in range(1, min(count, MAX_SCRIPTED) + 1)]
    known = set(users.filter(username__in=names).values_list("username", flat=True))
    users.bulk_create(_passwordless(name) for name in names if name not in known)
    return names


def _passwordless(name: str, **fields: bool) -> object:
    user = get_user_model()(username=name, **fields)
    # A known password would still open the door once the same data is served without demo mode.
    user.set_unusable_password()
    return user


@transaction.atomic
def create(scripted: int) -> None:
    """Create what is missing of users, room and messages.

    Args:
        scripted: How many users for `inspector chat drive`.
    """
    users = get_user_model().objects
    for name in NAMES:
        if not users.filter(username=name).exists():
            _passwordless(name).save()  # type: ignore[attr-defined]  # a Django user
    if not users.filter(username=ADMINISTRATOR).exists():
        _passwordless(ADMINISTRATOR, is_staff=True, is_superuser=True).save()  # type: ignore[attr-defined]
    ensure_users(scripted)
    room, created = Room.objects.get_or_create(name=DEMO_ROOM)
    if not created:
        return
    people = list(users.filter(username__in=NAMES).order_by("pk"))
    for person in people:
        role = Membership.Role.OWNER if person.username == NAMES[0] else Membership.Role.MEMBER
        Membership.objects.get_or_create(room=room, user=person, defaults={"role": role})
    chance = random.Random(1)
    for number in range(50):
        message = Message.objects.create(room=room, author=people[number % len(people)], text=_TEXTS[number % 8])
        message.likes.set(chance.sample(people, chance.randrange(len(people))))
