"""JSON of the REST API; version 2 nests what version 1 keeps flat."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from rest_framework import serializers

from inspector.chat.models import MESSAGE_LENGTH, Membership, Message, Room, Upload, clean_room_name

__all__ = [
    "MembershipSerializer",
    "MessageSerializerV1",
    "MessageSerializerV2",
    "RoomSerializer",
    "UploadSerializer",
    "UserSerializer",
]


class UserSerializer(serializers.ModelSerializer):
    """A user as others see it."""

    name = serializers.CharField(source="username", read_only=True)

    class Meta:
        model = get_user_model()
        fields = ("id", "name")


class MembershipSerializer(serializers.ModelSerializer):
    """A row of the through table."""

    user = UserSerializer(read_only=True)

    class Meta:
        model = Membership
        fields = ("user", "role", "joined_at")


class RoomSerializer(serializers.ModelSerializer):
    """A room; only its name can be written."""

    memberships = MembershipSerializer(many=True, read_only=True)
    # Declared here so that an existing name is answered by the view (enter it), not by a validator.
    name = serializers.CharField(max_length=200)

    class Meta:
        model = Room
        fields = ("id", "name", "created_at", "closed_at", "closed_reason", "memberships")
        read_only_fields = ("created_at", "closed_at", "closed_reason")

    def validate_name(self, value: str) -> str:
        """The name as stored."""
        try:
            return clean_room_name(value)
        except ValidationError as refused:
            raise serializers.ValidationError(refused.messages) from None


class _MessageSerializer(serializers.ModelSerializer):
    """What both versions accept: room, text, and the user numbers of a private message."""

    text = serializers.CharField(max_length=MESSAGE_LENGTH)
    to = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=50, required=False, write_only=True
    )


class MessageSerializerV1(_MessageSerializer):
    """Version 1: names and counts, flat."""

    author = serializers.CharField(source="author.username", read_only=True)
    likes = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ("id", "room", "author", "text", "sent_at", "private", "likes", "to")
        read_only_fields = ("sent_at", "private")

    def get_likes(self, message: Message) -> int:
        """How many like it; len() of the prefetched list, since count() would ask the database."""
        return len(message.likes.all())


class MessageSerializerV2(_MessageSerializer):
    """Version 2: users as objects, likes as a list, the upload described."""

    author = UserSerializer(read_only=True)
    likes = UserSerializer(many=True, read_only=True)
    recipients = UserSerializer(many=True, read_only=True)
    upload = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ("id", "room", "author", "text", "sent_at", "private", "recipients", "likes", "upload", "to")
        read_only_fields = ("sent_at", "private")

    def get_upload(self, message: Message) -> dict[str, Any] | None:
        """The file that came with it."""
        return None if message.upload is None else UploadSerializer(message.upload).data


class UploadSerializer(serializers.ModelSerializer):
    """A file for a room: multipart in, description out."""

    file = serializers.FileField(write_only=True)
    name = serializers.CharField(source="original_name", read_only=True)

    class Meta:
        model = Upload
        fields = ("id", "room", "file", "name", "size", "sha256", "created_at")
        read_only_fields = ("size", "sha256")

    def validate_file(self, file: Any) -> Any:
        """Refuse what is too large. Any: Django's uploaded file."""
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise serializers.ValidationError(f"A file has at most {settings.UPLOAD_MAX_BYTES} bytes.", "too_large")
        return file

    def create(self, validated_data: dict[str, Any]) -> Upload:
        """Store under a random name; remember the client's name as text and what the content is."""
        file = validated_data["file"]
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        # Django has already cut directories off; Windows separators stay on other systems.
        name = PurePosixPath(file.name.replace("\\", "/")).name[:200] or "file"
        return Upload.objects.create(**validated_data, original_name=name, size=file.size, sha256=digest.hexdigest())
