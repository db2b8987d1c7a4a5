"""Removing conditions: all of them, one at a time, and what no case notices is told."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.rules.cases import CASES
from tools import rule_conditions
from tools.conditions import removals
from tools.rule_conditions import Module, check, modules

_SOURCE = """
MANY = [x for x in range(3) if x]

def found(rows, low):
    if rows is None or (not rows and low):
        return [], 0
    assert low < 5
    mask = (rows > 1) & ~low
    kind = "a" if mask else "b"
    kept = [row for row in rows if row]
    while low:
        low = low or ""
    return kept, 0 < low <= 9, kind == "a"
"""


def test_every_condition_in_a_function_is_removed_once() -> None:
    assert [(removal.line, removal.text) for removal in removals(_SOURCE, "a.py")] == [
        (5, "always rows is None or (not rows and low)"),
        (5, "never rows is None or (not rows and low)"),
        (5, "without rows is None"),
        (5, "without not rows and low"),
        (5, "without not rows"),
        (5, "without low"),
        (8, "without rows > 1"),
        (8, "without ~low"),
        (9, "always mask"),
        (9, "never mask"),
        (10, "always row"),
        (10, "never row"),
        (11, "always low"),
        (11, "never low"),
        (12, "without low"),
        (13, "without the lower end of 0 < low <= 9"),
        (13, "without the upper end of 0 < low <= 9"),
        (13, 'always kind == "a"'),
        (13, 'never kind == "a"'),
    ]


@pytest.mark.parametrize(
    ("expression", "text", "value", "result"),
    [
        ("3 < x", "always 3 < x", 1, True),
        ("3 < x", "never 3 < x", 5, False),
        ("3 < x < 9", "without the lower end of 3 < x < 9", 1, True),
        ("3 < x < 9", "without the upper end of 3 < x < 9", 9, True),
        ("x > 3 and x < 9", "without x > 3", 1, True),
        ("x > 3 or x < 1", "without x > 3", 5, False),
        ("(y := x) > 3 and y < 9", "without (y := x) > 3", 1, True),
        ("1 if x else 2", "always x", 0, 1),
        ("[n for n in (1, 2) if n > x]", "always n > x", 2, [1, 2]),
    ],
)
def test_a_removal_is_one(expression: str, text: str, value: int, result: object) -> None:
    [code] = [r.code for r in removals(f"def f(x):\n    return {expression}\n", "a.py") if r.text == text]
    names: dict[str, object] = {}
    exec(code, names)
    f = names["f"]
    assert callable(f)
    assert f(value) == result
    assert f(value) != eval(expression, {"x": value})


def _with(folder: Path, lines: str) -> Module:
    """N1 with more at its beginning."""
    [real] = modules(["N1"])
    start = "def _judge(facts: Facts) -> Iterator[Finding]:\n"
    source = real.path.read_text("utf-8")
    assert start in source
    path = folder / "n1_changed.py"
    path.write_text(source.replace(start, start + lines), "utf-8")
    spec = importlib.util.spec_from_file_location("n1_changed", path)
    assert spec is not None and spec.loader is not None
    python = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(python)
    return Module("N1", python, (python.RULE,))


def test_what_the_cases_hold_is_noticed_and_what_they_do_not_is_told(tmp_path: Path) -> None:
    found = check(_with(tmp_path, "    if facts.capture.damage:\n        return\n"), {}, tmp_path)
    assert [removal.text for removal in found.unnoticed] == ["never facts.capture.damage"]
    assert found.removed == found.noticed + 1 > 2


def test_a_listed_condition_is_justified_and_an_idle_entry_is_told(tmp_path: Path) -> None:
    module = _with(tmp_path, "    if facts.capture.damage:\n        return\n")
    listed = {"never facts.capture.damage": "No case is damaged.", "always facts.capture.damage": "It is noticed."}
    found = check(module, listed, tmp_path)
    assert (found.justified, found.unnoticed) == (1, ())
    assert found.idle == ("always facts.capture.damage",)


def test_what_does_not_end_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_conditions, "_LONGEST_S", 0.2)
    found = check(_with(tmp_path, "    left = 3\n    while left > 0:\n        left -= 1\n"), {}, tmp_path)
    assert [removal.text for removal in found.unnoticed] == ["never left > 0"]


def test_a_module_is_as_before_afterwards(tmp_path: Path) -> None:
    [module] = modules(["N1"])
    before = module.python._judge.__code__
    check(module, {}, tmp_path)
    assert module.python._judge.__code__ is before


def test_names_mean_rules_folders_and_modules() -> None:
    assert [module.key for module in modules(["f13"])] == ["F13"]
    assert {"X1", "X4"} <= {module.key for module in modules(["security"])}
    assert [module.key for module in modules(["alike"], ["endings"])] == ["alike", "endings"]
    with pytest.raises(KeyError):
        modules(["F99"])
    every = {rule.id for module in modules() if not module.shared for rule in module.rules}
    assert every >= {case.rule for case in CASES}


def test_a_need_that_no_case_lacks_is_told() -> None:
    [module] = modules(["N1"])
    source = module.path.read_text("utf-8")
    told = list(rule_conditions._unneeded(module.python.RULE, source, []))
    assert [removed.text for removed in told] == ["without Need.TCP", "without Need.CAPTURED"]
    assert source.splitlines()[told[0].line - 1] == "    needs=(Need.TCP, Need.CAPTURED),"


def test_what_rules_share_is_held_by_its_own_tests_too(tmp_path: Path) -> None:
    [run, contents] = modules(["run"], ["contents"])
    assert [module.tests and module.tests.name for module in (run, contents)] == ["test_run.py", "test_contents.py"]
    assert modules(["N1"])[0].tests is None
    path = tmp_path / "test_own.py"
    path.write_text("def test_it():\n    assert 1 + 1 == 2\n", "utf-8")
    assert not rule_conditions._tests_object(path)
    path = tmp_path / "test_other.py"
    path.write_text("def test_it():\n    assert 1 + 1 == 3\n", "utf-8")
    assert rule_conditions._tests_object(path)
