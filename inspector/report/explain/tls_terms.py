"""Terms of TLS: the messages of its handshake, its extensions, keys and certificates."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.report.explain.explanation import Explanation, Kind
from inspector.report.explain.glossary import entry

__all__ = ["tls_terms"]

_TLS = "RFC 8446"
_OLD = "RFC 5246"

_IDEAS = (
    entry(Kind.IDEA, "TLS", N_("TLS, encryption of a connection"),
        N_("Lies between TCP and the application: nobody on the way can read or change what is sent, and the certificate shows "
            "who the server is. Addresses, ports, sizes, times and mostly the server's name stay visible. SSL is its old name."),
        ((_TLS, "1"),), filter="tls", names=("SSL", "TLS 1.3", "TLS 1.2", "TLSv1.3", "TLSv1.2", "tls1.3", "tls1.2", "encryption",
            "암호화"), also=("tls_record", "TLS handshake", "key log")),
    entry(Kind.IDEA, "SNI", N_("SNI, the server's name"),
        N_("The name of the host that the client wants, in clear text in its first message, so that a server with many "
            "certificates can choose."), (("RFC 6066", "3"),), where=N_("Extension 0 of the ClientHello."),
        filter="tls.handshake.extensions_server_name", names=("server name indication", "server_name"), also=("ClientHello",
            "unrecognized_name", "Certificate")),
    entry(Kind.IDEA, "ALPN", N_("ALPN, the protocol inside"),
        N_("The client lists the protocols that it would speak inside (h2, http/1.1), the server chooses one. A WebSocket over "
            "HTTP/1.1 needs http/1.1 here."), (("RFC 7301", "3.1"),),
        where=N_("Extension 16 of the ClientHello, and of the answer."), filter="tls.handshake.extensions_alpn_str",
            names=("application layer protocol negotiation",), also=("HTTP/2", "no_application_protocol")),
    entry(Kind.IDEA, "cipher suite", N_("cipher suite"),
        N_("The set of algorithms. TLS_AES_128_GCM_SHA256: encryption with AES in GCM mode, keys derived with SHA-256. Names of "
            "TLS 1.2 also say how keys are agreed (ECDHE) and what the certificate is signed with (RSA)."),
        ((_TLS, "4.1.1"), (_OLD, "A.5")), filter="tls.handshake.ciphersuite", names=("TLS_AES_128_GCM_SHA256", "AES", "AES-GCM",
            "AEAD", "cipher", "암호 스위트", "암호화 스위트"), also=("ServerHello", "key exchange")),
    entry(Kind.IDEA, "key exchange", N_("key exchange and forward secrecy"),
        N_("Both sides send half of a Diffie-Hellman pair made for this one connection (ECDHE) and work out the same secret, "
            "which never travels. So recordings stay closed even if the server's key is stolen later: forward secrecy."),
        ((_TLS, "4.2.8"), (_TLS, "2.2")), filter="tls.handshake.extensions_key_share_group", names=("Diffie-Hellman", "ECDHE",
            "DHE", "forward secrecy", "perfect forward secrecy", "PFS", "key_share", "키 교환"), also=("cipher suite", "key log")),
    entry(Kind.IDEA, "session resumption", N_("session resumption, 0-RTT"),
        N_("A client that has been here shows a ticket (PSK) in place of a new exchange of certificates. With 0-RTT it sends its "
            "first request along, which somebody may repeat."), ((_TLS, "2.2"), (_TLS, "2.3")),
        filter="tls.handshake.type == 4", names=("resumption", "0-RTT", "early data", "PSK", "pre_shared_key", "session ticket",
            "세션 재개"), also=("NewSessionTicket",)),
    entry(Kind.IDEA, "certificate", N_("certificate"),
        N_("Says that a public key belongs to a name, from when to when, and is signed by an issuer, whose certificate is signed "
            "by another one, up to one that the client trusts."), (("RFC 5280", "4.1"),),
        why=N_("Most failed handshakes come from it: expired, for another name, or an issuer that is not trusted."),
            filter="tls.handshake.certificate", names=("X.509", "CA", "certificate chain", "OCSP", "인증서"), also=("L3",
            "bad_certificate", "unknown_ca")),
    entry(Kind.IDEA, "client certificate", N_("client certificate (mTLS)"),
        N_("The server asks the client to show a certificate, too (CertificateRequest)."), ((_TLS, "4.3.2"),),
            filter="tls.handshake.type == 13", names=("mTLS", "mutual TLS"), also=("certificate_required", "Certificate")),
    entry(Kind.IDEA, "key log", N_("key log"),
        N_("A text file into which a client or server writes the secrets of its connections, when SSLKEYLOGFILE names one: with "
            "it Wireshark and Inspector (--keys) decrypt a capture."), (("draft-ietf-tls-keylogfile", ""),),
        names=("SSLKEYLOGFILE", "keylog", "pre-master secret", "키 로그"), also=("done", "no_keys", "pcapng")),
    entry(Kind.IDEA, "JA3", N_("JA3 and JA4, fingerprints of a client"),
        N_("A short sum over what a ClientHello offers: versions, cipher suites, extensions. The same program has the same one on "
            "every machine, "
            "so it tells which program is calling, whatever User-Agent says. JA4 sorts the parts first, since browsers shuffle "
                "their extensions."), (),
        names=("JA4", "TLS fingerprint"), also=("ClientHello", "User-Agent")),
    entry(Kind.IDEA, "supported_versions", N_("versions of TLS"),
        N_("A ClientHello of TLS 1.3 still says 1.2 in its old field, and lists what it really speaks in the extension "
            "supported_versions; the ServerHello chooses there."), ((_TLS, "4.2.1"),),
        filter="tls.handshake.extensions.supported_version", names=("TLS version", "legacy_version"), also=("protocol_version",
            "tls.record.version")),
)  # fmt: skip

_MESSAGES: dict[str, tuple[int | None, str, str, str]] = {
    "HelloRequest": (0, N_("The server asks the client to negotiate again (TLS 1.2 and before)."), _OLD, "7.4.1.1"),
    "ClientHello": (1, N_("The first message: versions, cipher suites, random bytes and extensions that the client offers, among "
        "them the server's name (SNI), protocols (ALPN) and its half of the keys."), _TLS, "4.1.2"),
    "ServerHello": (2, N_("The server's choice: version, cipher suite, its half of the keys. In TLS 1.3 all that follows is "
        "encrypted."), _TLS, "4.1.3"),
    "HelloRetryRequest": (None, N_("A ServerHello with a fixed random value: the client shall come again with another key share. "
        "It costs a round trip."), _TLS, "4.1.4"),
    "NewSessionTicket": (4, N_("A ticket with which the client can come back faster."), _TLS, "4.6.1"),
    "EndOfEarlyData": (5, N_("The end of the data that the client sent ahead (0-RTT)."), _TLS, "4.5"),
    "EncryptedExtensions": (8, N_("The server's answers to extensions, as the protocol chosen by ALPN."), _TLS, "4.3.1"),
    "Certificate": (11, N_("The certificate of the sender and those of its issuers. Readable up to TLS 1.2, encrypted in TLS "
        "1.3."), _TLS, "4.4.2"),
    "ServerKeyExchange": (12, N_("The server's half of the keys, signed with its certificate's key (TLS 1.2 and before)."), _OLD,
        "7.4.3"),
    "CertificateRequest": (13, N_("The server wants a certificate of the client."), _TLS, "4.3.2"),
    "ServerHelloDone": (14, N_("The server has said all, it is the client's turn (TLS 1.2 and before)."), _OLD, "7.4.5"),
    "CertificateVerify": (15, N_("A signature over the handshake so far: proof that the sender has the key of its certificate."),
        _TLS, "4.4.3"),
    "ClientKeyExchange": (16, N_("The client's half of the keys (TLS 1.2 and before)."), _OLD, "7.4.7"),
    "Finished": (20, N_("A checksum under the new keys over the whole handshake: nobody changed it on the way. Encrypted itself; "
        "Wireshark calls it Encrypted Handshake Message without the keys."), _TLS, "4.4.4"),
    "KeyUpdate": (24, N_("From now on the sender uses new keys."), _TLS, "4.6.3"),
}  # fmt: skip
"""Handshake type (None where it shares one), what it says, where that is written."""
_WHERE = N_("In a record of type 22; its first byte is the type of the message, the next three its length.")
_CHANGE = entry(
    Kind.TLS_MESSAGE,
    "ChangeCipherSpec",
    "ChangeCipherSpec",
    N_(
        "One byte, 1: what comes after it is encrypted (TLS 1.2). In TLS 1.3 it means nothing and is there for old boxes on the way."
    ),
    ((_OLD, "7.1"), (_TLS, "D.4")),
    where=N_("A record type of its own: 20."),
    filter="tls.change_cipher_spec",
    names=("change_cipher_spec", "Change Cipher Spec", "CCS"),
    also=("TLS handshake",),
)


def tls_terms() -> list[Explanation]:
    """Everything of TLS that has no declared field, but its alerts."""
    return [*_IDEAS, *map(_message, _MESSAGES), _CHANGE]


def _message(name: str) -> Explanation:
    number, what, document, section = _MESSAGES[name]
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in name).strip()
    return entry(
        Kind.TLS_MESSAGE,
        name,
        name,
        what,
        ((document, section),),
        where=_WHERE,
        filter=f"tls.handshake.type == {2 if number is None else number}",
        names=(words,) if number is None else (words, f"tls.handshake.type={number}"),
        also=("TLS handshake",),
    )
