"""ClientHello and ServerHello (RFC 8446 section 4.1), and the fingerprints JA3 and JA4."""

from __future__ import annotations

import hashlib

from inspector.model.tls import ClientHello, ServerHello

__all__ = ["ja3", "ja4", "parse_client_hello", "parse_encrypted_extensions", "parse_server_hello"]

# SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3).
_RETRY_RANDOM = hashlib.sha256(b"HelloRetryRequest").digest()

_SERVER_NAME, _GROUPS, _POINT_FORMATS, _SIGNATURES, _ALPN = 0, 10, 11, 13, 16
_ENCRYPT_THEN_MAC, _EARLY_DATA, _VERSIONS = 22, 42, 43


class _Reader:
    """Reads lengths and vectors; at the end of the bytes it gives zeros and empty vectors."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        part = self._data[self.at : self.at + size]
        self.at += size
        return part

    def vector(self, length_size: int) -> bytes:
        return self.take(self.number(length_size))

    @property
    def left(self) -> int:
        return len(self._data) - self.at


def _numbers(data: bytes, size: int = 2) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[at : at + size], "big") for at in range(0, len(data) - size + 1, size))


def _extensions(reader: _Reader) -> list[tuple[int, bytes]]:
    inner = _Reader(reader.vector(2))
    found = []
    while inner.left >= 4:
        kind = inner.number(2)
        found.append((kind, inner.vector(2)))
    return found


def parse_client_hello(body: bytes, start: int) -> ClientHello:
    """Read the body of a ClientHello; what is cut off is empty."""
    reader = _Reader(body)
    version, random, session_id = reader.number(2), reader.take(32), reader.vector(1)
    suites = _numbers(reader.vector(2))
    reader.vector(1)
    extensions = _extensions(reader)
    by_kind = dict(extensions)
    return ClientHello(
        start=start,
        version=version,
        random=random,
        session_id=session_id,
        cipher_suites=suites,
        extensions=tuple(kind for kind, _ in extensions),
        versions=_numbers(by_kind.get(_VERSIONS, b"")[1:]),
        groups=_numbers(by_kind.get(_GROUPS, b"")[2:]),
        point_formats=_numbers(by_kind.get(_POINT_FORMATS, b"")[1:], 1),
        signature_algorithms=_numbers(by_kind.get(_SIGNATURES, b"")[2:]),
        server_name=_server_name(by_kind.get(_SERVER_NAME, b"")),
        alpn=_alpn(by_kind.get(_ALPN, b"")),
        early_data=_EARLY_DATA in by_kind,
    )


def _server_name(data: bytes) -> str | None:
    reader = _Reader(data)
    reader.number(2)
    if reader.left < 3 or reader.number(1) != 0:
        return None
    return reader.vector(2).decode("ascii", "backslashreplace")


def _alpn(data: bytes) -> tuple[str, ...]:
    reader = _Reader(data)
    reader.number(2)
    names = []
    while reader.left > 0:
        names.append(reader.vector(1).decode("ascii", "backslashreplace"))
    return tuple(names)


def parse_server_hello(body: bytes, start: int) -> ServerHello:
    """Read the body of a ServerHello; what is cut off is empty."""
    reader = _Reader(body)
    version, random, session_id = reader.number(2), reader.take(32), reader.vector(1)
    suite = reader.number(2)
    reader.number(1)
    extensions = _extensions(reader)
    by_kind = dict(extensions)
    chosen = by_kind.get(_VERSIONS, b"")
    protocols = _alpn(by_kind.get(_ALPN, b""))
    return ServerHello(
        start=start,
        version=int.from_bytes(chosen, "big") if len(chosen) == 2 else version,
        random=random,
        session_id=session_id,
        cipher_suite=suite,
        extensions=tuple(kind for kind, _ in extensions),
        alpn=protocols[0] if protocols else None,
        retry=random == _RETRY_RANDOM,
        encrypt_then_mac=_ENCRYPT_THEN_MAC in by_kind,
    )


def parse_encrypted_extensions(body: bytes) -> str | None:
    """The application protocol that a TLS 1.3 server chose (RFC 8446 section 4.3.1), None when it names none."""
    protocols = _alpn(dict(_extensions(_Reader(body))).get(_ALPN, b""))
    return protocols[0] if protocols else None


def _is_grease(number: int) -> bool:
    """Values that clients add to keep servers tolerant (RFC 8701)."""
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


def ja3(hello: ClientHello) -> str:
    """The JA3 fingerprint: MD5 over version, suites, extensions, groups and point formats in the order sent."""
    parts = [
        str(hello.version),
        *(
            "-".join(str(number) for number in numbers if not _is_grease(number))
            for numbers in (hello.cipher_suites, hello.extensions, hello.groups, hello.point_formats)
        ),
    ]
    return hashlib.md5(",".join(parts).encode("ascii"), usedforsecurity=False).hexdigest()


def ja4(hello: ClientHello) -> str:
    """The JA4 fingerprint of a client over TCP: readable counts, then hashes of sorted suites and extensions."""
    version = max((v for v in hello.versions if not _is_grease(v)), default=hello.version)
    number = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"}.get(version, "00")
    suites = [f"{n:04x}" for n in hello.cipher_suites if not _is_grease(n)]
    kinds = [n for n in hello.extensions if not _is_grease(n)]
    first = hello.alpn[0] if hello.alpn else "00"
    ends = first[0] + first[-1] if first.isascii() and first[0].isalnum() and first[-1].isalnum() else _hex_ends(first)
    head = f"t{number}{'d' if hello.server_name is not None else 'i'}{min(len(suites), 99):02}{min(len(kinds), 99):02}{ends}"
    hashed = sorted(f"{n:04x}" for n in kinds if n not in (_SERVER_NAME, _ALPN))
    text = ",".join(hashed)
    if hello.signature_algorithms:
        text += "_" + ",".join(f"{n:04x}" for n in hello.signature_algorithms)
    return f"{head}_{_short_hash(','.join(sorted(suites)))}_{_short_hash(text)}"


def _hex_ends(name: str) -> str:
    digits = name.encode("ascii", "backslashreplace").hex()
    return digits[0] + digits[-1]


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:12] if text else "0" * 12
