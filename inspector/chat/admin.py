"""The administration pages."""

from __future__ import annotations

from django.contrib import admin

from inspector.chat.models import Membership, Message, Room, Upload

__all__ = ["MessageAdmin", "RoomAdmin", "UploadAdmin"]


class _MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    readonly_fields = ("joined_at",)


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):
    """Rooms with their members."""

    list_display = ("name", "created_at", "closed_at", "closed_reason")
    search_fields = ("name",)
    inlines = (_MembershipInline,)


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """Messages; the list needs one query thanks to the JOIN."""

    list_display = ("sent_at", "room", "author", "text", "private")
    list_filter = ("room", "private")
    list_select_related = ("room", "author")
    search_fields = ("text",)
    raw_id_fields = ("author", "upload", "recipients", "likes")


@admin.register(Upload)
class UploadAdmin(admin.ModelAdmin):
    """Uploaded files; they come in through rooms, not here."""

    list_display = ("original_name", "room", "uploader", "size", "created_at")
    list_select_related = ("room", "uploader")
    readonly_fields = ("file", "size", "sha256")

    def has_add_permission(self, request: object) -> bool:
        """Not here: a file belongs to a room and a message."""
        return False
