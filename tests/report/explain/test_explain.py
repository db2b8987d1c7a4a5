"""Whatever a command of Inspector names can be explained, and what the explanations name exists."""

from __future__ import annotations

import ast
import re
import subprocess
from enum import Enum
from http import HTTPStatus
from pathlib import Path

import pytest

from inspector.analysis.fields import FILTER_FIELDS
from inspector.i18n import LANGUAGES, speaking
from inspector.model.ending import Ending
from inspector.model.finding import Confidence, Outcome, Severity, Side
from inspector.model.grade import Grade
from inspector.model.http2 import ERROR_CODES
from inspector.model.tls import ALERTS, Decryption
from inspector.model.websocket import CLOSE_CODES, FAULTS
from inspector.proto import HEADERS
from inspector.report.explain import Explanation, Kind, all_explanations, close_terms, explain
from inspector.report.explain.fields import header_fields
from inspector.report.explain.text import explanation_as_json, explanation_brief, explanation_lines
from inspector.rules import RULES
from tests.packets import pcap
from tests.tshark import require_tshark

_SOURCE = Path(__file__).resolve().parents[3] / "inspector"
_CODE = re.compile(r"(ws|http|h2|content|tls|dns)\.[a-z][a-z0-9_]+|[a-z0-9]+\.(option|extension)_length")


def _kinds(term: str) -> set[Kind]:
    return {one.kind for one in explain(term)}


def _text(one: Explanation) -> str:
    return "\n".join(line.plain for line in explanation_lines(one, 100))


