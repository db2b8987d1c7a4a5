"""Content codings against what other libraries wrote."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.wire.content import codings_of, decode_content

_TEXT = "패킷 packet ".encode() * 500


def _raw_deflate(data: bytes) -> bytes:
    codec = zlib.compressobj(wbits=-15)
    return codec.compress(data) + codec.flush()


_ENCODED = {
    "gzip": gzip.compress(_TEXT),
    "deflate": zlib.compress(_TEXT),
    "br": brotli.compress(_TEXT),
    "zstd": zstandard.compress(_TEXT),
}


@pytest.mark.parametrize("coding", _ENCODED)
def test_each_coding(coding: str) -> None:
    decoded = decode_content(_ENCODED[coding], [coding])
    assert (decoded.data, decoded.anomalies) == (_TEXT, [])


def test_deflate_without_the_zlib_wrapper_is_accepted() -> None:
    assert decode_content(_raw_deflate(_TEXT), ["deflate"]).data == _TEXT


def test_codings_are_removed_last_applied_first() -> None:
    body = brotli.compress(gzip.compress(_TEXT))
    assert decode_content(body, codings_of([b"gzip, br"])).data == _TEXT


@pytest.mark.parametrize("coding", _ENCODED)
def test_a_cut_body_gives_what_it_holds_and_says_so(coding: str) -> None:
    decoded = decode_content(_ENCODED[coding][:-8], [coding])
    assert _TEXT.startswith(decoded.data)
    assert [a.code for a in decoded.anomalies] in (["content.cut"], ["content.broken"])


@pytest.mark.parametrize("coding", _ENCODED)
def test_bytes_that_are_not_the_coding(coding: str) -> None:
    decoded = decode_content(b"\x07plainly not compressed at all", [coding])
    assert [a.code for a in decoded.anomalies] == ["content.broken"]


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(300 << 20), 9)),
        ("br", brotli.compress(bytes(300 << 20), quality=5)),
        ("zstd", zstandard.compress(bytes(300 << 20))),
    ],
)
def test_a_bomb_is_capped(coding: str, bomb: bytes) -> None:
    decoded = decode_content(bomb, [coding])
    assert len(decoded.data) <= 64 << 20
    assert [a.code for a in decoded.anomalies] == ["content.capped"]


def test_unknown_and_too_many_codings_are_told() -> None:
    assert [a.code for a in decode_content(b"x", ["rot13"]).anomalies] == ["content.unknown_coding"]
    assert [a.code for a in decode_content(b"x", ["gzip"] * 9).anomalies] == ["content.too_many_codings"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd"]), max_size=3))
def test_any_bytes_never_raise(data: bytes, codings: list[str]) -> None:
    assert isinstance(decode_content(data, codings).data, bytes)
