"""Removes each condition of the rules, one at a time: a case or a test must notice. ``make conditions`` does it for all.

python -m tools.rule_conditions [RULE | FOLDER | MODULE]... [--analysis MODULE]...

``F13`` names a rule, ``network`` a folder of ``inspector/rules``, ``alike`` or ``run`` a module that rules share;
``--analysis endings`` names a module of ``inspector/analysis``. Without names: all rules, what runs them, and the
analysis that decides for them.

Removed are: the test of an if, a conditional expression, a while or a comprehension (it always holds, it never holds);
an operand of "and" and "or", and of "&" and "|" between masks; either end of a chained comparison; a comparison that is
a value; and each of what a rule needs. What stands for a missing value (``x or 0``) is no condition. A case that fails,
breaks down or does not end has noticed. Of what rules share the module's own tests may notice as well: those in the file
that mirrors it. What nothing can notice is listed with its reason in ``tests/rules/equivalent_conditions.toml``.

Exit code 1 when a removal stays unnoticed and is not listed, or when one is listed that does not.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import gc
import importlib
import io
import signal
import sys
import tempfile
import tomllib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType

import pytest

from inspector.analysis.facts import Facts
from inspector.model.finding import Outcome
from inspector.rules import RULES, Rule
from inspector.rules.run import run
from tests.rules import test_cases
from tests.rules.cases import CASES, Case, compare, facts_of, findings_of
from tools.conditions import Removed, removals

__all__ = ["ANALYSIS", "EQUIVALENT", "Checked", "Module", "check", "modules"]

_ROOT = Path(__file__).resolve().parents[1]
EQUIVALENT = _ROOT / "tests/rules/equivalent_conditions.toml"
ANALYSIS = (
    "contents", "deliveries", "endings", "endings.aftermath", "endings.crashes", "endings.cuts", "endings.gone",
    "endings.group_names", "endings.oddities", "endings.offences", "endings.pings", "facts", "legs", "processes",
    "refusals", "sequences", "servers", "sockets", "stalls", "trust", "waits", "windows",
)  # fmt: skip
"""Modules of ``inspector/analysis`` that decide what rules only tell."""
_LONGEST_S = 5.0
"""Of one case: they take milliseconds, so what takes longer does not end."""
_LONGEST_TESTS_S = 60.0
"""Of the tests of one module: they take seconds."""

assert test_cases  # its import fills CASES


@dataclass(frozen=True, slots=True)
class Module:
    """A module whose conditions are removed.

    Args:
        key: Its table in the list of equivalent ones: the rule's id, or the module's name.
        python: What is imported.
        rules: Those whose cases are to notice.
        shared: Rules share it: facts must be worked out again, and its own tests may notice.
    """

    key: str
    python: ModuleType
    rules: tuple[Rule, ...]
    shared: bool = False

    @property
    def path(self) -> Path:
        """Its source."""
        return Path(str(self.python.__file__))

    @property
    def tests(self) -> Path | None:
        """The file with its own tests, where it has one."""
        inside = self.path.relative_to(_ROOT / "inspector") if self.shared else Path()
        path = _ROOT / "tests" / inside.parent / f"test_{inside.name}"
        return path if path.is_file() else None


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a module's conditions.

    Args:
        removed: How many were removed.
        noticed: How many a case or a test noticed.
        justified: How many nothing noticed and the list gives a reason for.
        unnoticed: The others.
        idle: Entries of the list that were noticed, or that are not there.
    """

    removed: int
    noticed: int
    justified: int
    unnoticed: tuple[Removed, ...]
    idle: tuple[str, ...]


def modules(names: Iterable[str] = (), analysis: Iterable[str] = ()) -> list[Module]:
    """The modules that these names mean; all of them without names.

    Raises:
        KeyError: If a name means nothing.
    """
    everything = [*_rule_modules()]
    wanted, parts = [name.lower() for name in names], list(analysis)
    if not wanted and not parts:
        return [*everything, *map(_analysis, ANALYSIS)]
    found: list[Module] = []
    for name in wanted:
        mine = [m for m in everything if name in (m.key.lower(), m.path.stem, m.path.parent.name)]
        if not mine:
            raise KeyError(name)
        found += mine
    return [*dict.fromkeys(found), *map(_analysis, parts)]


