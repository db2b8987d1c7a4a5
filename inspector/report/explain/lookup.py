"""From a term to what it means; it may mean several things."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from unicodedata import normalize

from inspector.i18n import N_, translator
from inspector.model.finding import Text, told
from inspector.proto.ports import ports_of, service_of
from inspector.refs import Ref
from inspector.report.explain.anomalies import anomalies
from inspector.report.explain.close_codes import close_code, close_codes
from inspector.report.explain.explanation import Explanation, Kind
from inspector.report.explain.fields import declared_fields, field_values, headers
from inspector.report.explain.http_status import http_statuses
from inspector.report.explain.ideas import ideas
from inspector.report.explain.stream_codes import h2_errors, tls_alerts
from inspector.report.explain.stream_fields import stream_fields
from inspector.report.explain.words import words
from inspector.rules import RULES, Rule

__all__ = ["all_explanations", "close_terms", "explain"]

_RULE = N_("It fails when this is seen; severity {severity}, side at fault: {side}. In full: inspector rules {id}")
_PORT = N_("Over {transport} this port is usually {service}. It is a habit: any program may use any port.")
_MOST_GUESSES = 6
_ALIKE = 0.6
"""Least likeness of a guess, as difflib counts it: its own default."""
_ORDER = {kind: place for place, kind in enumerate(Kind)}


@cache
def all_explanations() -> tuple[Explanation, ...]:
    """Everything that can be explained, but ports and the close codes of applications, which are told by number."""
    thoughts = ideas()
    found = [
        *thoughts, *close_codes(), *http_statuses(), *headers(), *_with_ideas(declared_fields(), thoughts), *stream_fields(),
        *map(_of_rule, RULES), *anomalies(), *tls_alerts(), *h2_errors(), *words(), *field_values(),
    ]  # fmt: skip
    return tuple(found)


def explain(term: str) -> list[Explanation]:
    """What a term means: every meaning, the likeliest first; empty when it is not known.

    Args:
        term: A name or number, letters in any case: ``"tcp.flags"``, ``"F13"``, ``"1006"``, ``"SYN"``, ``"핸드셰이크"``.
    """
    wanted = _key(term)
    found = list(_index().get(wanted, ()))
    if wanted.isdecimal() and len(wanted) <= 5:
        found += _by_number(int(wanted), found)
    if not found:
        found += [_port(port, name, "UDP" if udp else "TCP") for udp, port, name in ports_of(wanted)]
    distinct = {id(one): one for one in found}
    return sorted(distinct.values(), key=lambda one: (one.term.casefold() != wanted, _ORDER[one.kind]))


def close_terms(term: str) -> list[str]:
    """Terms that are spelled like this one, or contain it."""
    wanted = _key(term)
    index = _index()
    letters = _letters()
    alike = [
        letters[one]
        for one in difflib.get_close_matches(normalize("NFD", wanted), letters, n=_MOST_GUESSES, cutoff=_ALIKE)
    ]
    within = [key for key in index if len(wanted) > 2 and wanted in key]
    guesses = dict.fromkeys(index[key][0].term for key in [*alike, *sorted(within, key=len)])
    return list(guesses)[:_MOST_GUESSES]


def _with_ideas(fields: Iterable[Explanation], thoughts: Iterable[Explanation]) -> Iterable[Explanation]:
    """Fields that lead on to the ideas whose filters name them."""
    named = [
        (set(re.findall(r"[a-z][\w.]*", thought.filter)), thought.term)
        for thought in thoughts
        if thought.kind is Kind.IDEA
    ]
    for field in fields:
        yield replace(field, also=tuple(term for names, term in named if field.term in names))


def _by_number(number: int, found: Iterable[Explanation]) -> list[Explanation]:
    more = []
    if not any(one.kind is Kind.CLOSE_CODE for one in found) and (code := close_code(number)) is not None:
        more.append(code)
    for transport, udp in (("TCP", False), ("UDP", True)):
        service = service_of(udp, number)
        if service is not None:
            more.append(_port(number, service[1], transport))
    return more


def _port(number: int, service: str, transport: str) -> Explanation:
    name = transport.lower()
    return Explanation(
        kind=Kind.PORT,
        term=str(number),
        title=f"{service} ({transport})",
        what=told(_PORT, transport=transport, service=service),
        refs=(Ref("RFC 6335", "6"),),
        filter=f"{name}.port == {number}",
        also=(f"{name}.port",),
    )


def _of_rule(rule: Rule) -> Explanation:
    return Explanation(
        kind=Kind.RULE,
        term=rule.id,
        title=rule.title_fail,
        what=told(_RULE, severity=Text(rule.severity.value), side=rule.side.word, id=rule.id),
        why=Text(rule.why),
        next_step=Text(rule.next_step),
        refs=rule.refs,
        names=(re.sub(r"(?<=\D)0", "", rule.id), rule.title_fail),
    )


@cache
def _index() -> dict[str, list[Explanation]]:
    """Explanations by every name, in English and Korean."""
    index: dict[str, list[Explanation]] = defaultdict(list)
    korean = translator("ko")
    for one in all_explanations():
        names = (one.term, one.title, *one.names)
        for key in {_key(text) for name in names for text in (name, korean(name))}:
            index[key].append(one)
    return dict(index)


@cache
def _letters() -> dict[str, str]:
    """Keys by their letters: a Hangul syllable in which one of three is wrong is still like it."""
    return {normalize("NFD", key): key for key in _index()}


def _key(name: str) -> str:
    """How a name is looked up: case, hyphens, underscores and runs of space do not matter."""
    return re.sub(r"[\s_-]+", " ", name.strip().strip("[]").casefold()).removeprefix("#")
