"""The manual's examples run and print what the manual says, and its generated pages are up to date."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

from inspector.rules import RULES
from inspector.rules.needs import Need
from tests.manual import DOCS, Command, commands, differences, lines_to_type, run, unknown
from tools.command_pages import PAGE
from tools.site_hooks import from_readme

_ROOT = DOCS.parent
_PAGES = [
    page for page in (_ROOT / "README.md", *sorted((_ROOT / "docs").glob("*.md"))) if ">>> " in page.read_text("utf-8")
]


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_examples(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_ROOT)

    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")

    assert tried > 0
    assert failed == 0


@pytest.mark.parametrize(
    "name", ["../README", "developer", "student", "support", "ko/developer", "ko/student", "ko/support"]
)
def test_paths_print_what_they_say(name: str, tmp_path: Path) -> None:
    # What concerns the demonstration is in tests/cli/test_demo.py, which runs it once for all.
    mine = [command for command in commands(DOCS / f"{name}.md") if not command.of_demo]
    assert len(mine) >= 3
    language = "ko" if name.startswith("ko/") else "en"

    assert [text for command in mine if (text := differences(command, run(command, tmp_path, language)))] == []


def test_a_difference_between_manual_and_output_is_found() -> None:
    shown = Command("x", ("a", "…", "d … f"))

    assert differences(shown, "a\nb\nc\nd e f\n") is None
    assert differences(shown, "a\nd  f\n") is None
    assert differences(shown, "a\nb\nd e f\ng\n") is not None
    assert differences(shown, "b\nd e f\n") is not None
    assert differences(Command("x", ()), "a\n") is not None


def test_commands_and_options_that_the_manual_names_exist() -> None:
    pages = (_ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("ko/*.md")))
    typed = [(page.name, line) for page in pages for line in lines_to_type(page)]
    assert len(typed) > 100

    assert [(name, line, text) for name, line in typed if (text := unknown(line))] == []


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("inspector http x --nope 3", "--nope"),
        ("inspector report render x.json --zap", "--zap"),
        ("inspector nosuch x", "nosuch"),
        ("inspector lab run no-handler -o x  # as it is", None),
    ],
)
def test_a_command_or_option_that_does_not_exist_is_found(line: str, missing: str | None) -> None:
    found = unknown(line)

    assert (missing is None and found is None) or (missing is not None and missing in str(found))


def test_commands_are_up_to_date() -> None:
    # In a process of its own: click keeps a command's help option as it was first used, and other tests use commands
    # without their group.
    program = "import sys; from tools.command_pages import page; sys.stdout.buffer.write(page().encode())"
    done = subprocess.run([sys.executable, "-c", program], cwd=_ROOT, capture_output=True, check=True, timeout=60)

    assert PAGE.read_text("utf-8") == done.stdout.decode(), "run: python -m tools.command_pages"


@pytest.mark.parametrize(
    ("need", "label"),
    [
        (Need.CAPTURED, "`captured` packets"),
        (Need.AS_SENT, "bytes as they were sent (`captured` or `tapped`)"),
        (Need.TRACE, "the server's `trace`"),
    ],
)
def test_sources_names_the_rules_that_need_more(need: Need, label: str) -> None:
    wanted = ", ".join(sorted((rule.id for rule in RULES if need in rule.needs), key=lambda id: (id[0], int(id[1:]))))

    assert f"| {label} | {wanted} |" in (DOCS / "sources.md").read_text("utf-8")


def test_first_page_shows_the_questions_of_the_readme() -> None:
    assert "<!-- README: What it answers -->" in (DOCS / "index.md").read_text("utf-8")
    assert "| What is in this file? | `inspector summary traffic.pcap` |" in from_readme("What it answers")
