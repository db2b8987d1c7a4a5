"""Writes docs/samples.md from the list of samples: ``python -m tools.sample_pages``."""

from __future__ import annotations

from pathlib import Path

from captures.sample_list import SAMPLES, Sample

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).parents[1] / "docs" / "samples.md"

_HEAD = """# Samples: recordings to learn from

Each one ships with Inspector. `inspector samples` lists them, `inspector samples NAME` shows one as an exercise (`--answers`
with the answers, `inspector --lang ko samples NAME` in Korean), `inspector samples NAME -o .` copies it. The recorded ones are
made again by `python -m tools.record_samples` (needs the right to capture), the others, byte for byte, by
`python -m tools.samples`. This page is written by `python -m tools.sample_pages`.
"""


def page() -> str:
    """The page, in Markdown."""
    return "\n".join([_HEAD, *map(_section, SAMPLES)])


def _section(sample: Sample) -> str:
    file = f"captures/samples/{sample.path.name}"
    lines = [f"## {sample.name}", "", f"{sample.title}.", ""]
    lines += ["    " + command.format(file=file) for command in sample.commands]
    for question, answer in sample.questions:
        lines += ["", f"**{question}**", "", f"<details><summary>Answer</summary>{answer}</details>"]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
