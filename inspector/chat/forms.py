"""Forms of the pages."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.utils.translation import gettext_lazy as _

from inspector.chat.models import ROOM_NAME_LENGTH, clean_room_name

__all__ = ["RoomForm", "SignUpForm"]


class RoomForm(forms.Form):
    """The name of a room to enter."""

    name = forms.CharField(label=_("Room"), max_length=ROOM_NAME_LENGTH)

    def clean_name(self) -> str:
        """The name as stored."""
        return clean_room_name(self.cleaned_data["name"])


class SignUpForm(UserCreationForm):
    """A new account."""
