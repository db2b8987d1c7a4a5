"""Writes docs/rules: one page per rule and a list of them, out of the rules themselves.

python -m tools.rule_pages
"""

from __future__ import annotations

from pathlib import Path

from inspector.i18n import speaking
from inspector.report.rules import rule_page
from inspector.rules import RULES, Rule

__all__ = ["FOLDER", "pages"]

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "rules"

_GROUPS = (
    ("T", "The capture itself"),
    ("N", "Network"),
    ("C", "Client"),
    ("S", "Server"),
    ("R", "Resets"),
    ("D", "Names"),
    ("L", "TLS"),
    ("H", "HTTP"),
    ("P", "Proxies"),
    ("W", "WebSocket"),
    ("X", "Security"),
    ("F", "Channels, Daphne and nginx"),
)


def pages() -> dict[str, str]:
    """Text of each page by file name, in English."""
    with speaking("en"):
        found = {f"{rule.id}.md": rule_page(rule) + "\n" for rule in RULES}
        found["README.md"] = _list()
    return found


def _list() -> str:
    lines = [
        "# The rules of the diagnosis",
        "",
        "Written by `python -m tools.rule_pages` out of the rules. `inspector rules ID` shows the same page.",
    ]
    known = {letter for letter, _ in _GROUPS}
    others = sorted({_letters(rule) for rule in RULES} - known)
    for letter, title in (*_GROUPS, *((letter, letter) for letter in others)):
        mine = [rule for rule in RULES if _letters(rule) == letter]
        if mine:
            lines += ["", f"## {title}", ""]
            lines += [f"- [{rule.id}]({rule.id}.md): {rule.title_fail}" for rule in mine]
    return "\n".join(lines) + "\n"


def _letters(rule: Rule) -> str:
    return rule.id.rstrip("0123456789")


def main() -> None:
    """Write the pages, and remove those of rules that are gone."""
    FOLDER.mkdir(exist_ok=True)
    wanted = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
