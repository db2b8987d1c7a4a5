"""Escapes undone."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

from inspector.report.text_layers import layers

_TEXT = 'päss "w/ord" & 😀 \t'


def test_every_kind_of_escape_is_undone() -> None:
    for written in (
        quote(_TEXT, safe=""),
        json.dumps(_TEXT),
        html.escape(_TEXT),
        json.dumps(_TEXT).replace("/", r"\/"),
    ):
        assert any(_TEXT.encode() in layer.data for layer in layers(written.encode())), written


def test_escapes_inside_of_escapes_are_undone() -> None:
    written = json.dumps({"url": "/?next=" + quote(_TEXT)}, ensure_ascii=False)
    assert any(_TEXT.encode() in layer.data for layer in layers(written.encode()))


def test_every_byte_knows_where_it_is_written() -> None:
    written = b"a%20b%C3%A4c"
    plain, undone = layers(written)
    assert plain.place(2, 4) == (2, 4)
    assert undone.data == "a bäc".encode()
    assert [undone.place(at, at + 1) for at in range(6)] == [(0, 1), (1, 4), (4, 5), (5, 8), (8, 11), (11, 12)]


def test_a_place_inside_of_two_escapes() -> None:
    written = rb'"\u0025\u00341bc"'  # the JSON string "%41bc", in a URL the text "Abc"
    inner = [layer for layer in layers(written) if b"Abc" in layer.data]
    assert inner
    at = inner[0].data.index(b"Abc")
    assert inner[0].place(at, at + 1) == (1, 14)
    assert written[1:14] == rb"\u0025\u00341"


def test_what_only_looks_like_an_escape_stays() -> None:
    assert [layer.data for layer in layers(rb"100% \q &nothing; %zz")] == [rb"100% \q &nothing; %zz"]
