"""TLS against what OpenSSL's two ends said to each other, with the secrets it logged."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.model.tls import Decryption
from inspector.wire.tls import KeyLog, TlsConnection
from inspector.wire.tls.connection import Plain
from inspector.wire.tls.crypto import expand_label
from inspector.wire.tls.hello import ja3, ja4
from tests.tls_session import Session, talk

_SAID = [(True, b"GET / HTTP/1.1\r\n\r\n"), (False, "안녕 hello".encode() * 5000), (True, b"x"), (False, b"y" * 16384)]


class _Taken:
    def __init__(self) -> None:
        self.plain: dict[bool, list[Plain]] = {True: [], False: []}

    def __call__(self, from_client: bool, plain: Plain) -> None:
        self.plain[from_client].append(plain)

    def data(self, from_client: bool) -> bytes:
        return b"".join(plain.data for plain in self.plain[from_client])


def _decode(session: Session, keys: bytes | None = None, step: int = 1 << 20) -> tuple[TlsConnection, _Taken]:
    log, taken = KeyLog(), _Taken()
    log.add(session.keys if keys is None else keys)
    connection = TlsConnection(log, taken)
    for from_client in (True, False):
        data = session.stream(from_client)
        for at in range(0, len(data), step):
            connection.feed(from_client, data[at : at + step])
    for from_client in (True, False):
        connection.finish(from_client)
    return connection, taken


_SUITES = [
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
    "AES128-GCM-SHA256", "AES128-CCM", "AES256-CCM8", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384",
    "AES128-SHA256", "AES256-SHA",
]  # fmt: skip


@pytest.mark.parametrize("suite", _SUITES)
def test_tls12(suite: str, tmp_path: Path) -> None:
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_2, f"{suite}:@SECLEVEL=0", _SAID)
    connection, taken = _decode(session)
    assert connection.decryption is Decryption.DONE
    assert connection.version == 0x0303
    for side in (True, False):
        assert taken.data(side) == b"".join(data for who, data in _SAID if who is side)
    assert connection.server_name == "chat.example"
    assert connection.server_hellos[0].alpn == "http/1.1"
    assert ssl.PEM_cert_to_DER_cert(
        (tmp_path / "certificate.pem").read_text().split("-----END PRIVATE KEY-----")[1].strip()
    ) in (connection.certificates)


@pytest.mark.parametrize("step", [1, 777, 1 << 20])
def test_tls13_in_portions(step: int, tmp_path: Path) -> None:
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, _SAID)
    connection, taken = _decode(session, step=step)
    assert (connection.version, connection.decryption) == (0x0304, Decryption.DONE)
    for side in (True, False):
        assert taken.data(side) == b"".join(data for who, data in _SAID if who is side)
        assert [plain.start for plain in taken.plain[side]] == [
            sum(len(p.data) for p in taken.plain[side][:i]) for i in range(len(taken.plain[side]))
        ]
    assert len(connection.certificates) == 1


@pytest.mark.parametrize(
    ("version", "ciphers"),
    [
        (ssl.TLSVersion.TLSv1_3, None),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256"),
        (ssl.TLSVersion.TLSv1_2, "AES128-SHA256:@SECLEVEL=0"),
    ],
)
def test_a_resumed_session(version: ssl.TLSVersion, ciphers: str | None, tmp_path: Path) -> None:
    session = talk(tmp_path, version, ciphers, _SAID, resumed=True)
    connection, taken = _decode(session)
    assert connection.decryption is Decryption.DONE
    assert connection.certificates == []  # the first connection showed them
    for side in (True, False):
        assert taken.data(side) == b"".join(data for who, data in _SAID if who is side)


@pytest.mark.parametrize("step", [1, 1 << 20])
def test_a_second_hello_after_a_hello_retry_request(step: int, tmp_path: Path) -> None:
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, _SAID, server_curve="secp521r1")
    connection, taken = _decode(session, step=step)
    assert [hello.retry for hello in connection.server_hellos] == [True, False]
    assert len(connection.client_hellos) == 2
    assert connection.decryption is Decryption.DONE
    assert len(connection.certificates) == 1
    for side in (True, False):
        assert taken.data(side) == b"".join(data for who, data in _SAID if who is side)


def test_missing_and_wrong_keys_are_told(tmp_path: Path) -> None:
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, _SAID)
    assert _decode(session, b"")[0].decryption is Decryption.NO_KEYS
    wrong = b"\n".join(line[:-4] + b"0000" for line in session.keys.splitlines())
    connection, taken = _decode(session, wrong)
    assert connection.decryption is Decryption.WRONG_KEYS
    assert taken.data(True) == b""


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_after_missing_bytes_the_next_whole_record_is_read(version: ssl.TLSVersion, tmp_path: Path) -> None:
    said = [(False, bytes([n]) * 1000) for n in range(20)]
    session = talk(tmp_path, version, None, said)
    server = session.stream(False)
    log, taken = KeyLog(), _Taken()
    log.add(session.keys)
    connection = TlsConnection(log, taken)
    connection.feed(True, session.stream(True))
    cut = len(server) - 8000
    connection.feed(False, server[:cut])
    connection.gap(False, 3000)
    connection.feed(False, server[cut + 3000 :])
    seen = [plain.data[0] for plain in taken.plain[False]]
    assert seen[-1] == 19
    assert seen == sorted(set(seen))
    assert 15 <= len(seen) < 20
    assert all(len(plain.data) == 1000 for plain in taken.plain[False])


def test_expand_label_of_the_example_of_rfc_8448() -> None:
    # RFC 8448 section 3, server handshake traffic keys.
    secret = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
    assert expand_label("sha256", secret, b"key", 16).hex() == "3fce516009c21727d0f2e4e86ee403bc"
    assert expand_label("sha256", secret, b"iv", 12).hex() == "5d313eb2671276ee13000b30"


def _seal(secret: bytes, sequence: int, content: bytes, kind: int) -> bytes:
    """A TLS 1.3 record made with the cryptography package's own HKDF."""

    def derive(label: bytes, size: int) -> bytes:
        info = size.to_bytes(2, "big") + bytes([6 + len(label)]) + b"tls13 " + label + b"\0"
        return HKDFExpand(SHA256(), size, info).derive(secret)

    inner = content + bytes([kind])
    header = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
    nonce = bytes(a ^ b for a, b in zip(derive(b"iv", 12), sequence.to_bytes(12, "big"), strict=True))
    return header + AESGCM(derive(b"key", 16)).encrypt(nonce, inner, header)


