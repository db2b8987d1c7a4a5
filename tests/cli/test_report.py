"""``inspector report``."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from inspector.cli import cli
from tests.report.samples import SAMPLES, chat_capture

CHAT = str(SAMPLES / "chat-aborted.pcap")
REFUSED = str(SAMPLES / "refused.pcap")


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["report", *arguments])


def test_text_tells_the_verdict_and_the_worst_finding_is_the_exit_code() -> None:
    result = _run(REFUSED)
    assert result.exit_code == 2
    assert result.output.splitlines()[0].startswith("refused.pcap  2 packets")
    assert "N2   The connection was refused  #0" in result.output
    assert _run(str(SAMPLES / "korean-http.pcap")).exit_code in (0, 1)


def test_every_form_is_chosen_by_the_name(tmp_path: Path) -> None:
    for suffix, start in ((".html", b"<!doctype html>"), (".json", b"{"), (".md", b"**"), (".pcapng", b"\n\r\r\n")):
        path = tmp_path / f"report{suffix}"
        result = _run(CHAT, "-o", str(path))
        assert result.exit_code == 0, result.output
        assert path.read_bytes().startswith(start)
    assert _run(CHAT, "-o", str(tmp_path / "report.doc")).exit_code == 2


def test_extract_and_render_give_the_same_report_again(tmp_path: Path) -> None:
    page, data, again = tmp_path / "a.html", tmp_path / "a.json", tmp_path / "b.html"
    assert _run(REFUSED, "-o", str(page), "--lang", "en").exit_code == 0
    assert _run("extract", str(page), "-o", str(data)).exit_code == 0
    assert json.loads(data.read_text("utf-8"))["schema"] == "report/1"
    assert _run("render", str(data), "-o", str(again)).exit_code == 0
    assert again.read_bytes() == page.read_bytes()
    korean = _run("render", str(page), "--lang", "ko")
    assert "연결이 거부되었습니다" in korean.output


@pytest.mark.parametrize(
    "content", ['{"schema": "report/1"}', '{"schema": "report/99"}', "<p>no report</p>", "{broken"]
)
def test_what_is_no_report_is_one_clear_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    result = _run("render", str(path))
    assert result.exit_code != 0
    assert len(str(result.exception).splitlines()) == 1


def test_paths_of_this_machine_are_not_told(tmp_path: Path) -> None:
    path = tmp_path / "private-folder" / "chat.pcap"
    path.parent.mkdir()
    path.write_bytes(Path(CHAT).read_bytes())
    result = _run(str(path), "--json")
    assert "private-folder" not in result.output
    assert "chat.pcap" in result.output


def test_the_command_in_a_report_makes_the_same_report_again(tmp_path: Path) -> None:
    """What decides about its contents is in it: without the keys another report would come out."""
    capture, trace, output = tmp_path / "a b.pcapng", tmp_path / "trace.jsonl", tmp_path / "-r.json"
    capture.write_bytes((SAMPLES / "close-1011.pcapng").read_bytes())
    for path in (trace, tmp_path / "keys.log"):
        path.write_text("")
    options = ["--trace", "trace.jsonl", "--set", "ping_interval=4", "--lang", "ko", "--level", "learn"]
    options += ["--no-redact", "--max-size", "2"]
    given = ["--keys", str(tmp_path / "keys.log"), "--trace", str(trace), *options[2:], "-o", str(output)]
    assert _run(str(capture), *given).exit_code == 0
    words = shlex.split(json.loads(output.read_text("utf-8"))["command"])
    assert words[2:5] == ["a b.pcapng", "--keys", "keys.log"]
    assert words[5:] == [*options, "-o", "./-r.json"]


def test_commands_that_are_named_to_be_pasted_keep_a_name_in_one_word(tmp_path: Path) -> None:
    path = tmp_path / "x; touch pwned.pcapng"
    path.write_bytes((SAMPLES / "close-1011.pcapng").read_bytes())
    line = _run(str(path)).output.splitlines()[-1]
    assert line == "next: inspector report 'x; touch pwned.pcapng' -o report.html"
    told = CliRunner().invoke(cli, ["diagnose", str(path)]).output.splitlines()[-1]
    assert shlex.split(told.partition(": ")[2]) == ["inspector", "packet", str(path), "12"]


def test_what_a_size_leaves_out_of_the_json_is_said(tmp_path: Path) -> None:
    capture, path = chat_capture(tmp_path / "chat.pcap", messages=1800), tmp_path / "report.json"
    whole = _run(str(capture), "-o", str(path))
    assert "--max-size" not in whole.output
    assert path.stat().st_size > 1 << 19
    cut = _run(str(capture), "-o", str(path), "--max-size", "0.5")
    assert "0.5 MiB (--max-size)" in cut.output
    assert path.stat().st_size <= 1 << 19
    report = json.loads(path.read_text("utf-8"))
    assert {row["what"] for row in report["left_out"]} & {"message_text", "packet_bytes", "packet_rows"}
    printed = _run(str(capture), "--json", "--max-size", "0.5")
    assert len(printed.stdout.encode()) <= 1 << 19
