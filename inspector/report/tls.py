"""TLS connections for people and programs."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from inspector.i18n import _
from inspector.model.anomaly import Anomaly
from inspector.model.certificate import Certificate
from inspector.model.endpoint import Endpoint
from inspector.model.tls import ALERTS, VERSIONS, Decryption
from inspector.recording.tls_connections import SeenAlert, TlsSession
from inspector.report.clean import clean
from inspector.wire.tls import TlsConnection
from inspector.wire.tls.hello import ja3, ja4
from inspector.wire.tls.suites import suite_name

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["agreed_text", "session_json", "session_text"]

# Any: JSON.
Json = dict[str, Any]
_SHOWN_NAMES = 5
"""Alternative names shown of a certificate; --json has all of them."""


def session_json(capture: Capture, session: TlsSession) -> Json:
    """A TLS connection as JSON-ready values; docs/tls.md describes every key."""
    tls = session.tls
    hello = tls.client_hellos[0] if tls.client_hellos else None
    answer = tls.server_hellos[-1] if tls.server_hellos else None
    client, server = _ends(capture, session)
    return {
        "connection": session.connection,
        "tunnel": session.tunnel,
        "client": str(client),
        "server": str(server),
        "client_hello_packet": session.hello_packet,
        "server_hello_packet": session.answer_packet,
        "time_ns": session.time_ns,
        "server_name": tls.server_name,
        "version": None if tls.version is None else _version(tls.version),
        "cipher_suite": None if answer is None else suite_name(answer.cipher_suite),
        "cipher_suite_number": None if answer is None else answer.cipher_suite,
        "alpn": tls.alpn,
        "offered": None
        if hello is None
        else {
            "versions": [_version(v) for v in hello.versions or (hello.version,)],
            "cipher_suites": [suite_name(number) for number in hello.cipher_suites],
            "alpn": list(hello.alpn),
            "early_data": hello.early_data,
        },
        "ja3": None if hello is None else ja3(hello),
        "ja4": None if hello is None else ja4(hello),
        "certificates": [_certificate_json(one) for one in session.certificates],
        "client_certificates": [_certificate_json(one) for one in session.client_certificates],
        "certificate_packet": session.certificate_packet,
        "alerts": [_alert_json(seen) for seen in session.alerts],
        "decryption": tls.decryption.value,
        "anomalies": [{"direction": side, **_anomaly_json(anomaly)} for side, anomaly in session.anomalies],
    }


def _certificate_json(one: Certificate) -> Json:
    return {
        "subject": one.subject,
        "issuer": one.issuer,
        "serial": one.serial,
        "names": list(one.names),
        "not_before": _date(one.not_before_ns),
        "not_after": _date(one.not_after_ns),
        "key": one.key,
        "signature": one.signature,
        "self_issued": one.self_issued,
        "is_ca": one.is_ca,
        "sha256": one.sha256,
        "bytes": len(one.der),
        "problem": one.problem,
    }


def _alert_json(seen: SeenAlert) -> Json:
    alert = seen.alert
    return {
        "direction": "client" if alert.from_client else "server",
        "packet": seen.packet,
        "level": "fatal" if alert.fatal else "warning",
        "description": ALERTS.get(alert.description, str(alert.description)),
        "number": alert.description,
        "encrypted": alert.protected,
    }


def _alert_name(number: int) -> str:
    name = ALERTS.get(number, str(number))
    said = _(name)
    return name.replace("_", " ") if said == name else said


def _anomaly_json(anomaly: Anomaly) -> Json:
    return {
        "code": anomaly.code,
        "bytes": [anomaly.start, anomaly.end],
        "ref": str(anomaly.ref),
        "detail": anomaly.detail,
    }


def session_text(capture: Capture, session: TlsSession) -> str:
    """A TLS connection: who and what was agreed on one line, then what else is known of it."""
    client, server = _ends(capture, session)
    lines = [f"#{session.connection}  {client} > {server}  {agreed_text(session.tls)}"]
    if session.tunnel:
        lines[0] += "  " + _("(in a CONNECT tunnel)")
    for number, one in enumerate(session.certificates, 1):
        lines.append("   " + _("certificate {number}: {text}").format(number=number, text=_certificate_text(one)))
    for number, one in enumerate(session.client_certificates, 1):
        text = _certificate_text(one)
        lines.append("   " + _("certificate {number} of the client: {text}").format(number=number, text=text))
    if session.tls.client_hellos:
        hello = session.tls.client_hellos[0]
        lines.append(f"   JA3 {ja3(hello)}  JA4 {clean(ja4(hello))}")
    for seen in session.alerts:
        side = _("client") if seen.alert.from_client else _("server")
        level = _("fatal") if seen.alert.fatal else _("warning")
        told = _("alert of the {side} in packet {packet}: {description} ({level})")
        lines.append(
            "   "
            + told.format(
                side=side, packet=seen.packet or "?", description=_alert_name(seen.alert.description), level=level
            )
        )
    for side, anomaly in session.anomalies:
        detail = f" {clean(anomaly.detail)}" if anomaly.detail else ""
        lines.append(f"   ! {_(side)} {anomaly.code}{detail} ({anomaly.ref})")
    return "\n".join(lines)


def agreed_text(tls: TlsConnection) -> str:
    """Server name, version, cipher suite, application protocol and whether it was decrypted, or why not."""
    parts = [clean(tls.server_name) if tls.server_name is not None else _("(no server name)")]
    answers = [hello for hello in tls.server_hellos if not hello.retry]
    if answers:
        parts += [_version(answers[0].version), suite_name(answers[0].cipher_suite)]
    elif tls.client_hellos:
        parts.append(_("(no ServerHello)"))
    if tls.alpn is not None:
        parts.append(clean(tls.alpn))
    parts.append(_decryption(tls.decryption))
    return "  ".join(parts)


def _decryption(what: Decryption) -> str:
    return {
        Decryption.NOT_NEEDED: _("nothing encrypted was seen"),
        Decryption.DONE: _("decrypted"),
        Decryption.NO_KEYS: _("not decrypted: no secret for this connection was given"),
        Decryption.WRONG_KEYS: _("not decrypted: the secret does not fit"),
        Decryption.UNSUPPORTED: _("not decrypted: this version or cipher suite is not supported"),
        Decryption.PARTIAL: _("decrypted in part"),
        Decryption.NO_HANDSHAKE: _("not decrypted: the handshake was not captured"),
    }[what]


def _certificate_text(one: Certificate) -> str:
    parts = [clean(one.subject) or one.sha256]
    names = [name for name in one.names if f"CN={name}" not in one.subject.split(",")]
    if names:
        more = f" … {len(names) - _SHOWN_NAMES}" if len(names) > _SHOWN_NAMES else ""
        parts.append(_("for {names}").format(names=clean(", ".join(names[:_SHOWN_NAMES])) + more))
    parts.append(_("by itself") if one.self_issued else _("by {issuer}").format(issuer=clean(one.issuer) or "?"))
    begin, end = (_date(moment) for moment in (one.not_before_ns, one.not_after_ns))
    parts.append(_("from {begin} to {end}").format(begin=(begin or "?")[:10], end=(end or "?")[:10]))
    if one.key is not None:
        parts.append(one.key)
    return ", ".join(parts)


def _version(number: int) -> str:
    return VERSIONS.get(number, f"0x{number:04x}")


def _date(time_ns: int | None) -> str | None:
    """ISO 8601, UTC."""
    if time_ns is None:
        return None
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=time_ns // 10**9)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _ends(capture: Capture, session: TlsSession) -> tuple[Endpoint, Endpoint]:
    """Client and server, as the TLS conversation tells them apart."""
    row = capture.connections[session.connection]
    ends = row.client, row.server
    return ends if row.client_side == session.client_side else ends[::-1]