def _rule_modules() -> Iterator[Module]:
    """Modules of rules, those with functions that rules share, and what runs them."""
    folder = _ROOT / "inspector/rules"
    for path in sorted(folder.rglob("*.py")):
        if path.stem == "__init__":
            continue
        python = importlib.import_module(".".join(path.relative_to(_ROOT).with_suffix("").parts))
        if hasattr(python, "RULE"):
            yield Module(python.RULE.id, python, (python.RULE,))
        else:
            yield Module(path.stem, python, RULES, shared=path.parent == folder)


def _analysis(name: str) -> Module:
    return Module(name, importlib.import_module(f"inspector.analysis.{name}"), RULES, shared=True)


def check(module: Module, equivalent: Mapping[str, str], folder: Path) -> Checked:
    """Remove each condition of a module and judge its cases.

    Args:
        module: Which.
        equivalent: Removals that no case can notice, with reasons.
        folder: For captures.
    """
    rules = {rule.id: rule for rule in module.rules}
    cases = [
        _Judged(case, rules[case.rule], folder / f"{index}.pcap", module.shared)
        for index, case in enumerate(CASES)
        if case.rule in rules
    ]
    callers = _callers(module.path, cases)
    if _tests_object(module.tests):
        raise SystemExit(f"{module.tests} fails as things are")
    source = module.path.read_text("utf-8")
    removed = 0
    left: list[Removed] = []
    with _bounded(), _Functions(module.path) as functions:
        for removal in removals(source, str(module.path)):
            removed += 1
            functions.replace(removal.code)
            near = callers.get(removal.function, [])
            witness = next((case for case in near if case.objects()), None)
            if witness is not None:
                near.remove(witness)  # what noticed this is likely to notice the next
                near.insert(0, witness)
            elif not _tests_object(module.tests):
                left.append(removal)
    if hasattr(module.python, "RULE"):
        removed += len(module.python.RULE.needs)
        left += _unneeded(module.python.RULE, source, cases)
    texts = {removal.text for removal in left}
    return Checked(
        removed,
        removed - len(left),
        sum(removal.text in equivalent for removal in left),
        tuple(removal for removal in left if removal.text not in equivalent),
        tuple(text for text in equivalent if text not in texts),
    )


def _unneeded(rule: Rule, source: str, cases: list[_Judged]) -> Iterator[Removed]:
    """What a rule says that it needs, and its cases do not notice when it says so no more."""
    line = 1 + source[: source.find("needs=")].count("\n")
    for need in rule.needs:
        without = dataclasses.replace(rule, needs=tuple(other for other in rule.needs if other is not need))
        for case in cases:
            case.rule = without
        with _bounded():
            if not any(case.objects() for case in cases):
                yield Removed(line, f"without Need.{need.name}")


def _tests_object(path: Path | None) -> bool:
    """Whether a test in a file fails, breaks down or does not end."""
    if path is None:
        return False
    signal.setitimer(signal.ITIMER_REAL, _LONGEST_TESTS_S)
    try:
        with redirect_stdout(io.StringIO()):
            return pytest.main(["-x", "-q", "-p", "no:cacheprovider", str(path)]) != pytest.ExitCode.OK
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class _DoesNotEnd(BaseException):
    """A case took too long. No ``Exception``: nothing must survive it."""


class _Judged:
    """A case that is judged by its rule alone, again and again.

    Args:
        case: Which.
        rule: Its rule.
        path: For its capture.
        afresh: Facts are worked out again each time.
    """

    def __init__(self, case: Case, rule: Rule, path: Path, afresh: bool) -> None:
        self.case, self.rule, self.afresh = case, rule, afresh
        self.facts = facts_of(path, case.script, case.settings)

    def judge(self) -> None:
        """Raises whatever the case objects to."""
        if self.afresh:
            capture = copy.copy(self.facts.capture)  # another one for what keeps facts by capture
            self.facts = Facts(capture, self.facts.settings, self.facts.trace)
        ran = run(self.facts, [self.rule])
        assert ran.results[0].outcome is not Outcome.ERROR, str(ran.results[0].why)
        compare(self.case, findings_of(ran.findings, self.case.rule), ran.results[0])

    def objects(self) -> bool:
        """Whether the case fails, breaks down or does not end."""
        signal.setitimer(signal.ITIMER_REAL, _LONGEST_S)
        try:
            self.judge()
        except (Exception, _DoesNotEnd):
            return True
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return False


