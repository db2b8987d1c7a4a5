"""L2: a TLS handshake ended without a word."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.recording.tls_connections import TlsSession
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_WAITED_NS = 1_000_000_000
_BEGINNING = 1 << 16
"""Bytes of the client in which the end of its handshake is looked for; a hello has 16 kB at most."""
_HEADER, _CHANGE_CIPHER_SPEC, _APPLICATION_DATA = 5, 20, 23
_ALERT_SIZE = 19
"""An alert of two bytes, its type and a tag of 16 in TLS 1.3; the smallest Finished has 53."""
_WHY = {
    "objected": N_("The keys of the session (SSLKEYLOGFILE) would show which alert it is; mostly the certificate."),
    "left": N_("The client's own log would tell whether it refused the certificate or was cancelled."),
}
_SENTENCES = {
    "not_tls": N_("The ClientHello was answered with something that is no TLS"),
    "closed": N_("The connection was ended after the ClientHello without an answer, by the {side}"),
    "objected": N_("The {side} ended the handshake with an encrypted record as large as an alert"),
    "left": N_("The {side} ended the connection in the middle of the handshake, after the server's answer"),
    "no_answer": N_("The ClientHello got no answer for {seconds} s"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    for session in facts.tls_sessions:
        if session.hello_packet is None or session.tls.alerts or session.tunnel:
            continue
        start = int(facts.time_ns[session.hello_packet - 1])
        found = _how(facts, session, start)
        if found is None:
            continue
        reason, side, packet = found
        row = facts.table[session.connection]
        if reason in _WHY:
            yield RULE.undecidable(
                Evidence(session.hello_packet, note=Text("ClientHello")),
                Evidence(packet, note=Text(N_("what came of it"))),
                connections=(session.connection,), time_ns=start, reason=reason, side=Side.UNKNOWN,
                why=Text(_WHY[reason]), fact=told(_SENTENCES[reason], side=side.word),
            )  # fmt: skip
            continue
        yield RULE.fail(
            Evidence(session.hello_packet, note=Text("ClientHello")),
            Evidence(packet, note=Text(N_("what came of it"))),
            connections=(session.connection,),
            time_ns=start,
            reason=reason,
            side=side,
            confidence=Confidence.CERTAIN if reason == "not_tls" else Confidence.LIKELY,
            fact=told(
                _SENTENCES[reason], side=side.word, seconds=round((row.start_ns + row.duration_ns - start) / 1e9, 1)
            ),
        )


def _how(facts: Facts, session: TlsSession, asked_ns: int) -> tuple[str, Side, int] | None:
    """Reason, side and packet; None when the capture ended too early or lost the answer."""
    row = facts.table[session.connection]
    stream = facts.capture.stream(session.connection, 1 - session.client_side)
    answer = stream.read(0, 3)
    if answer and not (answer[0] in range(20, 25) and answer[1:2] in (b"", b"\x03")):
        return "not_tls", Side.SERVER, stream.packets_of(0, 3)[0]
    if stream.end:
        return _midway(facts, session)
    if row.unseen.server:
        return None
    if row.end_packet is not None:
        return "closed", Side.CLIENT if row.ended_by == "client" else Side.SERVER, row.end_packet
    waited = row.start_ns + row.duration_ns - asked_ns
    return ("no_answer", Side.SERVER, row.last_packet) if waited >= _WAITED_NS else None


def _midway(facts: Facts, session: TlsSession) -> tuple[str, Side, int] | None:
    """What the client did when it had the server's answer; None when it went on, or when it can be read."""
    row = facts.table[session.connection]
    if session.answer_packet is None or row.end_packet is None or row.missing.client or row.unseen.client:
        return None
    stream = facts.capture.stream(session.connection, session.client_side)
    said = [(kind, size) for kind, size in _records(stream.read(0, _BEGINNING)) if kind != _CHANGE_CIPHER_SPEC]
    after = said[len(session.tls.client_hellos) :]
    if [(kind, size) for kind, size in after] == [(_APPLICATION_DATA, _ALERT_SIZE)]:
        return "objected", Side.CLIENT, stream.packets_of(stream.end - 1, stream.end)[0]
    return ("left", Side.CLIENT, row.end_packet) if not after and row.ended_by == "client" else None


def _records(data: bytes) -> Iterator[tuple[int, int]]:
    """Type and length of each record at the beginning of a stream."""
    at = 0
    while at + _HEADER <= len(data):
        size = int.from_bytes(data[at + 3 : at + _HEADER], "big")
        yield data[at], size
        at += _HEADER + size


RULE = Rule(
    id="L2",
    title_fail=N_("A TLS handshake ended without a word"),
    title_pass=N_("Every TLS handshake was answered"),
    why=N_("The port speaks something else, or a middlebox or overloaded server drops the hello."),
    next_step=N_("Try the port with and without TLS; look for inspection devices; compare hellos that pass."),
    refute=N_("An answer that the capture lost."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 8446", "4"),),
    needs=(Need.TLS, Need.BOTH_DIRECTIONS),
    explains=("R1", "R2"),
    thresholds=(Threshold("WAITED", _WAITED_NS / 1e9, "s", N_("A hello is answered within a round trip.")),),
    judge=_judge,
)
