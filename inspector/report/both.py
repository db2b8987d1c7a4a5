"""Texts of a report in both languages: the receiver chooses, not the sender."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector.i18n import speaking

__all__ = ["LANGUAGES", "Text", "both", "merged", "say"]

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


# Any: a JSON value.
def merged(make: Callable[[], Any]) -> Any:
    """As ``both``, of a JSON value: the texts in it that differ become ``{"en", "ko"}``."""
    values = []
    for language in LANGUAGES:
        with speaking(language):
            values.append(make())
    return _merged(values[0], values[1])


def _merged(english: Any, korean: Any) -> Any:
    if isinstance(english, dict):
        return {key: _merged(value, korean[key]) for key, value in english.items()}
    if isinstance(english, list):
        return [_merged(value, other) for value, other in zip(english, korean, strict=True)]
    if isinstance(english, str) and english != korean:
        return {"en": english, "ko": korean}
    return english


def say(text: Text, language: str) -> str:
    """The text in one language."""
    return text if isinstance(text, str) else text[language]
