"""Texts for people, through gettext. English msgids, Korean catalogue."""

from __future__ import annotations

import gettext
from pathlib import Path

__all__ = ["N_", "_", "ngettext", "use_language"]

_DOMAIN = "inspector"
_LOCALE = Path(__file__).parent / "locale"
_translations: gettext.NullTranslations = gettext.NullTranslations()


def use_language(language: str | None) -> None:
    """Choose the language of texts: ``"ko"``, ``"en"``, or None for the user's locale."""
    global _translations
    languages = [language] if language else None
    _translations = gettext.translation(_DOMAIN, _LOCALE, languages=languages, fallback=True)


def _(message: str) -> str:
    """The message in the chosen language."""
    return _translations.gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """The message for this count in the chosen language."""
    return _translations.ngettext(singular, plural, count)


def N_(message: str) -> str:
    """Mark a text for the catalogue now; it is translated with ``_`` when shown."""
    return message
