"""The TLS connections of a capture: who, what was agreed on, certificates, alerts, and what could be decrypted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.model.anomaly import Anomaly
from inspector.model.certificate import Certificate
from inspector.model.tls import Alert
from inspector.recording.application import Application, Applications
from inspector.recording.derived import ByteStream, Tail
from inspector.recording.exchanges import decode_http1
from inspector.recording.secrets import secrets_inside
from inspector.wire.tls import TlsConnection

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["SeenAlert", "TlsSession", "tls_sessions"]


@dataclass(frozen=True, slots=True)
class SeenAlert:
    """An alert with the packet that carried it."""

    alert: Alert
    packet: int | None


@dataclass(frozen=True, slots=True)
class TlsSession:
    """One TLS connection.

    Args:
        connection: Number of the TCP connection.
        tunnel: It is inside a CONNECT tunnel.
        client_side: The endpoint of the flow that is the client (0 = A, 1 = B).
        tls: What was decoded.
        hello_packet, answer_packet: Packets of ClientHello and ServerHello, None when unseen.
        time_ns: When the first of them was captured.
        certificates, client_certificates: As sent, leaf first; empty where they are not visible.
        certificate_packet: In which the server's began.
        alerts: In the order of packets.
        anomalies: What is wrong with the server's certificates, and what the decoder found: (sender, anomaly).
    """

    connection: int
    tunnel: bool
    client_side: int
    tls: TlsConnection
    hello_packet: int | None
    answer_packet: int | None
    time_ns: int | None
    certificates: tuple[Certificate, ...]
    client_certificates: tuple[Certificate, ...]
    certificate_packet: int | None
    alerts: tuple[SeenAlert, ...]
    anomalies: tuple[tuple[str, Anomaly], ...]


def tls_sessions(capture: Capture, connections: Iterable[int] | None = None) -> Iterator[TlsSession]:
    """Find TLS by its records, on any port and in CONNECT tunnels.

    Args:
        capture: Where; secrets inside it are tried.
        connections: Numbers of connections; all by default.

    Raises:
        UsageError: If there is no such connection.
    """
    applications = Applications(capture, secrets_inside(capture))
    for number in capture.talking if connections is None else connections:
        application = applications.of(number)
        if application.tls is not None:
            side = application.client_side
            ends = capture.stream(number, side), capture.stream(number, 1 - side)
            yield _session(capture, application, application.tls, ends, tunnel=False)
        elif application.client.read(0, 8) == b"CONNECT ":
            yield from _tunnelled(capture, applications, application)


def _tunnelled(capture: Capture, applications: Applications, outer: Application) -> Iterator[TlsSession]:
    http = decode_http1(outer.client, outer.server)
    if http.switched is None or http.switched.status == 101 or not http.client.messages:
        return
    ends = Tail(outer.client, http.client.messages[-1].end), Tail(outer.server, http.switched.end)
    inner = applications.unwrap(Application(outer.connection, *ends, None, outer.client_side))
    if inner.tls is not None:
        yield _session(capture, inner, inner.tls, ends, tunnel=True)


def _session(
    capture: Capture,
    application: Application,
    tls: TlsConnection,
    ends: tuple[ByteStream, ByteStream],
    *,
    tunnel: bool,
) -> TlsSession:
    # Here: the cryptography package takes 50 ms to read its first certificate.
    from inspector.wire.tls.certificate import certificate_anomalies, read_certificate

    client, server = ends
    hello = client.packet_at(tls.client_hellos[0].start) if tls.client_hellos else None
    answer = server.packet_at(tls.server_hellos[-1].start) if tls.server_hellos else None
    start = tls.certificate_start
    sent = server.packet_at(start) if start is not None else None
    times = capture.packets.time_ns
    first = min((packet for packet in (hello, answer, sent) if packet), default=None)
    chain = tuple(read_certificate(der) for der in tls.certificates)
    when = int(times[sent - 1]) if sent else None
    wrong = certificate_anomalies(chain, tls.server_name, when, (start or 0, start or 0))
    alerts = [
        SeenAlert(alert, (client if alert.from_client else server).packet_at(alert.start)) for alert in tls.alerts
    ]
    return TlsSession(
        application.connection,
        tunnel,
        application.client_side,
        tls,
        hello,
        answer,
        int(times[first - 1]) if first else None,
        chain,
        tuple(read_certificate(der) for der in tls.client_certificates),
        sent,
        tuple(sorted(alerts, key=lambda seen: seen.packet or 0)),
        (
            *(("server", anomaly) for anomaly in wrong),
            *(("client" if from_client else "server", anomaly) for from_client, anomaly in tls.anomalies),
        ),
    )
