"""Help texts in the user's language."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from inspector.cli.localised import help_messages


def test_a_help_text_is_translated_by_paragraph_and_examples_stay() -> None:
    text = """Show one packet.

    Two lines
    of one paragraph.

    \b
    Examples:
      inspector packet traffic.pcap 8
    """
    assert list(help_messages(text)) == ["Show one packet.", "Two lines of one paragraph.", "Examples:"]


@pytest.mark.parametrize(
    ("arguments", "language", "expected"),
    [
        (["--lang", "ko", "--help"], "C", "사용법: "),
        (["--help"], "ko_KR.UTF-8", "사용법: "),
        (["--help"], "ko_KR.UTF-8", "네트워크 트래픽을 검사합니다"),
        (["--help"], "ko_KR.UTF-8", "버전을 보여 주고 끝냅니다"),
        (["--lang", "ko", "--help"], "C", "이 도움말을 보여 주고 끝냅니다"),
        (["--lang", "en", "--help"], "ko_KR.UTF-8", "Usage: "),
        (["--lang", "ko", "packet", "--help"], "C", "예:"),
        (["--lang", "ko", "packet"], "C", "인수"),
        (["--lang", "ko", "summary", "not-there.pcap"], "C", "그런 파일이나 폴더가 없습니다"),
    ],
)
def test_the_language_comes_from_the_option_or_the_locale(arguments: list[str], language: str, expected: str) -> None:
    environment = {**os.environ, "LC_ALL": language, "PYTHONUTF8": "1"}
    environment.pop("LANGUAGE", None)
    done = subprocess.run(
        [sys.executable, "-c", "from inspector.cli import main; main()", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert expected in done.stdout + done.stderr


def test_columns_align_under_korean_headings() -> None:
    sample = Path(__file__).parents[2] / "captures" / "samples" / "chat-aborted.pcap"
    done = subprocess.run(
        [sys.executable, "-c", "from inspector.cli import main; main()", "--lang", "ko", "summary", str(sample)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    block = done.stdout.split("TCP\n")[1].split("\n\n")[0].splitlines()
    assert len({cell_len(line) for line in block[:-4]}) == 1, block
