"""TLS secrets that a capture carries with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.recording.metadata import SecretKind
from inspector.wire.tls import KeyLog

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["secrets_inside"]


def secrets_inside(capture: Capture) -> KeyLog:
    """The secrets in a pcapng's Decryption Secrets Blocks, and of the key log file given beside the capture."""
    keys = KeyLog()
    for secret in capture.metadata.secrets:
        if secret.kind == SecretKind.TLS_KEY_LOG:
            keys.add(secret.data)
    return keys
