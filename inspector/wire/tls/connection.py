"""Both directions of a TLS connection: hellos, alerts, and the plain bytes where secrets allow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inspector.model.anomaly import Anomaly
from inspector.model.tls import Alert, ClientHello, Decryption, ServerHello
from inspector.refs import Ref
from inspector.wire.tls.crypto import Aead13, Protection, tls12_protection, tls13_protection
from inspector.wire.tls.hello import parse_client_hello, parse_encrypted_extensions, parse_server_hello
from inspector.wire.tls.keys import KeyLog
from inspector.wire.tls.records import Record, RecordReader
from inspector.wire.tls.suites import SUITES

__all__ = ["Plain", "TlsConnection"]

_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION_DATA = 20, 21, 22, 23
_CLIENT_HELLO, _SERVER_HELLO, _ENCRYPTED_EXTENSIONS, _CERTIFICATE, _FINISHED, _KEY_UPDATE = 1, 2, 8, 11, 20, 24
_TLS_1_3 = 0x0304
_HEADER = 5
_LONGEST_MESSAGE = 1 << 20
"""Bytes of one handshake message; certificate chains reach some tens of thousands."""
_MOST_WAITING = 4096
"""Records of the client kept until the server's hello tells how to read them."""
_MOST_TRIES = 1024
"""Record numbers tried after missing bytes."""
_SMALLEST_RECORD = 22
"""Bytes of a protected record with nothing in it: how many records fit into missing bytes at most."""
_MOST_CERTIFICATES = 64


@dataclass(frozen=True, slots=True)
class Plain:
    """Application bytes out of one record.

    Args:
        start: Position in the plain stream.
        data: The bytes.
        place: Position, in the stream of TLS bytes, of the byte that carried the first of them (one for one from there).
        lost_before: TLS bytes missing since the record before.
    """

    start: int
    data: bytes
    place: int
    lost_before: int = 0


class _Direction:
    """What one side has sent so far."""

    def __init__(self, from_client: bool) -> None:
        self.from_client = from_client
        self.reader = RecordReader()
        self.waiting: list[Record] = []
        self.protection: Protection | None = None
        self.protected = False
        self.unreadable = False
        self.handshake = bytearray()
        self.handshake_start = 0
        self.generation = 0
        self.plain_position = 0
        self.opened = 0
        self.lost = 0
        self.failed = 0


