"""The report as one HTML file that needs nothing else: a pure function of the JSON.

What is written by templates is complete without JavaScript; the scripts only add to it. All captured text is escaped and
cleaned on its way into the page, and the page's own policy forbids everything that was not written here.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from inspector.i18n import _ as translated
from inspector.report.both import LANGUAGES, Text, both, say
from inspector.report.clean import clean
from inspector.report.data_blocks import blocks_of
from inspector.report.duration import duration_text, moment_text
from inspector.report.shapes import JourneyShape, LadderShape, hex_rows, waterfall_shape
from inspector.report.summary import numbered_text

__all__ = ["render_html"]

_FOLDER = Path(__file__).parent
_STATIC = _FOLDER / "static"
_MESSAGE = re.compile(r'\b_\("((?:[^"\\]|\\.)*)"')
"""A text for people in a script."""

# Any: JSON.
Json = dict[str, Any]


def render_html(report: Json, language: str | None = None) -> str:
    """Render a report as one HTML page.

    Args:
        report: As ``build_report`` made it, perhaps read again from a file.
        language: Which language is shown first; that of the report by default. The page holds both.
    """
    language = language or report["language"]
    scripts = _scripts()
    styles = _styles()
    core, blocks = blocks_of(report)
    page = _environment(language).get_template("report/page.html")
    return page.render(
        report=report,
        language=language,
        policy=_policy(scripts, styles),
        styles=[Markup(text) for text in styles],
        scripts=[Markup(text) for text in scripts],
        core=core,
        blocks=blocks,
        words=_words(tuple(scripts)),
    )


def _policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """The content security policy: only these scripts and styles, nothing from anywhere, no text becomes markup."""
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hashes(texts: Iterable[str]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


@cache
def _scripts() -> list[str]:
    """The library and our scripts, in their order."""
    paths = [_STATIC / "vendor" / "uplot" / "uPlot.iife.min.js", *sorted((_STATIC / "report").glob("*.js"))]
    return [path.read_text("utf-8") for path in paths]


@cache
def _styles() -> list[str]:
    paths = [_STATIC / "vendor" / "uplot" / "uPlot.min.css", *sorted((_STATIC / "report").glob("*.css"))]
    return [path.read_text("utf-8") for path in paths]


def _words(scripts: tuple[str, ...]) -> dict[str, str]:
    """The Korean of every text in the scripts that has one."""
    found = {}
    for script in scripts[1:]:
        for message in _MESSAGE.findall(script):
            message = message.replace('\\"', '"')
            text = both(lambda message=message: translated(message))  # type: ignore[misc]  # bound now
            if isinstance(text, dict):
                found[message] = text["ko"]
    return found


# --- what templates may call -------------------------------------------------------------------------------------------


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def attribute(name: str, message: str, **values: Any) -> Markup:  # Any: numbers and texts
        return _attribute(language, name, message, values)

    environment.globals.update(
        _=_message,
        N_=lambda message: both(lambda: translated(message)),
        attribute=attribute,
        JourneyShape=JourneyShape,
        LadderShape=LadderShape,
        waterfall_shape=waterfall_shape,
        hex_rows=hex_rows,
    )
    environment.filters.update(
        numbered=lambda source: _say(both(lambda: numbered_text(source["packets"], source["last_number"]))),
        say=_say,
        said=lambda text: say(text, language),
        duration=duration_text,
        after=_after,
        number=_number,
        size=_size,
        tspan=_tspans,
        short=_short,
        when=_when,
    )
    return environment


# Any: whatever an expression of a template gives.
def _cleaned(value: Any) -> Any:
    """Every text that is written into the page: control and direction characters become visible tokens."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _message(message: str, /, **values: Any) -> Markup:  # Any: numbers and texts
    """A text of our own in both languages."""
    return _say(both(lambda: translated(message)), **values)


def _say(text: Text, /, tag: str = "span", **values: Any) -> Markup:
    """A text in both languages, of which the style sheet shows one."""
    if isinstance(text, str):
        return _filled(text, values)
    parts = [
        Markup('<{tag} class="l" lang="{language}">{text}</{tag}>').format(
            tag=tag, language=language, text=_filled(text[language], values)
        )
        for language in LANGUAGES
    ]
    return Markup("").join(parts)


def _tspans(text: Text) -> Markup:
    """As ``say``, inside of a drawing."""
    return _say(text, tag="tspan")


def _short(text: Text, most: int) -> Text:
    """A text as wide as so many small letters at most; nothing where hardly any fit."""
    if most < 6:
        return ""
    cut = {each: _narrowed(say(text, each), most) for each in LANGUAGES}
    return cut["en"] if cut["en"] == cut["ko"] else cut


def _narrowed(text: str, most: int) -> str:
    width = 0.0
    for place, character in enumerate(text):
        width += 1.7 if character > "\u1100" else 1.3 if character.isupper() or character in _WIDE else 1
        if width > most:
            return text[: max(place - 1, 0)] + "…"
    return text


def _filled(text: str, values: dict[str, Any]) -> Markup:
    template = escape(clean(text))
    return template.format(**{name: _cleaned(value) for name, value in values.items()}) if values else template


def _attribute(language: str, name: str, message: str, values: dict[str, Any]) -> Markup:
    """An attribute in the page's first language, with both beside it for the switch."""
    text = both(lambda: translated(message))
    rendered = {each: clean(say(text, each).format(**values)) for each in LANGUAGES}
    parts = [Markup('{name}="{text}"').format(name=name, text=rendered[language])]
    if rendered["en"] != rendered["ko"]:
        parts += [Markup('data-{each}-{name}="{text}"').format(each=e, name=name, text=rendered[e]) for e in LANGUAGES]
    return Markup(" ").join(parts)


def _after(nanoseconds: int | None) -> str:
    """Seconds after the first packet."""
    return "?" if nanoseconds is None else f"{nanoseconds / 1e9:.6f} s"


def _number(value: int) -> str:
    return f"{value:,}"


_WIDE = frozenset("0123456789%@+=<>~")
"""As wide as capitals."""
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def _size(count: int) -> str:
    """Bytes as people say them."""
    value = float(count)
    for unit in _UNITS:
        if value < 1024 or unit == _UNITS[-1]:
            return f"{value:,.0f} {unit}" if unit == "B" or value >= 100 else f"{value:,.1f} {unit}"
        value /= 1024
    return str(count)


def _when(nanoseconds: int | None) -> str:
    """A time of day in UTC."""
    if nanoseconds is None:
        return "?"
    return moment_text(nanoseconds)
