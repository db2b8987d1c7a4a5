"""Key derivation and record protection (RFC 5246 sections 5 and 6, RFC 8446 sections 5 and 7, RFC 7366)."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

from inspector.wire.tls.suites import Suite

__all__ = ["Aead13", "Protection", "Tls12Aead", "Tls12Cbc", "expand_label", "tls12_protection", "tls13_protection"]

_BLOCK = 16


class Protection:
    """Removes the protection of one direction's records.

    Attributes:
        sequence: Number of the next record.
        prefix: Bytes of a record's fragment before its first plain byte (explicit nonce or IV).
        overhead: Bytes of a fragment that are no plain bytes, as far as that is the same for all records.
    """

    prefix = 0
    overhead = 0

    def __init__(self) -> None:
        self.sequence = 0

    def open(self, kind: int, version: bytes, fragment: bytes, sequence: int) -> tuple[int, bytes] | None:
        """The content type and the plain bytes of a record, or None when the key does not fit.

        Args:
            kind, version: From the record's header.
            fragment: What follows it.
            sequence: Number of the record.
        """
        raise NotImplementedError


def _aead_of(suite: Suite, key: bytes) -> AESGCM | AESCCM | ChaCha20Poly1305:
    if suite.cipher == "gcm":
        return AESGCM(key)
    if suite.cipher == "ccm":
        return AESCCM(key, suite.tag_size)
    return ChaCha20Poly1305(key)


class Tls12Aead(Protection):
    """TLS 1.2 with AEAD: an explicit nonce in each record, but for ChaCha20 (RFC 5288, 6655, 7905)."""

    def __init__(self, suite: Suite, key: bytes, iv: bytes) -> None:
        super().__init__()
        self._aead = _aead_of(suite, key)
        self._iv = iv
        self.prefix = 0 if suite.cipher == "chacha" else 8
        self._tag = suite.tag_size
        self.overhead = self.prefix + self._tag

    def open(self, kind: int, version: bytes, fragment: bytes, sequence: int) -> tuple[int, bytes] | None:
        """See ``Protection.open``."""
        size = len(fragment) - self.prefix - self._tag
        if size < 0:
            return None
        number = sequence.to_bytes(8, "big")
        nonce = self._iv + fragment[:8] if self.prefix else _xor(self._iv, number)
        additional = number + bytes([kind]) + version + size.to_bytes(2, "big")
        try:
            return kind, self._aead.decrypt(nonce, fragment[self.prefix :], additional)
        except InvalidTag:
            return None


class Aead13(Protection):
    """TLS 1.3: the nonce is the IV and the record number, the true type ends the plain bytes (RFC 8446 section 5.2)."""

    def __init__(self, suite: Suite, secret: bytes) -> None:
        super().__init__()
        self.suite = suite
        self.secret = secret
        self.overhead = suite.tag_size + 1
        self._aead = _aead_of(suite, expand_label(suite.hash, secret, b"key", suite.key_size))
        self._iv = expand_label(suite.hash, secret, b"iv", 12)

    def next_generation(self) -> Aead13:
        """The keys after a KeyUpdate (RFC 8446 section 7.2)."""
        size = hashlib.new(self.suite.hash).digest_size
        return Aead13(self.suite, expand_label(self.suite.hash, self.secret, b"traffic upd", size))

    def open(self, kind: int, version: bytes, fragment: bytes, sequence: int) -> tuple[int, bytes] | None:
        """See ``Protection.open``."""
        additional = bytes([kind]) + version + len(fragment).to_bytes(2, "big")
        try:
            inner = self._aead.decrypt(_xor(self._iv, sequence.to_bytes(8, "big")), fragment, additional)
        except (InvalidTag, ValueError):
            return None
        content = inner.rstrip(b"\0")
        return (content[-1], content[:-1]) if content else None


class Tls12Cbc(Protection):
    """TLS 1.1 and 1.2 with CBC: an explicit IV, MAC then padding, or padding then MAC where RFC 7366 was agreed."""

    prefix = _BLOCK

    def __init__(self, suite: Suite, key: bytes, mac_key: bytes, encrypt_then_mac: bool) -> None:
        super().__init__()
        self._key = algorithms.AES(key)
        self._mac_key = mac_key
        self._mac = suite.mac or "sha1"
        self._mac_size = hashlib.new(self._mac).digest_size
        self._encrypt_then_mac = encrypt_then_mac

    def open(self, kind: int, version: bytes, fragment: bytes, sequence: int) -> tuple[int, bytes] | None:
        """See ``Protection.open``."""
        head = sequence.to_bytes(8, "big") + bytes([kind]) + version
        if self._encrypt_then_mac:
            fragment, tag = fragment[: -self._mac_size], fragment[-self._mac_size :]
            if not self._matches(head, fragment, tag):
                return None
        if len(fragment) < 2 * _BLOCK or len(fragment) % _BLOCK:
            return None
        decryptor = Cipher(self._key, modes.CBC(fragment[:_BLOCK])).decryptor()
        plain = decryptor.update(fragment[_BLOCK:]) + decryptor.finalize()
        padding = plain[-1] + 1
        if padding > len(plain) or plain[-padding:] != bytes([plain[-1]]) * padding:
            return None
        plain = plain[:-padding]
        if self._encrypt_then_mac:
            return kind, plain
        content, tag = plain[: -self._mac_size], plain[-self._mac_size :]
        return (kind, content) if self._matches(head, content, tag) else None

    def _matches(self, head: bytes, content: bytes, tag: bytes) -> bool:
        expected = hmac.digest(self._mac_key, head + len(content).to_bytes(2, "big") + content, self._mac)
        return hmac.compare_digest(expected, tag)


def tls12_protection(
    suite: Suite, master: bytes, client_random: bytes, server_random: bytes, from_client: bool, encrypt_then_mac: bool
) -> Protection:
    """One direction's protection out of the master secret (RFC 5246 section 6.3)."""
    mac_size = hashlib.new(suite.mac).digest_size if suite.mac else 0
    iv_size = {"gcm": 4, "ccm": 4, "chacha": 12, "cbc": 0}[suite.cipher]
    block = _prf(
        suite.hash, master, b"key expansion", server_random + client_random, 2 * (mac_size + suite.key_size + iv_size)
    )
    parts = []
    for size in (mac_size, suite.key_size, iv_size):
        parts.append((block[:size], block[size : 2 * size]))
        block = block[2 * size :]
    mac_key, key, iv = (pair[0 if from_client else 1] for pair in parts)
    if suite.cipher == "cbc":
        return Tls12Cbc(suite, key, mac_key, encrypt_then_mac)
    return Tls12Aead(suite, key, iv)


def tls13_protection(suite: Suite, secret: bytes) -> Aead13:
    """One direction's protection out of a traffic secret."""
    return Aead13(suite, secret)


def expand_label(hash_name: str, secret: bytes, label: bytes, size: int) -> bytes:
    """HKDF-Expand-Label with an empty context (RFC 8446 section 7.1)."""
    name = b"tls13 " + label
    info = size.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0"
    output, block, number = b"", b"", 1
    while len(output) < size:
        block = hmac.digest(secret, block + info + bytes([number]), hash_name)
        output += block
        number += 1
    return output[:size]


def _prf(hash_name: str, secret: bytes, label: bytes, seed: bytes, size: int) -> bytes:
    """P_hash of TLS 1.2 (RFC 5246 section 5)."""
    seed = label + seed
    output, a = b"", seed
    while len(output) < size:
        a = hmac.digest(secret, a, hash_name)
        output += hmac.digest(secret, a + seed, hash_name)
    return output[:size]


def _xor(iv: bytes, number: bytes) -> bytes:
    return (int.from_bytes(iv, "big") ^ int.from_bytes(number, "big")).to_bytes(len(iv), "big")
