"""Rooms, memberships, messages, uploads and presence."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

__all__ = ["Membership", "Message", "Presence", "Room", "Upload", "clean_room_name"]

ROOM_NAME_LENGTH = 60
MESSAGE_LENGTH = 4000

# A browser sends a heartbeat every 25 s; who missed two is gone, even when disconnect() was never called.
PRESENCE_LIFETIME = timedelta(seconds=60)


def clean_room_name(name: str) -> str:
    """The room name as stored: composed Hangul, no spaces around it.

    Raises:
        ValidationError: If it cannot be one segment of a URL path, is too long, or holds control characters.
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not name or len(name) > ROOM_NAME_LENGTH:
        raise ValidationError(_("A room name has 1 to %(limit)d characters.") % {"limit": ROOM_NAME_LENGTH})
    if "/" in name or "\\" in name or name in (".", ".."):
        raise ValidationError(_("A room name is one part of an address: no slashes, not “.” or “..”."))
    # Cf holds the invisible and direction-changing characters with which one name can look like another.
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in name):
        raise ValidationError(_("A room name has no control or invisible characters."))
    return name


class Room(models.Model):
    """A place to talk; its name may be Korean, its group name never is."""

    name = models.CharField(max_length=ROOM_NAME_LENGTH, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=200, blank=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="rooms")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return str(self.name)

    @property
    def group(self) -> str:
        """The channel layer's group: names there are ASCII and short."""
        return f"room_{self.pk}"

    def user_group(self, user_id: int) -> str:
        """The group of one user's sockets in this room."""
        return f"room_{self.pk}_user_{user_id}"


class Membership(models.Model):
    """Who belongs to a room, as what and since when (the through table of Room.members)."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        MODERATOR = "moderator", _("moderator")
        MEMBER = "member", _("member")

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("room", "user"), name="one_membership_per_room"),)
        ordering = ("joined_at", "pk")

    def __str__(self) -> str:
        return f"{self.user} in {self.room} ({self.role})"

    @property
    def may_close(self) -> bool:
        """Whether this member may close the room."""
        return self.role in (self.Role.OWNER, self.Role.MODERATOR)


def _upload_path(instance: Upload, filename: str) -> str:
    """A random name: nothing a client wrote becomes part of a path."""
    return f"uploads/{secrets.token_hex(16)}"


class Upload(models.Model):
    """A file somebody put into a room."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="uploads")
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    file = models.FileField(upload_to=_upload_path)
    # Shown as text and offered as the name to save under; never used as a path.
    original_name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.original_name)


class Message(models.Model):
    """What somebody said, to everybody in the room or to chosen members only."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages")
    text = models.CharField(max_length=MESSAGE_LENGTH, blank=True)
    upload = models.ForeignKey(Upload, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")
    sent_at = models.DateTimeField(auto_now_add=True)
    private = models.BooleanField(default=False)
    recipients = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="private_messages")
    likes = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="liked_messages")

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("room", "-id"), name="message_history"),)

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"


class Presence(models.Model):
    """One open socket of a user in a room; several processes see the same table."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presences")
    channel_name = models.CharField(max_length=100, unique=True)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.user} in {self.room}"
