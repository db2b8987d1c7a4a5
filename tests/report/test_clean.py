"""Captured text made safe."""

from __future__ import annotations

import shlex
import unicodedata

from inspector.report.clean import clean, clean_block, shell_word


def test_what_a_terminal_acts_on_becomes_a_token() -> None:
    assert clean("a\x1b[0m\u202e\u200bb\n") == "a<U+001B>[0m<U+202E><U+200B>b<U+000A>"


def test_readable_text_stays() -> None:
    assert clean("안녕 wörld 🎉") == "안녕 wörld 🎉"


def test_blocks_keep_newlines_and_tabs_only() -> None:
    assert clean_block("a\n\tb\r\x07") == "a\n\tb<U+000D><U+0007>"


def test_no_control_character_passes() -> None:
    everything = "".join(map(chr, range(0x3000)))
    assert not [c for c in clean(everything) if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]


def test_a_file_name_in_a_command_that_is_pasted_is_one_word_and_no_option() -> None:
    names = ["a b.pcap", "x; rm -rf ~.pcap", "$(id).pcap", "<script>.pcap", "it's.pcap", "-r.pcap", "plain.pcap", "-"]
    words = [shlex.split(shell_word(name)) for name in names]
    assert words == [[name] for name in [*names[:5], "./-r.pcap", "plain.pcap", "-"]]
    assert "\n" not in shell_word("new\nline.pcap")
