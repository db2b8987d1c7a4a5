"""Running the rules: order, folding, isolation, caps; and what the registry promises."""

from __future__ import annotations

import dataclasses
import importlib
import json
import pkgutil
from collections.abc import Iterable
from pathlib import Path

import inspector
import inspector.rules
from inspector.analysis.facts import Facts
from inspector.i18n import speaking
from inspector.model.finding import Evidence, Finding, Outcome, Severity, Text
from inspector.report.diagnosis import diagnosis_json
from inspector.rules import RULES, Rule, diagnose
from inspector.rules.needs import Need
from inspector.rules.registry import rule_by_id
from inspector.rules.run import MOST_EVIDENCE, MOST_FINDINGS, run
from tests.packets import ACK, RST, SYN
from tests.rules.film import Film


def _facts(path: Path, connections: int = 1) -> Facts:
    film = Film()
    for number in range(connections):
        tcp = film.tcp()
        tcp.packet(number * 0.1, True, SYN, ack=0)
        tcp.packet(number * 0.1 + 0.01, False, RST | ACK, seq=0, ack=1001)
    return Facts(inspector.open(film.write(path)))


def _rule(id_: str, found: Iterable[Finding] | None = None, **fields: object) -> Rule:
    base = rule_by_id("N2")
    assert base is not None
    made = list(found or ())
    return dataclasses.replace(base, id=id_, judge=lambda facts: made, **fields)  # type: ignore[arg-type]


def _finding(rule: str, *connections: int, **fields: object) -> Finding:
    start = Finding(rule=rule, outcome=Outcome.FAIL, severity=Severity.ERROR, title=Text(rule), connections=connections)
    return dataclasses.replace(start, **fields)  # type: ignore[arg-type]


def test_a_rule_that_breaks_down_is_told_and_stops_nobody(tmp_path: Path) -> None:
    def broken(facts: Facts) -> Iterable[Finding]:
        raise ZeroDivisionError("no")

    facts = _facts(tmp_path / "a.pcap")
    outcome = run(facts, [dataclasses.replace(_rule("A"), judge=broken), _rule("B", [_finding("B", 0)])])
    assert [(result.outcome, str(result.why)) for result in outcome.results] == [
        (Outcome.ERROR, "ZeroDivisionError: no"),
        (Outcome.FAIL, ""),
    ]
    assert [finding.rule for finding in outcome.findings] == ["B"]


def test_consequences_are_folded_under_their_cause_through_others(tmp_path: Path) -> None:
    rules = [
        _rule("A", [_finding("A", 0, 1)], explains=("B",)),
        _rule("B", [_finding("B", 0), _finding("B", 2), _finding("B", 1, 2)], explains=("C",)),
        _rule("C", [_finding("C", 0), _finding("C", 1), _finding("C", 2)]),
    ]
    outcome = run(_facts(tmp_path / "a.pcap", 3), rules)
    shape = [(f.rule, f.connections, [(i.rule, i.connections) for i in f.consequences]) for f in outcome.findings]
    assert shape == [
        ("A", (0, 1), [("B", (0,)), ("C", (0,))]),
        ("B", (1, 2), [("C", (1,))]),  # A explains one of its connections only
        ("B", (2,), [("C", (2,))]),
    ]


def test_the_surest_of_several_causes_takes_the_consequence(tmp_path: Path) -> None:
    rules = [
        _rule("A", [_finding("A", 0, outcome=Outcome.UNDECIDABLE)], explains=("C",)),
        _rule("B", [_finding("B", 0)], explains=("C",)),
        _rule("C", [_finding("C", 0)]),
    ]
    outcome = run(_facts(tmp_path / "a.pcap"), rules)
    assert [(f.rule, [i.rule for i in f.consequences]) for f in outcome.findings] == [("B", ["C"]), ("A", [])]


def test_rules_explain_each_other_without_circles() -> None:
    explains = {rule.id: rule.explains for rule in RULES}

    def reach(id_: str, path: tuple[str, ...]) -> None:
        assert id_ not in path, path
        for inner in explains[id_]:
            reach(inner, (*path, id_))

    for id_ in explains:
        reach(id_, ())


def test_evidence_and_findings_are_capped_and_the_rest_is_counted(tmp_path: Path) -> None:
    many = [_finding("A", 0, evidence=tuple(Evidence(n) for n in range(1, 50))) for _ in range(MOST_FINDINGS + 7)]
    outcome = run(_facts(tmp_path / "a.pcap"), [_rule("A", many)])
    assert len(outcome.findings) == MOST_FINDINGS
    assert [f.more for f in outcome.findings if f.more] == [7]
    assert all(len(f.evidence) == MOST_EVIDENCE for f in outcome.findings)
    assert outcome.results[0].findings == MOST_FINDINGS + 7


