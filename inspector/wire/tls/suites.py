"""Cipher suites: their names, and what decrypting them takes (IANA, TLS Cipher Suites)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SUITES", "Suite", "suite_name"]


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher suite that can be decrypted.

    Args:
        name: IANA's.
        cipher: ``"gcm"``, ``"ccm"``, ``"chacha"`` or ``"cbc"``.
        key_size: Bytes of key.
        hash: Of PRF or HKDF (``"sha256"``, ``"sha384"``).
        tag_size: Bytes of an AEAD tag.
        mac: Hash of the record MAC, for CBC.
    """

    name: str
    cipher: str
    key_size: int
    hash: str
    tag_size: int = 16
    mac: str | None = None


def _aead(number: int, name: str) -> tuple[int, Suite]:
    cipher = "chacha" if "CHACHA20" in name else "ccm" if "CCM" in name else "gcm"
    key_size = 32 if cipher == "chacha" or "256_" in name else 16
    tag_size = 8 if name.endswith("CCM_8") or "CCM_8_" in name else 16
    return number, Suite(name, cipher, key_size, "sha384" if name.endswith("SHA384") else "sha256", tag_size)


def _cbc(number: int, name: str) -> tuple[int, Suite]:
    mac = {"SHA": "sha1", "SHA256": "sha256", "SHA384": "sha384"}[name.rsplit("_", 1)[1]]
    return number, Suite(
        name, "cbc", 32 if "AES_256" in name else 16, "sha384" if mac == "sha384" else "sha256", mac=mac
    )


SUITES: dict[int, Suite] = dict(
    [
        _aead(0x1301, "TLS_AES_128_GCM_SHA256"),
        _aead(0x1302, "TLS_AES_256_GCM_SHA384"),
        _aead(0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
        _aead(0x1304, "TLS_AES_128_CCM_SHA256"),
        _aead(0x1305, "TLS_AES_128_CCM_8_SHA256"),
        _aead(0x009C, "TLS_RSA_WITH_AES_128_GCM_SHA256"),
        _aead(0x009D, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
        _aead(0x009E, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
        _aead(0x009F, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"),
        _aead(0x00A8, "TLS_PSK_WITH_AES_128_GCM_SHA256"),
        _aead(0x00A9, "TLS_PSK_WITH_AES_256_GCM_SHA384"),
        _aead(0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
        _aead(0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        _aead(0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        _aead(0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
        _aead(0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        _aead(0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
        _aead(0xCCAA, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        _aead(0xC09C, "TLS_RSA_WITH_AES_128_CCM"),
        _aead(0xC09D, "TLS_RSA_WITH_AES_256_CCM"),
        _aead(0xC09E, "TLS_DHE_RSA_WITH_AES_128_CCM"),
        _aead(0xC09F, "TLS_DHE_RSA_WITH_AES_256_CCM"),
        _aead(0xC0A0, "TLS_RSA_WITH_AES_128_CCM_8"),
        _aead(0xC0A1, "TLS_RSA_WITH_AES_256_CCM_8"),
        _aead(0xC0AC, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"),
        _aead(0xC0AD, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM"),
        _aead(0xC0AE, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"),
        _aead(0xC0AF, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"),
        _cbc(0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA"),
        _cbc(0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
        _cbc(0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"),
        _cbc(0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"),
        _cbc(0x003C, "TLS_RSA_WITH_AES_128_CBC_SHA256"),
        _cbc(0x003D, "TLS_RSA_WITH_AES_256_CBC_SHA256"),
        _cbc(0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"),
        _cbc(0x006B, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"),
        _cbc(0xC009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
        _cbc(0xC00A, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
        _cbc(0xC013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        _cbc(0xC014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
        _cbc(0xC023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
        _cbc(0xC024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"),
        _cbc(0xC027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
        _cbc(0xC028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
    ]
)
"""Suites that can be decrypted, by number."""

_OTHER_NAMES = {
    0x0000: "TLS_NULL_WITH_NULL_NULL", 0x0004: "TLS_RSA_WITH_RC4_128_MD5", 0x0005: "TLS_RSA_WITH_RC4_128_SHA",
    0x000A: "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 0x0016: "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA",
    0x00FF: "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", 0x5600: "TLS_FALLBACK_SCSV",
    0xC007: "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", 0xC011: "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
    0xC012: "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
}  # fmt: skip


def suite_name(number: int) -> str:
    """IANA's name, or the number in hex where it is not in our tables."""
    suite = SUITES.get(number)
    return suite.name if suite else _OTHER_NAMES.get(number, f"0x{number:04x}")