class TlsConnection:
    """Decodes both directions; feed each in order, in any portions.

    Args:
        keys: Secrets; may be empty.
        take: Called with each run of plain application bytes: (from client, plain).

    Attributes:
        client_hellos, server_hellos: In order; more than one after renegotiation or a HelloRetryRequest.
        certificates, client_certificates: DER, leaf first; empty where they are not visible.
        certificate_start: Position of the server's Certificate message, None when it was not seen.
        alerts: In the order of each direction.
        anomalies: (from client, anomaly).
        key_updates: How often each side (from client) took new keys after the handshake, in TLS 1.3.
    """

    def __init__(self, keys: KeyLog, take: Callable[[bool, Plain], None] = lambda from_client, plain: None) -> None:
        self.client_hellos: list[ClientHello] = []
        self.server_hellos: list[ServerHello] = []
        self.certificates: list[bytes] = []
        self.client_certificates: list[bytes] = []
        self.certificate_start: int | None = None
        self.alerts: list[Alert] = []
        self.anomalies: list[tuple[bool, Anomaly]] = []
        self.key_updates = {True: 0, False: 0}
        self._keys = keys
        self._take = take
        self._sides = {True: _Direction(True), False: _Direction(False)}
        self._problem: Decryption | None = None
        self._alpn: str | None = None

    # --- what is known ---------------------------------------------------------------------------------------------

    @property
    def version(self) -> int | None:
        """The version that was agreed, None before a ServerHello."""
        chosen = [hello for hello in self.server_hellos if not hello.retry]
        return chosen[0].version if chosen else None

    @property
    def server_name(self) -> str | None:
        """The name the client asked for."""
        return next((hello.server_name for hello in self.client_hellos if hello.server_name is not None), None)

    @property
    def alpn(self) -> str | None:
        """The application protocol that the server chose; in TLS 1.3 it is encrypted, so None without secrets."""
        return next((hello.alpn for hello in self._answers() if hello.alpn is not None), self._alpn)

    @property
    def decryption(self) -> Decryption:
        """What became of the protected records."""
        opened = sum(side.opened for side in self._sides.values())
        failed = sum(side.failed for side in self._sides.values())
        if opened:
            return Decryption.PARTIAL if failed else Decryption.DONE
        if self._problem is not None:
            return self._problem
        if failed:
            return Decryption.NO_HANDSHAKE
        return Decryption.NOT_NEEDED

    @property
    def waiting_for_server(self) -> bool:
        """Client records are kept until the server's hello is seen."""
        return bool(self._sides[True].waiting)

    def broken(self, from_client: bool) -> bool:
        """Whether this direction stopped being TLS."""
        return self._sides[from_client].reader.broken

    # --- feeding ---------------------------------------------------------------------------------------------------

    def feed(self, from_client: bool, data: bytes) -> None:
        """Take the next bytes of one direction."""
        side = self._sides[from_client]
        for record in side.reader.feed(data):
            self._record(side, record)

    def gap(self, from_client: bool, size: int) -> None:
        """``size`` bytes of one direction are missing here."""
        side = self._sides[from_client]
        side.reader.gap(size)
        side.handshake.clear()
        self._tell(side, "tls.bytes_missing", side.reader.position - size, side.reader.position, Ref("RFC 8446", "5.1"))

    def finish(self, from_client: bool) -> None:
        """One direction has ended: nothing more is waited for."""
        if not from_client:
            self._resume_client()

    def _record(self, side: _Direction, record: Record) -> None:
        if side.waiting or self._must_wait(side, record):
            if len(side.waiting) < _MOST_WAITING:
                side.waiting.append(record)
            return
        if record.lost_before:
            side.handshake.clear()
            side.lost += record.lost_before
        if record.kind == _CHANGE_CIPHER_SPEC:
            self._change_cipher_spec(side)
            return
        if self._is_protected(side, record):
            self._open(side, record)
        else:
            self._content(side, record.kind, record.fragment, record, False)

    def _must_wait(self, side: _Direction, record: Record) -> bool:
        """A client's protected record says nothing before the server's hello has chosen version and suite."""
        if not side.from_client or (record.kind == _HANDSHAKE and not side.protected):
            return False
        return len(self._rounds(self.client_hellos)) > len(self._answers()) and record.kind in (
            _APPLICATION_DATA,
            _CHANGE_CIPHER_SPEC,
        )

    def _resume_client(self) -> None:
        side = self._sides[True]
        waiting, side.waiting = side.waiting, []
        for record in waiting:
            self._record(side, record)

    # --- protection ------------------------------------------------------------------------------------------------

    def _is_protected(self, side: _Direction, record: Record) -> bool:
        # In TLS 1.3 the type of every protected record is application_data (RFC 8446 section 5.2): what says that it is
        # a handshake or an alert is in clear, as the client's second hello is.
        return record.kind == _APPLICATION_DATA or (side.protected and self.version != _TLS_1_3)

    def _answers(self) -> list[ServerHello]:
        return [hello for hello in self.server_hellos if not hello.retry]

    @staticmethod
    def _rounds(hellos: list[ClientHello]) -> list[ClientHello]:
        """One hello per handshake: the second after a HelloRetryRequest has the same random."""
        return list({hello.random: hello for hello in hellos}.values())

    def _change_cipher_spec(self, side: _Direction) -> None:
        """TLS up to 1.2: from here on the keys of this handshake protect the direction. In 1.3 it means nothing."""
        answers = self._answers()
        if side.generation >= len(answers) or answers[side.generation].version == _TLS_1_3:
            # After a HelloRetryRequest the server's hello is still to come, in clear (RFC 8446 appendix D.4).
            side.protected = side.protected or not self.server_hellos
            return
        side.protected = True
        side.handshake.clear()
        hellos = self._rounds(self.client_hellos)
        answer = answers[side.generation]
        hello = hellos[side.generation] if side.generation < len(hellos) else None
        side.generation += 1
        side.protection = None
        suite = SUITES.get(answer.cipher_suite)
        master = self._keys.secret("CLIENT_RANDOM", hello.random) if hello else None
        if hello is None:
            self._problem = Decryption.NO_HANDSHAKE
        elif (
            suite is None
            or answer.version < 0x0302
            or (answer.version == 0x0302 and suite.cipher != "cbc")
            or answer.version == 0x0302
        ):
            self._problem = Decryption.UNSUPPORTED
        elif master is None:
            self._problem = Decryption.NO_KEYS
        else:
            side.protection = tls12_protection(
                suite, master, hello.random, answer.random, side.from_client, answer.encrypt_then_mac
            )

    def _begin_tls13(self, side: _Direction, label: str) -> None:
        """TLS 1.3: from here on the traffic secret of this label protects the direction."""
        side.protection = None
        answer = self._answers()[-1]
        suite = SUITES.get(answer.cipher_suite)
        if not self.client_hellos:
            self._problem = Decryption.NO_HANDSHAKE
            return
        who = "CLIENT" if side.from_client else "SERVER"
        secret = self._keys.secret(f"{who}_{label}", self.client_hellos[-1].random)
        if suite is None:
            self._problem = Decryption.UNSUPPORTED
        elif secret is None:
            self._problem = Decryption.NO_KEYS
        else:
            side.protection = tls13_protection(suite, secret)

    def _open(self, side: _Direction, record: Record) -> None:
        protection = side.protection
        if protection is None:
            side.failed += 1
            return
        tries = min(record.lost_before // _SMALLEST_RECORD + 1, _MOST_TRIES) if record.lost_before else 1
        for sequence in range(protection.sequence, protection.sequence + tries):
            opened = protection.open(record.kind, record.version, record.fragment, sequence)
            if opened is not None:
                # Record numbers tell how many records are missing, and so what of them was no content.
                lost_records = sequence - protection.sequence
                side.lost = max(side.lost - lost_records * (_HEADER + protection.overhead), min(side.lost, 1))
                protection.sequence = sequence + 1
                side.opened += 1
                self._content(side, *opened, record, True)
                return
        if side.from_client and not side.opened and self.client_hellos and self.client_hellos[-1].early_data:
            # 0-RTT data under keys of its own came before; the server may have rejected it.
            return
        side.failed += 1
        side.lost += len(record.fragment)
        if not side.opened and not any(other.opened for other in self._sides.values()):
            self._problem = Decryption.WRONG_KEYS
        protection.sequence += 1

    # --- content ---------------------------------------------------------------------------------------------------

    def _content(self, side: _Direction, kind: int, content: bytes, record: Record, protected: bool) -> None:
        if kind == _APPLICATION_DATA and protected:
            if content:
                assert side.protection is not None  # protected content came out of it
                place = record.start + _HEADER + side.protection.prefix
                self._take(side.from_client, Plain(side.plain_position, content, place, side.lost))
                side.lost = 0
                side.plain_position += len(content)
        elif kind == _ALERT and len(content) == 2:
            alert = Alert(side.from_client, record.start, record.end, content[0] == 2, content[1], protected)
            self.alerts.append(alert)
        elif kind == _HANDSHAKE:
            if not side.handshake:
                side.handshake_start = record.start
            side.handshake += content
            self._messages(side, record.start)

    def _messages(self, side: _Direction, record_start: int) -> None:
        while len(side.handshake) >= 4:
            size = int.from_bytes(side.handshake[1:4], "big")
            if size > _LONGEST_MESSAGE:
                self._tell(
                    side, "tls.handshake_too_long", side.handshake_start, side.handshake_start, Ref("RFC 8446", "4")
                )
                side.handshake.clear()
                return
            if len(side.handshake) < 4 + size:
                return
            kind, body = side.handshake[0], bytes(side.handshake[4 : 4 + size])
            del side.handshake[: 4 + size]
            self._message(side, kind, body)
            # Whole messages of earlier records were taken before, so what follows this one began in this record.
            side.handshake_start = record_start

    def _message(self, side: _Direction, kind: int, body: bytes) -> None:
        if kind == _CLIENT_HELLO and side.from_client:
            self.client_hellos.append(parse_client_hello(body, side.handshake_start))
        elif kind == _SERVER_HELLO and not side.from_client:
            self.server_hellos.append(parse_server_hello(body, side.handshake_start))
            if not self.server_hellos[-1].retry:
                self._server_chose()
        elif kind == _CERTIFICATE:
            self._certificate(side, body)
        elif kind == _ENCRYPTED_EXTENSIONS and not side.from_client:
            self._alpn = self._alpn or parse_encrypted_extensions(body)
        elif self.version != _TLS_1_3:
            return
        elif kind == _FINISHED:
            self._begin_tls13(side, "TRAFFIC_SECRET_0")
        elif kind == _KEY_UPDATE and isinstance(side.protection, Aead13):
            side.protection = side.protection.next_generation()
            self.key_updates[side.from_client] += 1

    def _certificate(self, side: _Direction, body: bytes) -> None:
        """The first chain of each side counts; a later one belongs to a renegotiation."""
        found = _certificates(body, self.version == _TLS_1_3)
        if side.from_client:
            self.client_certificates = self.client_certificates or found
        elif not self.certificates:
            self.certificates, self.certificate_start = found, side.handshake_start

    def _server_chose(self) -> None:
        if self.server_hellos[-1].version == _TLS_1_3:
            for side in self._sides.values():
                side.protected = True
                self._begin_tls13(side, "HANDSHAKE_TRAFFIC_SECRET")
        self._resume_client()

    def _tell(self, side: _Direction, code: str, start: int, end: int, ref: Ref) -> None:
        self.anomalies.append((side.from_client, Anomaly(code, start, end, ref)))


def _certificates(body: bytes, is_tls13: bool) -> list[bytes]:
    """The DER certificates of a Certificate message (RFC 8446 section 4.4.2, RFC 5246 section 7.4.2)."""
    at = 1 + body[0] + 3 if is_tls13 and body else 3
    found: list[bytes] = []
    while at + 3 <= len(body) and len(found) < _MOST_CERTIFICATES:
        size = int.from_bytes(body[at : at + 3], "big")
        found.append(body[at + 3 : at + 3 + size])
        at += 3 + size
        if is_tls13:
            at += 2 + int.from_bytes(body[at : at + 2], "big")
    return found
