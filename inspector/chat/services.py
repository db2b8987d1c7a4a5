"""What the chat does to its database; both consumers and the REST API call these functions.

All are synchronous. Those that change something return the events to send: (group, event) pairs, where an event is
what a consumer's handler receives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from inspector.chat.models import PRESENCE_LIFETIME, Membership, Message, Presence, Room, Upload
from inspector.chat.protocol import ProtocolError

__all__ = [
    "Entered",
    "Events",
    "close_room",
    "enter",
    "heartbeat",
    "history",
    "join",
    "leave",
    "like",
    "message_json",
    "say",
    "typing",
    "user_json",
    "visible_messages",
]

HISTORY_PAGE = 50

Events = list[tuple[str, dict[str, Any]]]  # Any: a JSON object


def user_json(user: AbstractBaseUser) -> dict[str, Any]:
    """A user as others see it."""
    return {"id": user.pk, "name": user.get_username()}


def message_json(message: Message, ref: str | None = None) -> dict[str, Any]:
    """A message as it goes over the wire; needs author, upload, likes and recipients loaded."""
    upload = message.upload
    return {
        "id": message.pk,
        "author": user_json(message.author),
        "text": message.text,
        "sent_at": message.sent_at.isoformat(timespec="milliseconds"),
        "private": message.private,
        "to": sorted(user.pk for user in message.recipients.all()) if message.private else None,
        "likes": sorted(user.pk for user in message.likes.all()),
        "upload": upload and {"id": upload.pk, "name": upload.original_name, "size": upload.size},
        "ref": ref,
    }


def visible_messages(user: AbstractBaseUser) -> QuerySet[Message]:
    """Messages this user may read: public ones of the rooms joined, private ones to or from the user."""
    rooms = Membership.objects.filter(user=user).values("room")
    # A subquery, not a join: a join over recipients would repeat each message once per recipient.
    received = Message.recipients.through.objects.filter(user_id=user.pk).values("message")
    return Message.objects.filter(Q(private=False) | Q(author=user) | Q(pk__in=received), room__in=rooms)


@dataclass(frozen=True)
class Entered:
    """What a socket learns when it enters a room."""

    room: Room
    role: str
    members: list[dict[str, Any]]
    present: list[dict[str, Any]]


def join(room: Room, user: AbstractBaseUser) -> Membership:
    """Make the user a member; the first member owns the room."""
    with transaction.atomic():
        role = Membership.Role.MEMBER if room.memberships.exists() else Membership.Role.OWNER
        return Membership.objects.get_or_create(room=room, user=user, defaults={"role": role})[0]


def enter(room_name: str, user: AbstractBaseUser, channel_name: str) -> Entered | None:
    """Open a socket in a room: membership and presence; None when there is no such room."""
    room = Room.objects.filter(name=room_name).first()
    if room is None:
        return None
    membership = join(room, user)
    if room.closed_at is None:
        Presence.objects.update_or_create(channel_name=channel_name, defaults={"room": room, "user": user})
    members = [
        {**user_json(member.user), "role": member.role, "joined_at": member.joined_at.isoformat(timespec="seconds")}
        for member in room.memberships.select_related("user")
    ]
    return Entered(room, membership.role, members, _present(room))


def _present(room: Room) -> list[dict[str, Any]]:
    """The users with a socket that gave a sign of life lately, by name."""
    alive = room.presences.filter(seen_at__gt=timezone.now() - PRESENCE_LIFETIME).select_related("user")
    users = {presence.user_id: user_json(presence.user) for presence in alive}
    return sorted(users.values(), key=lambda user: (user["name"], user["id"]))


def leave(room: Room, channel_name: str) -> list[dict[str, Any]]:
    """Forget a socket; returns who is still present."""
    Presence.objects.filter(channel_name=channel_name).delete()
    # Sockets whose process died never called this.
    room.presences.filter(seen_at__lte=timezone.now() - PRESENCE_LIFETIME).delete()
    return _present(room)


def heartbeat(channel_name: str) -> None:
    """Note that a socket is alive."""
    Presence.objects.filter(channel_name=channel_name).update(seen_at=timezone.now())


def _open_room(room: Room, ref: str | None) -> None:
    if not Room.objects.filter(pk=room.pk, closed_at=None).exists():
        raise ProtocolError("closed", "This room is closed.", ref)


def say(
    room: Room,
    author: AbstractBaseUser,
    text: str,
    to: Iterable[int] = (),
    upload_id: int | None = None,
    ref: str | None = None,
) -> tuple[Message, Events]:
    """Store a message, then name the groups that get it: the room, or each recipient and the author.

    Raises:
        ProtocolError: ``closed``, ``not_member`` for a recipient outside the room, ``not_found`` for a foreign upload.
    """
    targets = set(to)
    with transaction.atomic():
        _open_room(room, ref)
        if targets:
            known = set(room.memberships.filter(user__in=targets).values_list("user_id", flat=True))
            if known != targets:
                strangers = ", ".join(str(number) for number in sorted(targets - known))
                raise ProtocolError("not_member", f"Not in this room: user {strangers}.", ref)
        if upload_id is not None and not room.uploads.filter(pk=upload_id, uploader=author).exists():
            raise ProtocolError("not_found", f"You have no upload {upload_id} in this room.", ref)
        message = Message.objects.create(
            room=room, author=author, text=text, upload_id=upload_id, private=bool(targets)
        )
        if targets:
            message.recipients.set(targets)
    if upload_id is not None:
        message.upload = Upload.objects.get(pk=upload_id)
    event = {"type": "chat.message", "message": message_json(message, ref)}
    if not targets:
        return message, [(room.group, event)]
    return message, [(room.user_group(user_id), event) for user_id in sorted({*targets, author.pk})]


def like(room: Room, user: AbstractBaseUser, message_id: int, like: bool, ref: str | None = None) -> Events:
    """Like a message or take the like back.

    Raises:
        ProtocolError: ``not_found`` when the user cannot see such a message in this room.
    """
    message = visible_messages(user).filter(room=room, pk=message_id).first()
    if message is None:
        raise ProtocolError("not_found", f"There is no message {message_id} here.", ref)
    if like:
        message.likes.add(user)
    else:
        message.likes.remove(user)
    likes = sorted(message.likes.values_list("pk", flat=True))
    event = {"type": "chat.like", "message": message.pk, "likes": likes, "user": user_json(user), "ref": ref}
    if not message.private:
        return [(room.group, event)]
    audience = {message.author_id, *message.recipients.values_list("pk", flat=True)}
    return [(room.user_group(user_id), event) for user_id in sorted(audience)]


def typing(room: Room, user: AbstractBaseUser, typing: bool) -> Events:
    """Tell the room that somebody is typing; nothing is stored."""
    return [(room.group, {"type": "chat.typing", "user": user_json(user), "typing": typing})]


def close_room(room: Room, user: AbstractBaseUser, reason: str, ref: str | None = None) -> Events:
    """Close a room for everybody, with a reason that every member sees.

    Raises:
        ProtocolError: ``forbidden`` unless the user owns or moderates the room, ``closed`` if it is closed.
    """
    with transaction.atomic():
        membership = room.memberships.filter(user=user).first()
        if membership is None or not membership.may_close:
            raise ProtocolError("forbidden", "Only the owner or a moderator may close this room.", ref)
        _open_room(room, ref)
        Room.objects.filter(pk=room.pk).update(closed_at=timezone.now(), closed_reason=reason)
        room.presences.all().delete()
    return [(room.group, {"type": "chat.closed", "reason": reason, "by": user_json(user)})]


def history(room: Room, user: AbstractBaseUser, before: int | None = None) -> tuple[list[dict[str, Any]], bool]:
    """The newest messages the user may see, oldest first, and whether there are older ones."""
    messages = visible_messages(user).filter(room=room)
    if before is not None:
        messages = messages.filter(pk__lt=before)
    # Four queries however many messages: two joins here, one query each for likes and recipients.
    page = messages.select_related("author", "upload").prefetch_related("likes", "recipients").order_by("-pk")
    found = list(page[: HISTORY_PAGE + 1])
    return [message_json(message) for message in reversed(found[:HISTORY_PAGE])], len(found) > HISTORY_PAGE
