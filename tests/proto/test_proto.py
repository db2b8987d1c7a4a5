"""The registry of declared headers against the folder and against Wireshark's list of field names."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
from collections.abc import Iterator

import pytest

import inspector.proto
from inspector.proto import HEADERS, Field, Header, LayerKind, header_at, header_of
from tests.tshark import require_tshark

_HELPERS = {"cursor", "field", "kinds", "ports", "registry"}
"""Modules of the folder that declare no header of their own; those ending in _options belong to a header."""


def _all_fields(header: Header) -> Iterator[Field]:
    for top in (*header.fields, *header.optional):
        for item, _start in top.walk(0):
            yield item


def test_every_header_in_the_folder_is_registered_once() -> None:
    declared = []
    for module in pkgutil.iter_modules(inspector.proto.__path__):
        if module.name not in _HELPERS and not module.name.endswith("_options"):
            public = importlib.import_module(f"inspector.proto.{module.name}")
            headers = [getattr(public, name) for name in public.__all__ if isinstance(getattr(public, name), Header)]
            assert len(headers) == 1, module.name
            assert headers[0].name == module.name
            declared.append(module.name)
    assert sorted(declared) == sorted(header.name for header in HEADERS)


def test_every_layer_kind_with_a_header_is_declared() -> None:
    bare = {
        LayerKind.NONE,
        LayerKind.UNKNOWN,
        LayerKind.MALFORMED,
        LayerKind.FRAGMENT,
        LayerKind.RAW,
    }
    assert {kind for kind in LayerKind if header_of(kind) is None} == bare


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.name)
def test_declarations_are_consistent(header: Header) -> None:
    names = [item.name for item in header.fields]
    assert len(names) == len(set(names))
    for item in _all_fields(header):
        assert item.title, item.name
        assert item.meaning.endswith("."), item.name
        if item.parts:
            assert sum(part.bits for part in item.parts) == item.bits, item.name
    start = 0
    for item in header.fields:
        assert item.order.value == "big" or (start % 8 == 0 and item.bits % 8 == 0), item.name
        start += item.bits
    assert start % 8 == 0


@pytest.fixture(scope="module")
def wireshark_fields() -> set[str]:
    require_tshark()
    listing = subprocess.run(["tshark", "-G", "fields"], capture_output=True, text=True, check=True).stdout
    return {line.split("\t")[2] for line in listing.splitlines() if line.startswith("F\t")}


def test_every_filter_name_is_one_of_wiresharks(wireshark_fields: set[str]) -> None:
    unknown = {
        f"{header.name}.{item.name}: {item.filter}"
        for header in HEADERS
        for item in _all_fields(header)
        if item.filter is not None and item.filter not in wireshark_fields
    }
    assert not unknown


def test_a_length_where_ethernet_has_a_type_makes_it_802_3() -> None:
    addresses = bytes(12)
    assert header_at(LayerKind.ETHERNET, addresses + b"\x05\xdc").name == "ieee8023"  # type: ignore[union-attr]
    assert header_at(LayerKind.ETHERNET, addresses + b"\x06\x00").name == "ethernet"  # type: ignore[union-attr]
