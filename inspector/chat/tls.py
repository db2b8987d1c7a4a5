"""A certificate for local trials, made on the spot, and the session keys of every connection for Wireshark."""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
from pathlib import Path
from typing import Any

__all__ = ["KEY_LOG", "make_certificate", "ssl_context", "twisted_factory"]

KEY_LOG = "tls-keys.log"
_DAYS = 90


def _folder() -> Path:
    return Path(os.environ["INSPECTOR_CHAT_DATA"])


def make_certificate(folder: Path, names: tuple[str, ...] = ("localhost",)) -> tuple[Path, Path]:
    """A self-signed certificate and its key in ``folder``; one that is still valid for a day is used again."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    certificate, key = folder / "tls-certificate.pem", folder / "tls-key.pem"
    now = datetime.datetime.now(datetime.UTC)
    if certificate.exists() and key.exists():
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
        if known.not_valid_after_utc > now + datetime.timedelta(days=1):
            return certificate, key
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    loopback = [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "::1")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName([*(x509.DNSName(n) for n in names), *loopback]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    key.touch(mode=0o600)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _key_log() -> Path:
    path = _folder() / KEY_LOG
    # Whoever has the keys can read the traffic: for the owner's eyes only.
    path.touch(mode=0o600)
    return path


def ssl_context() -> ssl.SSLContext:
    """For uvicorn and hypercorn."""
    certificate, key = make_certificate(_folder())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.keylog_filename = str(_key_log())
    return context


def twisted_factory(factory: Any) -> Any:
    """For Daphne: wrap its protocol factory. Any: Twisted's own types."""
    from OpenSSL import SSL
    from twisted.protocols.tls import TLSMemoryBIOFactory

    certificate, key = make_certificate(_folder())
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.use_certificate_file(str(certificate))
    context.use_privatekey_file(str(key))
    log = _key_log().open("ab", buffering=0)
    context.set_keylog_callback(lambda _connection, line: log.write(line + b"\n"))

    class _Factory:
        def getContext(self) -> SSL.Context:
            return context

    return TLSMemoryBIOFactory(_Factory(), False, factory)
