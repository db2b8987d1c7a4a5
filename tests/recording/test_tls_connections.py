"""TLS connections of captures: hellos, certificates and alerts as tshark has them, and what is wrong with certificates."""

from __future__ import annotations

import hashlib
import ssl
import time
from collections import Counter
from pathlib import Path

import inspector
from inspector.model.tls import Decryption
from inspector.recording.tls_connections import TlsSession, tls_sessions
from inspector.wire.tls.hello import ja3
from tests.packets import pcap
from tests.recording.against_tshark import compare, keys_of, tshark_values
from tests.recording.test_tls import _SAID, _segments
from tests.tls_session import talk

Facts = Counter[tuple[str, ...]]

_EXCEPTIONS: dict[str, tuple[Facts, Facts]] = {
    # The connection renegotiates and the server sends its certificate again; we keep the first chain.
    "tls12-renegotiation-keylog.pcapng": (
        Counter({
            ("0", "certificate", "5fea92719cb252ff514e6e8e163c0641dcd380eb5042694dc1550d3c1cce8026"): 1,
            ("0", "dns", "test.princeb612.pe"): 1,
        }),
        Counter(),
    ),
}  # fmt: skip
"""file: (only tshark has, only we have), each with its reason."""


def _of_tshark(path: Path) -> Facts:
    fields = [
        "tls.handshake.extensions_server_name", "tls.handshake.ja3", "tls.handshake.certificate",
        "tls.alert_message.desc", "x509ce.dNSName",
    ]  # fmt: skip
    facts: Facts = Counter()
    for stream, *columns in tshark_values(path, fields, "tls and tcp"):
        for kind, values in zip(("name", "ja3", "certificate", "alert", "dns"), columns, strict=True):
            for value in filter(None, values):
                told_value = value
                if kind == "certificate":
                    told_value = hashlib.sha256(bytes.fromhex(value.replace(":", ""))).hexdigest()
                facts[stream[0], kind, told_value] += 1
    return facts


def _of_ours(path: Path) -> Facts:
    facts: Facts = Counter()
    for session in tls_sessions(inspector.open(path, keys=keys_of(path))):
        stream = str(session.connection)
        for hello in session.tls.client_hellos:
            facts[stream, "ja3", ja3(hello)] += 1
            if hello.server_name is not None:
                facts[stream, "name", hello.server_name] += 1
        for one in session.certificates + session.client_certificates:
            facts[stream, "certificate", one.sha256] += 1
            for name in one.names:
                facts[stream, "dns", name] += 1
        for seen in session.alerts:
            facts[stream, "alert", str(seen.alert.description)] += 1
    return facts


def test_names_fingerprints_certificates_and_alerts_equal_tsharks(shared_captures: Path) -> None:
    differences, compared = compare(shared_captures, _of_tshark, _of_ours, _EXCEPTIONS)
    assert differences == {}
    assert compared > 50


def _session(folder: Path, *, time_shift_days: int = 0) -> TlsSession:
    session = talk(folder, ssl.TLSVersion.TLSv1_2, None, _SAID)
    path = folder / "tls.pcap"
    start_ns = time.time_ns() + time_shift_days * 86_400 * 10**9
    path.write_bytes(pcap(_segments(session.crossed, 700), start_ns=start_ns))
    [found] = tls_sessions(inspector.open(path))
    return found


def _codes(found: TlsSession) -> set[str]:
    return {anomaly.code for _, anomaly in found.anomalies}


def test_a_certificate_is_judged_at_the_time_of_its_packet(tmp_path: Path) -> None:
    # tests/certificates.py makes one that begins a day ago and lasts thirty days, for chat.example, by itself.
    assert _codes(_session(tmp_path)) == {"tls.certificate_self_issued"}
    assert "tls.certificate_expired" in _codes(_session(tmp_path, time_shift_days=31))
    assert "tls.certificate_not_yet_valid" in _codes(_session(tmp_path, time_shift_days=-2))


def test_tls_in_a_connect_tunnel(tmp_path: Path) -> None:
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, _SAID)
    opening = [
        (True, b"CONNECT chat.example:443 HTTP/1.1\r\nHost: chat.example:443\r\n\r\n"),
        (False, b"HTTP/1.1 200 OK\r\n\r\n"),
    ]
    path = tmp_path / "proxied.pcap"
    path.write_bytes(pcap(_segments(opening + session.crossed, 700)))
    (tmp_path / "keys").write_bytes(session.keys)
    [found] = tls_sessions(inspector.open(path, keys=tmp_path / "keys"))
    assert (found.tunnel, found.tls.server_name, found.tls.alpn) == (True, "chat.example", "http/1.1")
    assert (found.tls.decryption, found.hello_packet, len(found.certificates)) == (Decryption.DONE, 5, 1)


def test_what_was_agreed_on_and_where_it_was_said(tmp_path: Path) -> None:
    found = _session(tmp_path)
    [leaf] = found.certificates
    assert (leaf.subject, leaf.issuer, leaf.names, leaf.key) == (
        "CN=chat.example", "CN=chat.example", ("chat.example",), "RSA 2048"
    )  # fmt: skip
    assert (found.tls.server_name, found.tls.alpn, found.tls.decryption) == (
        "chat.example", "http/1.1", Decryption.NO_KEYS
    )  # fmt: skip
    assert found.hello_packet == 3
    assert found.answer_packet is not None and found.certificate_packet is not None
    assert found.hello_packet < found.answer_packet <= found.certificate_packet
