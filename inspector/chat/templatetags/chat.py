"""Template tags of the chat."""

from __future__ import annotations

from django import template
from django.conf import settings

from inspector.chat.demo import ADMINISTRATOR, NAMES

__all__ = ["demo_names"]

register = template.Library()


@register.simple_tag
def demo_names() -> tuple[str, ...]:
    """The demo users to offer; none unless the server runs as a demo."""
    return (*NAMES, ADMINISTRATOR) if settings.DEMO else ()
