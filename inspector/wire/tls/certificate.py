"""Certificates out of a TLS handshake, and what an observer can check of them without trusting anyone (RFC 5280, 9525)."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import ipaddress
import itertools
import warnings
from collections.abc import Iterator, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.utils import CryptographyDeprecationWarning

from inspector.model.anomaly import Anomaly
from inspector.model.certificate import Certificate
from inspector.refs import Ref

__all__ = ["certificate_anomalies", "read_certificate"]

_UNREADABLE = (ValueError, TypeError, x509.InvalidVersion, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm)
"""What the library raises for certificates that break the standard, or that it does not know."""
_MOST_NAMES = 1000
"""Alternative names read of one certificate; content networks put a few hundred into one."""


def read_certificate(der: bytes) -> Certificate:
    """Read a certificate; what cannot be read is left out and ``problem`` says why."""
    sha256 = hashlib.sha256(der).hexdigest()
    try:
        read = _load(der)
    except _UNREADABLE as error:
        return Certificate(der, sha256, problem=str(error) or type(error).__name__)
    problems: list[str] = []

    def part(name: str) -> object:
        """One part of the certificate, which the library reads when it is asked for."""
        try:
            with _quietly():
                value: object = getattr(read, name)
        except (*_UNREADABLE, x509.DuplicateExtension, OverflowError) as error:
            problems.append(f"{name}: {error}")
            return None
        return value

    subject, issuer = part("subject"), part("issuer")
    extensions = part("extensions")
    serial = part("serial_number")
    begin, end = part("not_valid_before_utc"), part("not_valid_after_utc")
    return Certificate(
        der,
        sha256,
        subject=_name(subject),
        issuer=_name(issuer),
        serial=f"{serial:x}" if isinstance(serial, int) else "",
        names=_names(extensions, problems),
        not_before_ns=_ns(begin) if isinstance(begin, datetime.datetime) else None,
        not_after_ns=_ns(end) if isinstance(end, datetime.datetime) else None,
        key=_key(read, problems),
        signature=_signature(read),
        self_issued=subject is not None and subject == issuer,
        is_ca=_is_ca(extensions),
        problem="; ".join(problems) or None,
    )


def _load(der: bytes) -> x509.Certificate:
    with _quietly():
        return x509.load_der_x509_certificate(der)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without warnings of certificates that later versions will refuse: others put them on the wire, not our user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        yield


def _name(name: object) -> str:
    return name.rfc4514_string() if isinstance(name, x509.Name) else ""


def _names(extensions: object, problems: list[str]) -> tuple[str, ...]:
    if not isinstance(extensions, x509.Extensions):
        return ()
    try:
        found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    except _UNREADABLE as error:
        problems.append(f"subjectAltName: {error}")
        return ()
    names = []
    for general in found:
        if isinstance(general, x509.DNSName | x509.IPAddress):
            names.append(str(general.value))
    return tuple(names[:_MOST_NAMES])


def _is_ca(extensions: object) -> bool | None:
    if isinstance(extensions, x509.Extensions):
        with contextlib.suppress(x509.ExtensionNotFound, *_UNREADABLE):
            return extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    return None


def _key(read: x509.Certificate, problems: list[str]) -> str | None:
    try:
        key = read.public_key()
    except _UNREADABLE as error:
        problems.append(f"public key: {error}")
        return None
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, dsa.DSAPublicKey):
        return f"DSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey").lstrip("_")


def _signature(read: x509.Certificate) -> str | None:
    try:
        return str(read.signature_algorithm_oid._name)
    except (*_UNREADABLE, AttributeError):
        return None


def _ns(moment: datetime.datetime) -> int:
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (since.days * 86400 + since.seconds) * 10**9


def certificate_anomalies(
    chain: Sequence[Certificate], server_name: str | None, time_ns: int | None, place: tuple[int, int] = (0, 0)
) -> Iterator[Anomaly]:
    """What is wrong with a server's certificates, as far as the packets tell; nobody's trust store is asked.

    Args:
        chain: Leaf first, as sent.
        server_name: What the client asked for, None when it did not say.
        time_ns: When the certificates were sent, nanoseconds since the epoch; None when not known.
        place: Byte range of the message in its stream.
    """
    if not chain:
        return
    leaf = chain[0]
    for number, one in enumerate(chain, 1):
        which = f"certificate {number}: {one.subject or one.sha256[:16]}"
        if one.problem is not None:
            yield Anomaly("tls.certificate_unreadable", *place, Ref("RFC 5280", "4.1"), f"{which}: {one.problem}")
        if time_ns is not None and one.not_after_ns is not None and time_ns > one.not_after_ns:
            yield Anomaly("tls.certificate_expired", *place, Ref("RFC 5280", "4.1.2.5"), which)
        if time_ns is not None and one.not_before_ns is not None and time_ns < one.not_before_ns:
            yield Anomaly("tls.certificate_not_yet_valid", *place, Ref("RFC 5280", "4.1.2.5"), which)
    if server_name is not None and leaf.problem is None and not _matches(server_name, leaf.names):
        detail = f"{server_name} ≠ {', '.join(leaf.names[:5]) or '—'}"
        yield Anomaly("tls.certificate_name_mismatch", *place, Ref("RFC 9525", "6.3"), detail)
    if leaf.self_issued:
        yield Anomaly("tls.certificate_self_issued", *place, Ref("RFC 5280", "3.2"), leaf.subject)
    for number, (one, other) in enumerate(itertools.pairwise(chain), 1):
        why = _not_issued_by(one, other)
        if why is not None:
            detail = f"certificate {number} and {number + 1}: {why}"
            yield Anomaly("tls.certificate_chain_broken", *place, Ref("RFC 8446", "4.4.2"), detail)


def _matches(server_name: str, names: tuple[str, ...]) -> bool:
    """Whether one of the names is the server's; ``*`` stands for one whole leftmost label (RFC 9525 section 6.3)."""
    wanted = server_name.lower().rstrip(".")
    with contextlib.suppress(ValueError):
        wanted = str(ipaddress.ip_address(wanted))
    parent = wanted.partition(".")[2]
    for name in names:
        given = name.lower().rstrip(".")
        if given == wanted or (given.startswith("*.") and parent and given[2:] == parent):
            return True
    return False


def _not_issued_by(one: Certificate, issuer: Certificate) -> str | None:
    """Why a certificate was not issued by the next one in the chain; None when it was, or when that cannot be told."""
    if one.problem is not None or issuer.problem is not None:
        return None
    try:
        _load(one.der).verify_directly_issued_by(_load(issuer.der))
    except InvalidSignature:
        return "the signature does not fit"
    except ValueError:
        return "the issuer is another"
    except (TypeError, UnsupportedAlgorithm):
        return None
    return None
