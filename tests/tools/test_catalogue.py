"""What the check of translations finds."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from tools.catalogue import check, collect


def _collected() -> Catalog:
    catalog = Catalog()
    catalog.add("{count} packets in {name}", locations=[("a.py", 1)])
    catalog.add(("{count} frame", "{count} frames"), locations=[("a.py", 2)])
    return catalog


def _translated(first: str = "{name}: 패킷 {count}개", second: str = "프레임 {count}개", *flags: str) -> Catalog:
    catalog = Catalog(locale="ko")
    catalog.add("{count} packets in {name}", first, flags=flags)
    catalog.add(("{count} frame", "{count} frames"), (second,))
    return catalog


def test_a_whole_catalogue_is_in_order() -> None:
    assert check(_translated(), _collected()) == []


@pytest.mark.parametrize(
    ("catalog", "problem"),
    [
        (_translated(first=""), "not translated: '{count} packets in {name}' (a.py)"),
        (_translated(second=""), "not translated: '{count} frame' (a.py)"),
        (
            _translated("{name}: 패킷 {count}개", "프레임 {count}개", "fuzzy"),
            "doubtful (fuzzy): '{count} packets in {name}'",
        ),
        (
            _translated(first="{file}: 패킷 {count}개"),
            "other placeholders: '{count} packets in {name}' became '{file}: 패킷 {count}개'",
        ),
        (_translated(second="프레임"), "other placeholders: '{count} frames' became '프레임'"),
    ],
)
def test_each_flaw_is_named(catalog: Catalog, problem: str) -> None:
    assert check(catalog, _collected()) == [problem]


def test_texts_inside_of_f_strings_are_collected() -> None:
    # In inspector/report/rules.py.
    assert collect().get("Side at fault") is not None


def test_a_text_that_is_used_no_more_is_named() -> None:
    catalog = _translated()
    catalog.add("old", "옛것")
    assert check(catalog, _collected()) == ["used no more: 'old'"]