def test_key_update_changes_the_keys_of_its_direction() -> None:
    random, hs, app = b"\x01" * 32, hashlib.sha256(b"hs").digest(), hashlib.sha256(b"app").digest()
    info = (32).to_bytes(2, "big") + b"\x11tls13 traffic upd\0"
    updated = HKDFExpand(SHA256(), 32, info).derive(app)
    hello = b"\x03\x03" + random + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + b"\0\x07\0\x2b\0\x03\x02\x03\x04"
    answer = b"\x03\x03" + b"\x02" * 32 + b"\0\x13\x01\0" + b"\0\x06\0\x2b\0\x02\x03\x04"

    def record(kind: int, body: bytes) -> bytes:
        message = bytes([kind]) + len(body).to_bytes(3, "big") + body
        return b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message

    log, taken = KeyLog(), _Taken()
    log.add(b"SERVER_HANDSHAKE_TRAFFIC_SECRET %s %s\n" % (random.hex().encode(), hs.hex().encode()))
    log.add(b"SERVER_TRAFFIC_SECRET_0 %s %s\n" % (random.hex().encode(), app.hex().encode()))
    connection = TlsConnection(log, taken)
    connection.feed(True, record(1, hello))
    connection.feed(False, record(2, answer))
    connection.feed(False, _seal(hs, 0, b"\x14\0\0\x20" + bytes(32), 22))
    connection.feed(False, _seal(app, 0, b"before", 23) + _seal(app, 1, b"\x18\0\0\x01\0", 22))
    connection.feed(False, _seal(updated, 0, b"after", 23))
    assert taken.data(False) == b"beforeafter"


def test_alerts_in_clear() -> None:
    connection = TlsConnection(KeyLog())
    connection.feed(False, bytes.fromhex("15 0303 0002 0228"))
    assert [(a.from_client, a.fatal, a.description, a.protected) for a in connection.alerts] == [
        (False, True, 40, False)
    ]


def test_fingerprints_of_a_known_hello() -> None:
    # Built from the example in the JA3 documentation: 769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0
    suites = [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4]
    name = b"\0\0\0\x0b\0\x09\0\0\x06a.test"
    groups = b"\0\x0a\0\x08\0\x06\0\x17\0\x18\0\x19"
    formats = b"\0\x0b\0\x02\x01\0"
    body = b"\x03\x01" + bytes(32) + b"\0" + (2 * len(suites)).to_bytes(2, "big")
    body += b"".join(n.to_bytes(2, "big") for n in suites) + b"\x01\0"
    body += len(name + groups + formats).to_bytes(2, "big") + name + groups + formats
    connection = TlsConnection(KeyLog())
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    connection.feed(True, b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message)
    [hello] = connection.client_hellos
    assert ja3(hello) == "ada70206e40642a3e4461f35503241d5"
    assert ja4(hello).startswith("t10d120300_")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_records_never_raise_and_give_no_wrong_bytes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    session = _DAMAGED.setdefault("it", talk(tmp_path_factory.mktemp("tls"), ssl.TLSVersion.TLSv1_3, None, _SAID))
    server = bytearray(session.stream(False))
    for _ in range(data.draw(st.integers(1, 3))):
        server[data.draw(st.integers(0, len(server) - 1))] ^= data.draw(st.integers(1, 255))
    log, taken = KeyLog(), _Taken()
    log.add(session.keys)
    connection = TlsConnection(log, taken)
    connection.feed(True, session.stream(True))
    connection.feed(False, bytes(server))
    truth = b"".join(text for who, text in _SAID if not who)
    assert all(plain.data in truth for plain in taken.plain[False])


_DAMAGED: dict[str, Session] = {}
