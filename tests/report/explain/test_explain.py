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
from inspector.analysis.resends import Verdict
from inspector.i18n import LANGUAGES, speaking
from inspector.model.dns import TYPES as DNS_TYPES
from inspector.model.ending import Ending
from inspector.model.finding import Confidence, Outcome, Severity, Side
from inspector.model.grade import Grade
from inspector.model.http2 import ERROR_CODES, FRAME_TYPES
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


@pytest.mark.parametrize("words", [Grade, Outcome, Severity, Side, Confidence, Ending, Decryption, Verdict])
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


def test_no_line_of_text_is_wider_than_the_window_in_either_language() -> None:
    for language in LANGUAGES:
        with speaking(language):
            for one in all_explanations():
                lines = list(explanation_lines(one, 80))
                # What has no space to break at stays whole: filters, addresses, the heading is left to the terminal.
                wide = [line.plain for line in lines[1:] if line.cell_len > 80 and len(line.plain.split()) > 2]
                assert [text for text in wide if "://" not in text] == [], one.term


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


def test_words_of_a_course_are_explained_in_both_languages() -> None:
    words = """
        port|flags|3-way handshake|handshake|MSS|window scale|sliding window|TTL|DF|MF|checksum|pseudo header|ARP|gratuitous ARP|ICMP|NDP
        DHCP|DORA|DNS|A record|AAAA|CNAME|MX|NXDOMAIN|SERVFAIL|resolver|EDNS|GET|POST|method|idempotent|status code|404 Not Found|HTTP 503
        Host|Content-Length|Transfer-Encoding|chunked|Connection|keep-alive|Cookie|Set-Cookie|SameSite|Authorization|Cache-Control|ETag
        opcode|text frame|close code 1001|mask|XOR|GUID|SSE|long polling|TLS|SSL|ClientHello|Server Hello|Certificate|Finished|SNI|ALPN
        cipher suite|forward secrecy|0-RTT|mTLS|SSLKEYLOGFILE|ChangeCipherSpec|HTTP/2|HPACK|SETTINGS|GOAWAY|RST_STREAM|:method|QUIC
        TIME_WAIT|CLOSE_WAIT|ESTABLISHED|SYN/ACK|[SYN, ACK]|slow start|cwnd|Nagle|dup ack|out of order|BDP|TFO|MPTCP|TSval|half-open
        tcp.analysis.retransmission|TCP Spurious Retransmission|TCP Previous segment not captured|dns.qry.name|http.request.method
        http.response.code|tls.handshake.type|http2.streamid|SSH|SMTP|802.1Q|PCP|QinQ|layer 3|transport layer|OSI model|encapsulation
        5-tuple|subnet mask|CIDR|NAT|router|firewall|127.0.0.1|fe80::|broadcast|MAC address|pcapng|snaplen|BPF|display filter|big endian
        패킷|세그먼트|프레임|데이터그램|핸드셰이크|핸드쉐이크|3방향 핸드셰이크
        3계층|3계층 전송 계층|전송 계층|캡슐화|체크섬|포트|플래그
        순서 번호|확인 응답|윈도우|흐름 제어|혼잡 제어|재전송|왕복 시간|연결|소켓|쿠키|상태 코드|메서드
        마스킹|마스킹 키|종료 코드|옵코드|인증서|암호화|라우터|서브넷
        생존 시간|단편화|웹소켓|퐁|헤더|페이로드|MAC 주소|IP 주소|처리량|이더넷
    """
    assert [word for line in words.split("\n") for word in line.strip().split("|") if word and not explain(word)] == []


def test_a_number_of_a_layer_means_two_of_them() -> None:
    """RFC 1122 counts four layers, OSI seven: the third is the transport layer or the network layer."""
    found = {one.term for one in explain("3계층")}
    assert found == {one.term for one in explain("layer 3")} == {"internet layer", "transport layer"}


def test_a_record_type_and_a_message_carry_the_numbers_of_the_registries() -> None:
    for number, name in DNS_TYPES.items():
        told = [one.filter for one in explain(name) if one.kind is Kind.DNS_TYPE]
        assert all(text.startswith(f"dns.qry.type == {number} ") for text in told), name
    assert len([one for one in all_explanations() if one.kind is Kind.DNS_TYPE]) > 10
    # RFC 9113 section 6 has types 0 to 9.
    for number, name in list(FRAME_TYPES.items())[:10]:
        (frame,) = (one for one in explain(name) if one.kind is Kind.H2_FRAME)
        assert frame.filter == f"http2.type == {number}"
    # RFC 8446 section 4.
    types = {
        "ClientHello": 1,
        "ServerHello": 2,
        "NewSessionTicket": 4,
        "EncryptedExtensions": 8,
        "Certificate": 11,
        "Finished": 20,
    }
    for message, type_ in types.items():
        assert [one.filter for one in explain(message) if one.kind is Kind.TLS_MESSAGE] == [
            f"tls.handshake.type == {type_}"
        ]


def test_a_misspelt_korean_word_is_guessed_by_its_letters() -> None:
    assert "TCP handshake" in close_terms("핸드쉐익")
    assert "packet" in close_terms("패캣")


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
        "ASGI", "channel layer", "group_send", "N+1", "journey", "SSE", "gRPC", "capture filter", "promiscuous mode", "JA3",
        "expert information",
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
