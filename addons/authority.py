"""The certificate authority with which the proxy answers for every server: where it is, and how to trust it."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from inspector.errors import UsageError
from inspector.i18n import _

__all__ = ["Authority", "configuration_folder", "read_authority"]

_NAME = "mitmproxy"
_KEY_BITS = 2048
"""As mitmproxy's own option ``key_size``."""


def configuration_folder() -> Path:
    """Where the proxy's certificate authority is kept: apart from mitmproxy's own."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "inspector" / "proxy"


@dataclass(frozen=True, slots=True)
class Authority:
    """The certificate of an authority.

    Args:
        path: Where it lies, without its key.
        certificate: The certificate.
    """

    path: Path
    certificate: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """Its SHA-256, as browsers and ``openssl x509 -fingerprint -sha256`` show it."""
        digest = hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).digest()
        return digest.hex(":").upper()

    @property
    def key_hash(self) -> str:
        """SHA-256 of its public key, base64: what Chromium can be told to trust."""
        key = self.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(key).digest()).decode()


def read_authority(folder: Path) -> Authority:
    """The authority of a configuration folder; made where there is none.

    Raises:
        UsageError: If it cannot be made or read.
    """
    from mitmproxy import certs

    path = folder / f"{_NAME}-ca-cert.pem"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        certs.CertStore.from_store(folder, _NAME, _KEY_BITS)
        return Authority(path, x509.load_pem_x509_certificate(path.read_bytes()))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(
            _("the certificate authority in {path} cannot be used: {why}; --confdir chooses another folder").format(
                path=folder, why=why
            )
        ) from error