def _callers(path: Path, cases: Iterable[_Judged]) -> dict[int, list[_Judged]]:
    """The cases that call each function of a module, by its first line; every case must be content as things are."""
    called: set[int] = set()

    def watch(frame: FrameType, event: str, argument: object) -> None:
        if frame.f_code.co_filename == str(path):
            called.add(frame.f_code.co_firstlineno)

    found: dict[int, list[_Judged]] = {}
    for case in cases:
        called.clear()
        sys.setprofile(watch)
        try:
            case.judge()
        except Exception as error:
            raise SystemExit(f"{case.case} fails as things are: {error}") from error
        finally:
            sys.setprofile(None)
        for line in called:
            found.setdefault(line, []).append(case)
    return found


class _Functions:
    """The functions of a module that is in use: their code is replaced in place, and put back at the end."""

    def __init__(self, path: Path) -> None:
        self._mine = [
            thing
            for thing in gc.get_objects()
            # Not isinstance: it asks a dead weak proxy for its class.
            if type(thing) is FunctionType and thing.__code__.co_filename == str(path)
        ]
        self._codes = [function.__code__ for function in self._mine]

    def __enter__(self) -> _Functions:
        return self

    def __exit__(self, *error: object) -> None:
        for function, code in zip(self._mine, self._codes, strict=True):
            function.__code__ = code

    def replace(self, module: CodeType) -> None:
        """Give each function its code out of a module's."""
        codes = {(code.co_qualname, code.co_firstlineno): code for code in _inside(module)}
        for function, code in zip(self._mine, self._codes, strict=True):
            function.__code__ = codes[code.co_qualname, code.co_firstlineno]


def _inside(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _inside(constant)


@contextmanager
def _bounded() -> Iterator[None]:
    """Timers end cases."""
    before = signal.signal(signal.SIGALRM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def _stop(signum: int, frame: FrameType | None) -> None:
    raise _DoesNotEnd


def main() -> int:
    """Remove, judge, and tell what nothing noticed."""
    parser = argparse.ArgumentParser(prog="python -m tools.rule_conditions")
    parser.add_argument("names", nargs="*", metavar="RULE|FOLDER|MODULE", help="what to look at; all without")
    parser.add_argument("--analysis", action="append", default=[], metavar="MODULE", help="of inspector/analysis")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of arrays that a condition kept from being empty
    try:
        wanted = modules(options.names, options.analysis)
    except (KeyError, ModuleNotFoundError) as error:
        parser.error(f"nothing has this name: {error}")
    listed = tomllib.loads(EQUIVALENT.read_text("utf-8"))
    good = True
    for key in sorted(listed.keys() - {module.key for module in [*modules(), *wanted]}):
        good = False
        print(f"{EQUIVALENT.name}: [{key}] is no rule and no module")
    total = [0, 0, 0, 0]
    for module in wanted:
        with tempfile.TemporaryDirectory() as folder:
            found = check(module, listed.get(module.key, {}), Path(folder))
        counts = found.removed, found.noticed, found.justified, len(found.unnoticed)
        total = [sum(pair) for pair in zip(total, counts, strict=True)]
        name = module.path.relative_to(_ROOT)
        print(f"{module.key} {name}: {_words(*counts)}", flush=True)
        for removal in found.unnoticed:
            print(f"  {name}:{removal.line}: {removal.text}")
        for text in found.idle:
            print(f"  listed in {EQUIVALENT.name} and not unnoticed: {text}")
        good = good and not found.unnoticed and not found.idle
    print(f"in all: {_words(*total)}")
    return 0 if good else 1


def _words(removed: int, noticed: int, justified: int, unnoticed: int) -> str:
    return f"{removed} removed, {noticed} noticed, {justified} justified, {unnoticed} unnoticed"


if __name__ == "__main__":
    sys.exit(main())
