"""The HTML report without a browser: complete without scripts, closed by its policy, whole in its data."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from inspector.errors import UsageError
from inspector.report.both import say
from inspector.report.data_blocks import report_of
from inspector.report.html import render_html
from inspector.report.sizing import fitted, fitted_json
from tests.report.samples import SAMPLES, chat_capture, report_of_file

FOLDER = Path(__file__).parents[2] / "inspector" / "report"


class _Reader(HTMLParser):
    """What a reader without scripts gets, and what a browser would act on."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self._inside = tag
        if tag == "script" and "type" not in found:
            self.scripts.append("")
            self._inside = "our script"
        if tag == "style":
            self.styles.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "our script":
            self.scripts[-1] += data
        elif self._inside == "style":
            self.styles[-1] += data
        elif self._inside != "script":
            self.text.append(data)


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return report_of_file(SAMPLES / "chat-aborted.pcap")


def test_the_policy_names_exactly_the_scripts_and_styles_of_the_page(report: dict[str, Any]) -> None:
    reader = _read(render_html(report))
    policy = next(
        attrs["content"] for tag, attrs in reader.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    )

    def hashes(texts: list[str]) -> str:
        return " ".join(
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts
        )

    assert policy == (
        f"default-src 'none'; script-src {hashes(reader.scripts)}; style-src {hashes(reader.styles)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def test_nothing_is_loaded_and_no_style_stands_in_an_attribute(report: dict[str, Any]) -> None:
    for tag, attrs in _read(render_html(report)).tags:
        assert "style" not in attrs and "src" not in attrs and not any(name.startswith("on") for name in attrs), tag
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")


def test_the_page_is_complete_without_scripts(report: dict[str, Any]) -> None:
    text = " ".join(" ".join(_read(render_html(report)).text).split())
    for words in (
        report["findings"][0]["rule"],
        *(say(report["findings"][0]["title"], language) for language in ("en", "ko")),
        report["findings"][0]["refs"][0]["text"],
        "198.51.100.1:80",
        "101 Switching Protocols",
        "server reset after 840 ms",
        "RST",
        "Captured near the middle",
    ):
        assert words in text, words


def test_the_data_are_whole(report: dict[str, Any]) -> None:
    assert report_of(render_html(report)) == json.loads(json.dumps(report))


def test_a_page_that_is_no_report_is_refused() -> None:
    with pytest.raises(UsageError, match="no report in this file"):
        report_of("<html></html>")


def test_no_template_turns_escaping_off() -> None:
    templates = list((FOLDER / "templates").rglob("*.html"))
    assert len(templates) > 10
    for path in templates:
        assert not re.search(r"\|\s*safe\b|autoescape|Markup", path.read_text("utf-8")), path.name


def test_no_script_of_ours_makes_markup_of_text() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|fetch\(|XMLHttp"
    )
    scripts = list((FOLDER / "static" / "report").glob("*.js"))
    assert len(scripts) > 5
    for path in scripts:
        assert not forbidden.search(path.read_text("utf-8")), path.name


def test_a_smaller_size_leaves_out_and_counts(tmp_path: Path) -> None:
    whole = report_of_file(chat_capture(tmp_path / "chat.pcap", messages=400))
    full = render_html(whole)
    small = fitted(whole, "en", len(full.encode()) - 1000).text
    assert len(small.encode()) < len(full.encode())
    assert len(report_of(small)["left_out"]) >= len(whole["left_out"])
    with pytest.raises(UsageError, match="--max-size"):
        fitted(whole, "en", 1000)


def test_json_stays_within_its_size_and_counts_what_that_cost(tmp_path: Path) -> None:
    whole = report_of_file(chat_capture(tmp_path / "chat.pcap", messages=400))
    spread = fitted_json(whole, 1 << 40, indent=1)
    assert json.loads(spread.text) == whole and spread.left_out == []
    compact = fitted_json(whole, len(spread.text.encode()) - 1, indent=1)
    assert json.loads(compact.text) == whole, "lines are joined before anything is left out"
    most = len(compact.text.encode()) - 2000
    small = fitted_json(whole, most, indent=1)
    assert len(small.text.encode()) <= most
    read = json.loads(small.text)
    assert [row for row in read["left_out"] if row not in whole["left_out"]] == small.left_out != []
    with pytest.raises(UsageError, match="--max-size"):
        fitted_json(whole, 1000)