def test_the_worst_and_surest_come_first(tmp_path: Path) -> None:
    rules = [
        _rule("A", [_finding("A", 0, outcome=Outcome.WARN, severity=Severity.WARNING)]),
        _rule("B", [_finding("B", 0, time_ns=2), _finding("B", 0, time_ns=1), _finding("B")]),
    ]
    outcome = run(_facts(tmp_path / "a.pcap"), rules)
    assert [(f.rule, f.time_ns) for f in outcome.findings] == [("B", None), ("B", 1), ("B", 2), ("A", None)]


def test_a_note_is_told_and_changes_no_verdict(tmp_path: Path) -> None:
    film = Film()
    asked, sent = "Accept-Encoding: gzip\r\n", "Content-Type: text/html\r\n"
    film.tcp().open(0.0).get(0.1, headers=asked).answer(0.2, headers=sent, body=b"a" * 2000).fin(0.3, True)
    diagnosis = diagnose(Facts(inspector.open(film.write(tmp_path / "a.pcap"))))
    assert [(f.rule, f.severity) for f in diagnosis.findings] == [("H4", Severity.INFO)]
    assert diagnosis.verdict.because == ()
    assert str(diagnosis.verdict.sentence) == "Nothing wrong was found."


def test_a_rule_whose_needs_nothing_meets_does_not_apply(tmp_path: Path) -> None:
    rules = [
        _rule("A", [_finding("A", 0)], needs=(Need.WEBSOCKET,)),
        _rule("B", [_finding("B", 0)], needs=(Need.TRACE,)),
    ]
    outcome = run(_facts(tmp_path / "a.pcap"), rules)
    assert [(r.outcome, r.why.message) for r in outcome.results] == [
        (Outcome.NOT_APPLICABLE, "No WebSocket was seen."),
        (Outcome.NOT_APPLICABLE, "The server's trace is needed: give it with --trace."),
    ]
    assert not outcome.findings


def test_findings_on_connections_that_do_not_meet_the_needs_are_dropped(tmp_path: Path) -> None:
    film = Film()
    film.tcp().open(0.0)
    tcp = film.tcp()
    tcp.packet(1.0, True, SYN, ack=0)
    facts = Facts(inspector.open(film.write(tmp_path / "a.pcap")))
    rules = [_rule("A", [_finding("A", 0), _finding("A", 1)], needs=(Need.HANDSHAKE,))]
    assert [f.connections for f in run(facts, rules).findings] == [(0,)]


def test_the_registry_lists_every_rule_file_once() -> None:
    files = {
        f"{package.name}.{module.name}"
        for package in pkgutil.iter_modules(inspector.rules.__path__)
        if package.ispkg
        for module in pkgutil.iter_modules([str(Path(inspector.rules.__path__[0]) / package.name)])
        if module.name[0] != "_"
    }
    listed = set()
    for name in files:
        module = importlib.import_module(f"inspector.rules.{name}")
        assert module.RULE in RULES, name
        listed.add(module.RULE.id)
    assert listed == {rule.id for rule in RULES}
    assert len(listed) == len(RULES)


def test_every_rule_says_what_it_has_to_say() -> None:
    for rule in RULES:
        for text in (rule.title_fail, rule.title_pass, rule.why, rule.next_step, rule.refute):
            assert text, rule.id
        assert set(rule.explains) <= {other.id for other in RULES}, rule.id
        assert rule.title_fail[0].isupper() and rule.title_pass[0].isupper(), rule.id
        assert rule.refs or rule.thresholds or rule.id[0] in "TF", rule.id


def test_the_same_capture_gives_the_same_bytes(tmp_path: Path) -> None:
    texts = []
    for _ in range(2):
        facts = _facts(tmp_path / "a.pcap", 3)
        texts.append(json.dumps(diagnosis_json(facts.capture, diagnose(facts))))
    assert texts[0] == texts[1]


def test_words_in_what_a_check_of_the_capture_says_are_translated(tmp_path: Path) -> None:
    film = Film()
    film.tcp().open(0.0).get(0.1)
    film.order = lambda item: 0.0 if item is film.packets[-1] else 1.0
    [finding] = [
        f for f in diagnose(Facts(inspector.open(film.write(tmp_path / "back.pcap")))).findings if f.rule == "T7"
    ]
    with speaking("ko"):
        assert str(finding.fact).startswith("잘림: 아니요,")
