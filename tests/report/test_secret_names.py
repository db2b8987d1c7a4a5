"""Names that stand for secrets."""

from __future__ import annotations

import pytest

from inspector.report.secret_names import is_only_a_name, kind_of_name, stands_out


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("password", "password"), ("userPassword", "password"), ("new_password1", "password"), ("passwd", "password"),
        ("pwd", "password"), ("비밀번호", "password"), ("pin", "password"), ("sessionid", "session id"),
        ("PHPSESSID", "session id"), ("JSESSIONID", "session id"), ("connect.sid", "session id"),
        ("access_token", "token"), ("refreshToken", "token"), ("id-token", "token"), ("csrfmiddlewaretoken", "token"),
        ("X-CSRFToken", "token"), ("X-Amz-Security-Token", "token"), ("api_key", "key"), ("X-Api-Key", "key"),
        ("apiKey", "key"), ("aws_secret_access_key", "key"), ("client_secret", "secret"), ("credentials", "secret"),
    ],
)  # fmt: skip
def test_names_of_secrets(name: str, kind: str) -> None:
    assert kind_of_name(name.encode()) == (kind, True)


@pytest.mark.parametrize(
    "name",
    [
        "token_type", "expires_in", "token_count", "password_hint", "passwordStrength", "author", "keyboard", "monkey",
        "passenger", "Sec-WebSocket-Key", "Sec-WebSocket-Accept", "Keep-Alive", "session_expires", "tokenizer", "assign",
    ],
)  # fmt: skip
def test_names_of_other_things(name: str) -> None:
    assert kind_of_name(name.encode()) is None


@pytest.mark.parametrize("name", ["key", "state", "code", "signature", "auth"])
def test_names_that_mean_a_secret_only_with_a_value_that_looks_like_one(name: str) -> None:
    assert kind_of_name(name.encode()) is not None
    assert kind_of_name(name.encode())[1] is False  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "looks"),
    [
        (b"a1b2c3d4", True), (b"abcdefghijklmnopqrstuvwx", True), (b"a1b2c3", False), (b"ArrowDown", False),
        (b"12345678", False), (b"two words and 3 more of them", False), (b"-" * 40, False),
    ],
)  # fmt: skip
def test_values_that_look_random(value: bytes, looks: bool) -> None:
    assert stands_out(value) is looks


def test_labels_are_told_from_passwords() -> None:
    assert is_only_a_name(b"Password")
    assert is_only_a_name(b"access_token")
    assert not is_only_a_name(b"mypassword1")
