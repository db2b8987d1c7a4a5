"""Certificates: what they say, what is wrong with them, and that none of them raises."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.model.certificate import Certificate
from inspector.wire.tls.certificate import certificate_anomalies, read_certificate

_Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_BEGIN = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
_END = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
_WITHIN = int(datetime.datetime(2024, 6, 1, tzinfo=datetime.UTC).timestamp()) * 10**9


def _make(
    subject: str, issuer: str, key: _Key, signer: _Key, names: tuple[str, ...] = (), ca: bool = False
) -> Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(0xABC)
        .not_valid_before(_BEGIN)
        .not_valid_after(_END)
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
    algorithm = hashes.SHA256() if isinstance(signer, ec.EllipticCurvePrivateKey) else None
    return read_certificate(builder.sign(signer, algorithm).public_bytes(serialization.Encoding.DER))


_CA_KEY, _OTHER_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
_KEY = ed25519.Ed25519PrivateKey.generate()
_CA = _make("나의 기관", "나의 기관", _CA_KEY, _CA_KEY, ca=True)
_LEAF = _make("www.example", "나의 기관", _KEY, _CA_KEY, ("www.example", "*.chat.example"))


def _codes(chain: list[Certificate], name: str | None = "www.example", time_ns: int | None = _WITHIN) -> set[str]:
    return {anomaly.code for anomaly in certificate_anomalies(chain, name, time_ns)}


def test_what_a_certificate_says() -> None:
    assert (_LEAF.subject, _LEAF.issuer, _LEAF.serial) == ("CN=www.example", "CN=나의 기관", "abc")
    assert _LEAF.names == ("www.example", "*.chat.example")
    assert (_LEAF.key, _CA.key, _LEAF.is_ca, _CA.is_ca) == ("Ed25519", "EC secp256r1", False, True)
    assert _LEAF.not_before_ns == int(_BEGIN.timestamp()) * 10**9
    assert (_LEAF.signature, _LEAF.problem) == ("ecdsa-with-SHA256", None)


def test_a_chain_in_order_for_the_name_and_the_time_has_nothing_wrong() -> None:
    assert _codes([_LEAF, _CA]) == set()
    assert _codes([_LEAF]) == set()
    assert _codes([_LEAF, _CA], None, None) == set()
    assert _codes([]) == set()


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("www.example", True),
        ("WWW.Example.", True),
        ("a.chat.example", True),
        ("a.b.chat.example", False),  # a star is one label (RFC 9525 section 6.3)
        ("chat.example", False),
        ("example", False),
    ],
)
def test_names(name: str, fits: bool) -> None:
    assert ("tls.certificate_name_mismatch" in _codes([_LEAF, _CA], name)) is not fits


def test_times() -> None:
    day = 86_400 * 10**9
    assert "tls.certificate_expired" in _codes([_LEAF, _CA], time_ns=int(_END.timestamp()) * 10**9 + day)
    assert "tls.certificate_not_yet_valid" in _codes([_LEAF, _CA], time_ns=int(_BEGIN.timestamp()) * 10**9 - day)


def test_chains() -> None:
    forged = _make("나의 기관", "나의 기관", _OTHER_KEY, _OTHER_KEY, ca=True)
    other = _make("somebody else", "somebody else", _OTHER_KEY, _OTHER_KEY, ca=True)
    assert _codes([_LEAF, forged]) == {"tls.certificate_chain_broken"}
    assert _codes([_LEAF, other]) == {"tls.certificate_chain_broken"}
    assert _codes([_CA], None) == {"tls.certificate_self_issued"}


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_damaged_certificates_never_raise(data: st.DataObject) -> None:
    der = bytearray(_LEAF.der)
    for _ in range(data.draw(st.integers(1, 6))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    read = read_certificate(
        bytes(der[: data.draw(st.integers(0, len(der)))]) if data.draw(st.booleans()) else bytes(der)
    )
    codes = {anomaly.code for anomaly in certificate_anomalies([read, _CA], "www.example", _WITHIN)}
    assert codes <= {
        "tls.certificate_unreadable", "tls.certificate_expired", "tls.certificate_not_yet_valid",
        "tls.certificate_name_mismatch", "tls.certificate_self_issued", "tls.certificate_chain_broken",
    }  # fmt: skip
    assert (read.problem is None) or "tls.certificate_unreadable" in codes


def test_certificates_of_real_captures_are_whole(shared_captures: Path) -> None:
    import inspector
    from inspector.recording.tls_connections import tls_sessions

    for path in ("tls12-keylog-16-requests.pcap", "h2-tls13-dsb.pcapng", "tls12-renegotiation-keylog.pcapng"):
        for session in tls_sessions(inspector.open(shared_captures / path)):
            assert session.certificates
            assert all(one.problem is None for one in session.certificates)
