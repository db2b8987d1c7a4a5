"""Certificates as observed (RFC 5280): what they say, not whether anyone trusts them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Certificate"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """One X.509 certificate.

    Args:
        der: As sent.
        sha256: Its fingerprint, hexadecimal.
        subject, issuer: Distinguished names (RFC 4514); empty where unreadable.
        serial: Serial number, hexadecimal.
        names: DNS names and IP addresses of the subjectAltName extension, in its order.
        not_before_ns, not_after_ns: Its validity, nanoseconds since the epoch; None where unreadable.
        key: Kind of public key and its size or curve, e.g. ``"RSA 2048"``, ``"EC secp256r1"``; None where unknown.
        signature: Signature algorithm by name, None where unknown.
        self_issued: Subject and issuer are the same.
        is_ca: Its basic constraints say that it may sign others; None without that extension.
        problem: Why it could not be read as a whole, None when it could.
    """

    der: bytes
    sha256: str
    subject: str = ""
    issuer: str = ""
    serial: str = ""
    names: tuple[str, ...] = ()
    not_before_ns: int | None = None
    not_after_ns: int | None = None
    key: str | None = None
    signature: str | None = None
    self_issued: bool = False
    is_ca: bool | None = None
    problem: str | None = None
