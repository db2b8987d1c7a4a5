"""``inspector explain`` as a user runs it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from inspector.cli.explain import command
from inspector.errors import UsageError
from inspector.i18n import speaking


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), catch_exceptions=False)


def test_a_term_is_told_with_its_place_reason_section_and_filter() -> None:
    shown = _run("1006").output
    for part in (
        "abnormal closure",
        "no Close frame may carry it",
        "RFC 6455 §7.4.1",
        "Wireshark filter: tcp.flags.reset",
    ):
        assert part in shown


def test_several_terms_are_told_one_after_the_other() -> None:
    shown = _run("F13", "101").output
    assert shown.index("F13: ") < shown.index("101: Switching Protocols")


def test_several_words_are_one_term_where_it_is_called_so() -> None:
    assert _run("window", "scaling").output == _run("window scaling").output


def test_json_has_one_object_for_each_meaning() -> None:
    rows = [json.loads(line) for line in _run("--json", "443").output.splitlines()]
    assert [(row["kind"], row["term"]) for row in rows] == [("port", "443"), ("port", "443")]
    assert json.loads(_run("--json", "ws.mask").output)["wireshark_filter"] == "websocket.mask == 1"


def test_many_meanings_are_told_in_one_line_each() -> None:
    lines = _run("checksum").output.splitlines()
    assert "name one of them" in lines[0]
    assert any("tcp.checksum" in line for line in lines[1:])


def test_list_names_everything() -> None:
    terms = [line.split("\t")[0] for line in _run("--list").output.splitlines()]
    assert {"1006", "F13", "tcp.flags", "ws.accept_mismatch", "tapped", "N+1", "handshake_failure"} <= set(terms)


def test_unknown_terms_name_those_that_are_close() -> None:
    with pytest.raises(UsageError, match=r"close to it: .*tcp\.flags"):
        _run("tcp.flgs")
    with pytest.raises(UsageError, match="name what to explain"):
        _run()


def test_text_is_in_the_chosen_language() -> None:
    with speaking("ko"):
        shown = _run("tcp.flags").output
    assert "플래그" in shown
