"""Taking messages apart for display."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.wire.forms import (
    cookies,
    decode_text,
    form_fields,
    media_type,
    multipart_parts,
    query_parameters,
)

_MULTIPART = (
    b"--AaB03x\r\nContent-Disposition: form-data; name=\"room\"\r\n\r\n\xed\x95\x9c\xea\xb8\x80\r\n"
    b"--AaB03x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../etc/x.png\"\r\n"
    b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\x00\xff\r\n--AaB03x--\r\n"
)  # fmt: skip


def test_query_keeps_order_blanks_and_korean() -> None:
    assert query_parameters(b"/chat?room=%ED%95%9C%EA%B8%80&x=&x=1+2#top") == [
        ("room", "한글"),
        ("x", ""),
        ("x", "1 2"),
    ]
    assert query_parameters(b"/chat") == []


def test_form() -> None:
    assert form_fields(b"name=%EC%9D%B4&age=30") == [("name", "이"), ("age", "30")]


def test_multipart_with_a_file() -> None:
    text, file = multipart_parts(_MULTIPART, b"multipart/form-data; boundary=AaB03x")
    assert (text.name, text.filename, text.data.decode()) == ("room", None, "한글")
    assert (file.name, file.filename, file.content_type) == ("file", "../../etc/x.png", "image/png")
    assert file.data == b"\x89PNG\r\n\x00\xff"


def test_multipart_without_its_boundary_has_no_parts() -> None:
    assert multipart_parts(_MULTIPART, b"multipart/form-data") == []


def test_media_type_and_charset() -> None:
    assert media_type(b'Text/HTML; Charset="EUC-KR"') == ("text/html", {"charset": "EUC-KR"})
    assert decode_text("한글".encode("euc-kr"), b"text/html; charset=euc-kr") == ("한글", "euc-kr")
    assert decode_text("한글".encode(), b"application/json") == ("한글", "utf-8")
    assert decode_text(b"\x89PNG\x00\xff", b"image/png") is None


def test_a_charset_that_is_no_text_encoding_is_not_used() -> None:
    assert decode_text(b"68656c6c6f", b"text/plain; charset=hex") == ("68656c6c6f", "utf-8")


def test_cookies() -> None:
    assert cookies(b"sessionid=abc; csrftoken=d=e") == [("sessionid", "abc"), ("csrftoken", "d=e")]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=60))
def test_any_bytes_never_raise(body: bytes, value: bytes) -> None:
    query_parameters(body)
    form_fields(body)
    cookies(body)
    media_type(value)
    decode_text(body, value)
    assert isinstance(multipart_parts(body, b"multipart/form-data; boundary=" + value), list)