def _anomaly_codes() -> set[str]:
    """Codes that stand as strings in the decoders, whoever emits them."""
    found = {code for code, _ref in FAULTS.values()}
    for folder in ("wire", "recording", "proto"):
        for path in (_SOURCE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
                    found.add(node.value)
    return found | {"ws.connection_header", "ws.upgrade_header"}


def _rule_source(id_: str) -> str:
    letter, number = id_[0].lower(), int(id_[1:])
    (path,) = {
        path for name in (f"{number}", f"{number:02}") for path in (_SOURCE / "rules").rglob(f"{letter}{name}_*.py")
    }
    return path.read_text("utf-8")


# --- everything resolves -----------------------------------------------------------------------------------------------


def test_every_rule_is_explained() -> None:
    for rule in RULES:
        assert [one.title for one in explain(rule.id) if one.kind is Kind.RULE] == [rule.title_fail], rule.id


def test_rules_answer_to_their_id_without_a_leading_zero() -> None:
    assert explain("f1")[0].term == "F01"
    assert explain("F10")[0].term == "F10"


def test_every_close_code_is_explained() -> None:
    for code in (*CLOSE_CODES, 1004, 3000, 4999):
        assert Kind.CLOSE_CODE in _kinds(str(code)), code


def test_every_declared_field_is_explained_by_its_wireshark_name_and_by_its_own() -> None:
    for header in HEADERS:
        assert Kind.HEADER in _kinds(header.name)
        for item, _start in header_fields(header):
            for name in (item.filter, f"{header.name}.{item.name}"):
                if name is not None:
                    assert any(item in one.fields for one in explain(name)), name


def test_every_field_that_can_be_printed_is_explained() -> None:
    assert [name for name in FILTER_FIELDS if not explain(name)] == []


def test_every_anomaly_code_is_explained_and_no_other() -> None:
    codes = _anomaly_codes()
    assert len(codes) > 90
    assert {one.term for one in all_explanations() if one.kind is Kind.ANOMALY} == codes


def test_statuses_alerts_and_errors_are_explained() -> None:
    assert all(Kind.STATUS in _kinds(str(status.value)) for status in HTTPStatus)
    assert all(Kind.ALERT in _kinds(name) and Kind.ALERT in _kinds(str(number)) for number, name in ALERTS.items())
    assert all(Kind.H2_ERROR in _kinds(name) for name in ERROR_CODES.values())


@pytest.mark.parametrize("words", [Grade, Outcome, Severity, Side, Confidence, Ending, Decryption])
def test_every_word_of_the_reports_is_explained(words: type[Enum]) -> None:
    assert [word.name for word in words if Kind.WORD not in _kinds(word.name.lower())] == []


def test_what_to_read_next_can_be_read() -> None:
    assert [(one.term, other) for one in all_explanations() for other in one.also if not explain(other)] == []


# --- what they say -----------------------------------------------------------------------------------------------------


def test_codes_that_never_travel_say_so() -> None:
    """RFC 6455 section 7.4.1: 1004, 1005, 1006 and 1015 MUST NOT be set in a Close frame."""
    silent = {
        one.term for one in all_explanations() if one.kind is Kind.CLOSE_CODE and "no Close frame" in str(one.where)
    }
    assert silent == {"1004", "1005", "1006", "1015"}


def test_all_meanings_of_a_number_are_told() -> None:
    assert _kinds("443") == {Kind.PORT}
    assert {"HTTPS (TLS) (TCP)", "QUIC (UDP)"} == {one.title for one in explain("443")}
    assert {Kind.ALERT, Kind.PORT} <= _kinds("80")
    assert [one.kind for one in explain("handshake")[:3]] == [Kind.IDEA] * 3


def test_a_value_is_found_in_the_fields_that_may_hold_it() -> None:
    ipv4 = next(one for one in explain("0x0800") if one.kind is Kind.VALUE)
    assert ipv4.title == "IPv4" and "eth.type == 0x800" in ipv4.filter
    assert any(one.title == "TCP" for one in explain("ip.proto=6"))


def test_where_a_field_lies_is_what_the_standard_draws() -> None:
    """RFC 9293 figure 1: SYN is bit 14 of the fourth word; RFC 6455 section 5.2: MASK is the ninth bit."""
    assert "bit 6 of byte 13" in _text(explain("tcp.flags.syn")[0])
    assert "bit 0 of byte 1" in _text(explain("ws.mask")[0])


def test_the_diagram_marks_the_field() -> None:
    line = next(line for line in _text(explain("tcp.flags.syn")[0]).splitlines() if "^" in line)
    assert line.index("^") == 8 + 2 * 14


def test_a_field_behind_the_fixed_part_is_drawn_in_an_example() -> None:
    assert "Masking key" in _text(explain("websocket.masking_key")[0])
    assert "^" in _text(explain("tcp.options.wscale.shift")[0])


def test_an_anomaly_leads_to_the_rule_that_judges_it() -> None:
    """The rule's own source names the anomaly, by code, by fault, or by the beginning of its code."""
    faults = {code: fault.name or "" for fault, (code, _ref) in FAULTS.items()}
    judged = [one for one in all_explanations() if one.kind is Kind.ANOMALY and one.also]
    assert len(judged) > 30
    for one in judged:
        signs = (f'"{one.term}"', f"Fault.{faults.get(one.term, '?')}", f'"{one.term.partition("_")[0]}_"')
        for id_ in one.also:
            source = _rule_source(id_)
            assert any(sign in source for sign in signs), (one.term, id_)


def test_a_field_leads_to_the_idea_behind_it() -> None:
    assert explain("websocket.mask")[0].also == ("masking",)
    assert "TCP handshake" in explain("SYN")[0].also


def test_names_are_found_in_any_case_and_spelling() -> None:
    assert explain("WINDOW_SCALING") == explain("window scaling") == explain("Window-Scaling") != []


def test_an_unknown_term_is_not_explained_but_guessed() -> None:
    assert explain("tcp.flgs") == []
    assert "tcp.flags" in close_terms("tcp.flgs")
    assert "window scaling" in close_terms("window scalng")
    assert close_terms("☃☃☃☃☃☃") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_can_be_shown_in_every_language(language: str) -> None:
    with speaking(language):
        for one in all_explanations():
            shown = explanation_as_json(one)
            assert shown["what"] and shown["term"] and shown["title"], one.term
            assert not re.search(r"{\w+}", _text(one)), one.term
            assert explanation_brief(one)


def test_only_our_own_words_and_ideas_outside_the_standards_name_no_section() -> None:
    bare = {(one.kind, one.term) for one in all_explanations() if not one.refs and one.term not in FILTER_FIELDS}
    assert {kind for kind, _term in bare} <= {Kind.WORD, Kind.RULE, Kind.IDEA}
    assert {term for kind, term in bare if kind is Kind.IDEA} == {
        "ASGI", "channel layer", "group_send", "N+1", "journey",
    }  # fmt: skip


def test_wireshark_accepts_every_filter(tmp_path: Path) -> None:
    require_tshark()
    empty = tmp_path / "empty.pcap"
    empty.write_bytes(pcap([]))
    every = sorted({one.filter for one in all_explanations() if one.filter})
    for start in range(0, len(every), 100):
        text = " || ".join(f"({one})" for one in every[start : start + 100])
        done = subprocess.run(["tshark", "-n", "-r", empty, "-Y", text], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
