"""Texts for people, through gettext. English msgids, Korean catalogue."""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "LANGUAGES",
    "LOCALE",
    "N_",
    "_",
    "chosen_language",
    "ngettext",
    "reason_of",
    "speaking",
    "translator",
    "use_language",
]

LANGUAGES = ("en", "ko")

_DOMAIN = "inspector"
LOCALE = Path(__file__).parent / "locale"
_translations: gettext.NullTranslations = gettext.NullTranslations()


def use_language(language: str | None) -> None:
    """Choose the language of texts: ``"ko"``, ``"en"``, or None for the user's locale."""
    global _translations
    _translations = _translations_of(language)


def chosen_language() -> str:
    """The language of texts at this moment: one of ``LANGUAGES``."""
    language = _translations.info().get("language", "en")
    return language if language in LANGUAGES else "en"


def translator(language: str) -> Callable[[str], str]:
    """The translation into one language, whatever the chosen one is: a report carries both."""
    translations = _translations_of(language)
    return lambda message: translations.gettext(message) if message else ""


def _translations_of(language: str | None) -> gettext.NullTranslations:
    languages = [language] if language else None
    return gettext.translation(_DOMAIN, LOCALE, languages=languages, fallback=True)


def _(message: str) -> str:
    """The message in the chosen language."""
    return _translations.gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """The message for this count in the chosen language."""
    return _translations.ngettext(singular, plural, count)


def N_(message: str) -> str:
    """Mark a text for the catalogue now; it is translated with ``_`` when shown."""
    return message


def reason_of(error: OSError) -> str:
    """What the system says went wrong, translated where it is one of the usual things."""
    return _(error.strerror) if error.strerror else str(error)


_REASONS = (
    N_("No such file or directory"), N_("Permission denied"), N_("Is a directory"), N_("Not a directory"), N_("File exists"),
    N_("No space left on device"), N_("Read-only file system"), N_("File name too long"),
)  # fmt: skip


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within this block texts are in one language; a report carries every text in both."""
    global _translations
    before = _translations
    use_language(language)
    try:
        yield
    finally:
        _translations = before
