"""Texts of a report in both languages: the receiver chooses, not the sender."""

from __future__ import annotations

from collections.abc import Callable

from inspector.i18n import speaking

__all__ = ["LANGUAGES", "Text", "both", "say"]

LANGUAGES = ("en", "ko")

Text = str | dict[str, str]
"""A text for people: a string that is the same in every language, or ``{"en": …, "ko": …}``."""


def both(make: Callable[[], str]) -> Text:
    """What ``make`` says in each language; it has to ask gettext anew each time it is called."""
    texts = {}
    for language in LANGUAGES:
        with speaking(language):
            texts[language] = make()
    return texts["en"] if len(set(texts.values())) == 1 else texts


def say(text: Text, language: str) -> str:
    """The text in one language."""
    return text if isinstance(text, str) else text[language]
