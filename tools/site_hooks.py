"""What mkdocs does to a page of the manual before it renders it: the first page shows the README's sections."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

__all__ = ["from_readme", "on_page_markdown"]

_README = Path(__file__).resolve().parents[1] / "README.md"


def on_page_markdown(markdown: str, **_: Any) -> str:  # Any: mkdocs hands over page, configuration and files
    """Replace each ``<!-- README: TITLE -->`` by that section of the README."""
    return re.sub(r"<!-- README: (.+?) -->", lambda match: from_readme(match[1]), markdown)


def from_readme(title: str) -> str:
    """A section of the README with its heading; links lead where they lead from the folder of the manual."""
    text = _README.read_text("utf-8")
    start = text.index(f"## {title}\n")
    end = text.find("\n## ", start)
    section = text[start : end if end > 0 else None]
    return section.replace("](docs/", "](")
