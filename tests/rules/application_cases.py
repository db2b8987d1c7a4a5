"""Cases of the rules about names, TLS and HTTP."""

from __future__ import annotations

import ssl
import struct
import tempfile
import time
from functools import cache
from pathlib import Path

from hpack import Encoder

from tests.certificates import make_certificate
from tests.packets import ethernet, ipv4, udp
from tests.rules.cases import declines, fires, silent
from tests.rules.film import CLIENT, Film, Tcp
from tests.tls_session import talk

# --- D1 ----------------------------------------------------------------------------------------------------------------

_RESOLVER = "10.0.0.53"


def _dns(
    film: Film,
    at: float,
    *,
    rcode: int | None = None,
    name: str = "chat.example",
    port: int = 40000,
    resolver: int = 53,
) -> None:
    """A question (``rcode`` None) or its answer, with an address where it is 0."""
    asked = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".") if part) + b"\x00\x00\x01\x00\x01"
    flags = 0x0100 if rcode is None else 0x8180 | rcode
    address = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x0a\x00\x00\x02" if rcode == 0 else b""
    data = struct.pack(">HHHHHH", 7, flags, 1, bool(address), 0, 0) + asked + address
    if rcode is None:
        packet = ipv4(udp(data, (port, resolver)), CLIENT, _RESOLVER, protocol=17)
    else:
        packet = ipv4(udp(data, (resolver, port)), _RESOLVER, CLIENT, protocol=17)
    film.add(at, ethernet(packet))


@fires("D1", side="network", reason="unanswered", packets=[1, 2], at=0.0, says="chat.example was asked")
def nobody_answers(film: Film) -> None:
    _dns(film, 0.0)
    _dns(film, 5.0)


@fires("D1", outcome="warn", side="server", reason="nxdomain", says="chat.example was answered")
def name_does_not_exist(film: Film) -> None:
    _dns(film, 0.0)
    _dns(film, 0.02, rcode=3)


@fires("D1", outcome="fail", side="server", reason="servfail", packets=[1, 2])
def resolver_fails(film: Film) -> None:
    _dns(film, 0.0)
    _dns(film, 0.02, rcode=2)


@fires("D1", outcome="warn", reason="slow", says="chat.example was answered")
def answer_after_600_ms(film: Film) -> None:
    _dns(film, 0.0)
    _dns(film, 0.6, rcode=0)


@fires("D1", reason="unanswered", says=". was asked")
def nobody_answers_for_the_root(film: Film) -> None:
    _dns(film, 0.0, name="")
    _dns(film, 5.0, name="")


@fires("D1", reason="servfail", says=". was answered with SERVFAIL")
def resolver_fails_for_the_root(film: Film) -> None:
    _dns(film, 0.0, name="")
    _dns(film, 0.02, rcode=2, name="")


@fires("D1", outcome="warn", reason="slow", says=". was answered after")
def slow_answer_for_the_root(film: Film) -> None:
    _dns(film, 0.0, name="")
    _dns(film, 0.6, rcode=0, name="")


@silent("D1")
def answer_after_400_ms(film: Film) -> None:
    _dns(film, 0.0)
    _dns(film, 0.4, rcode=0)


@silent("D1")
def multicast_questions_need_no_answer(film: Film) -> None:
    _dns(film, 0.0, resolver=5353)
    _dns(film, 5.0, resolver=5353)


@silent("D1")
def link_local_questions_need_no_answer(film: Film) -> None:
    _dns(film, 0.0, resolver=5355)
    _dns(film, 5.0, resolver=5355)


@fires("D1", outcome="fail", side="server", reason="refused")
def resolver_refuses(film: Film) -> None:
    _dns(film, 0.0)
    _dns(film, 0.02, rcode=5)


@silent("D1")
def one_question_at_the_end(film: Film) -> None:
    _dns(film, 0.0)


@silent("D1")
def suffixes_that_hosts_try(film: Film) -> None:
    for number, suffix in enumerate(("local", "localdomain", "lan", "home", "internal")):
        _dns(film, number, name=f"printer.{suffix}")
        _dns(film, number + 0.02, rcode=3, name=f"printer.{suffix}")


@fires("D1", side="server", reason="servfail")
def a_resolver_that_fails_for_a_suffix_that_hosts_try(film: Film) -> None:
    _dns(film, 0.0, name="printer.local")
    _dns(film, 0.02, rcode=2, name="printer.local")


@silent("D1")
def a_question_that_is_not_understood_is_put_in_another_way(film: Film) -> None:
    _dns(film, 0.0)
    _dns(film, 0.02, rcode=1)


@silent("D1")
def an_answer_whose_question_was_not_captured(film: Film) -> None:
    _dns(film, 0.02, rcode=2)


@silent("D1")
def another_resolver_answered(film: Film) -> None:
    _dns(film, 0.0)
    _dns(film, 1.0)
    _dns(film, 1.01, port=40001)
    _dns(film, 1.03, rcode=0, port=40001)


@silent("D1")
def another_resolver_knew_it(film: Film) -> None:
    _dns(film, 0.0)
    _dns(film, 0.02, rcode=2)
    _dns(film, 0.03, port=40001)
    _dns(film, 0.05, rcode=0, port=40001)


# --- L1 to L3, F11 -----------------------------------------------------------------------------------------------------


@cache
def _hello(name: str | None = "chat.example") -> bytes:
    """A ClientHello by OpenSSL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    out = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        return out.read()
    raise AssertionError("a handshake needs an answer")


def _alert(number: int) -> bytes:
    return bytes([21, 3, 3, 0, 2, 2 if number else 1, number])


def _greeted(film: Film, port: int = 443) -> Tcp:
    return film.tcp(port).open(0.0).say(0.1, True, _hello())


@fires(
    "L1", side="server", confidence="certain", reason="handshake_failure", packets=[6, 4], at=0.2,
    says="Name asked for: chat.example",
)  # fmt: skip
def server_objects(film: Film) -> None:
    _greeted(film).say(0.2, False, _alert(40)).fin(0.3, False)


@silent("L2")
@fires("L1", side="server", confidence="likely", reason="unknown_ca", says="sent by the client")
def client_objects(film: Film) -> None:
    film.tcp(443).open(0.0).say(0.1, True, _hello()).say(0.2, False, _talk(ssl.TLSVersion.TLSv1_2)[1][1]).say(
        0.3, True, _alert(48)
    ).fin(0.4, True)


@fires("L1", side="server", reason="handshake_failure", says="Name asked for: -")
def objection_to_a_hello_without_a_name(film: Film) -> None:
    film.tcp(443).open(0.0).say(0.1, True, _hello(None)).say(0.2, False, _alert(40)).fin(0.3, False)


@declines("L2", says="Only one direction was captured.")
def client_hello_whose_answer_went_another_way(film: Film) -> None:
    film.tcp(443).say(0.1, True, _hello(), acked=False)


@silent("L2")
@fires("L1", side="client", reason="internal_error", packets=[6, 4])
def client_takes_its_hello_back(film: Film) -> None:
    _greeted(film).say(0.2, True, _alert(80)).fin(0.3, True)


def _objects(number: int, reason: str, cause: str) -> None:
    """A case of each alert whose cause is told (RFC 8446 section 6.2)."""

    def script(film: Film) -> None:
        _greeted(film).say(0.2, False, _alert(number)).fin(0.3, False)

    script.__name__ = f"server_objects_with_{reason}"
    side = "client" if "certificate" in reason or reason == "unknown_ca" else "server"
    fires("L1", side=side, reason=reason, says=f"Alert {number} {reason}, sent by the server: {cause}")(script)


for _arguments in (
    (10, "unexpected_message", "the handshake was not accepted"),
    (40, "handshake_failure", "no common parameters"),
    (42, "bad_certificate", "the certificate is bad"),
    (43, "unsupported_certificate", "the certificate is of an unsupported kind"),
    (44, "certificate_revoked", "the certificate was revoked"),
    (45, "certificate_expired", "the certificate has expired"),
    (46, "certificate_unknown", "the certificate was not accepted"),
    (48, "unknown_ca", "the issuer of the certificate is not trusted"),
    (70, "protocol_version", "no common protocol version"),
    (80, "internal_error", "the sender failed"),
    (112, "unrecognized_name", "the server does not know the name"),
    (116, "certificate_required", "a client certificate is required"),
    (120, "no_application_protocol", "no common application protocol"),
):
    _objects(*_arguments)


@silent("L1")
def the_user_cancels(film: Film) -> None:
    _greeted(film).say(0.2, True, _alert(90)).fin(0.3, True)


@silent("L1")
def no_renegotiation(film: Film) -> None:
    _greeted(film).say(0.2, False, _alert(100)).fin(0.3, False)


@silent("L1")
def a_polite_end(film: Film) -> None:
    _greeted(film).say(0.2, False, _alert(0)).fin(0.3, False)


@fires("L2", side="client", reason="closed")
def client_gives_up_its_hello(film: Film) -> None:
    _greeted(film).fin(3.0, True)


@fires("L2", side="server", reason="closed", confidence="likely")
def server_hangs_up_on_the_hello(film: Film) -> None:
    _greeted(film).fin(0.2, False)


@fires("L2", side="server", reason="no_answer", confidence="likely")
def hello_without_an_answer(film: Film) -> None:
    _greeted(film).packet(3.0, True, 16)


@fires("L2", side="server", reason="not_tls", confidence="certain")
def another_protocol_answers(film: Film) -> None:
    _greeted(film).say(0.2, False, b"220 mail.example ESMTP\r\n").fin(0.3, False)


@fires("L2", side="server", reason="not_tls", packets=[4, 6])
def an_answer_with_an_unknown_type_of_record(film: Film) -> None:
    _greeted(film).say(0.2, False, b"\x47\x03\x00\x10").fin(0.3, False)


@fires("L2", side="server", reason="not_tls")
def an_answer_with_an_impossible_version(film: Film) -> None:
    _greeted(film).say(0.2, False, b"\x16\x00\x00\x10").fin(0.3, False)


@silent("L2")
def a_record_that_was_not_finished(film: Film) -> None:
    _greeted(film).say(0.2, False, b"\x16\x03\x03\x00\x50\x02").fin(0.3, False)


@silent("L2")
def the_first_byte_of_a_record(film: Film) -> None:
    _greeted(film).say(0.2, False, b"\x16").fin(0.3, False)


@silent("L2")
def a_handshake_whose_hello_was_not_captured(film: Film) -> None:
    key_exchange = b"\x16\x03\x03\x00\x24\x10\x00\x00\x20" + bytes(32)
    film.tcp(443).say(0.1, True, key_exchange).fin(0.2, True)


@silent("L2")
def the_answer_was_acknowledged_and_not_captured(film: Film) -> None:
    tcp = _greeted(film)
    tcp.packet(0.3, True, 16, ack=tcp.seq[False] + 3000)
    tcp.rst(3.0, True)


def _tunnel(film: Film) -> Tcp:
    """A way through a proxy to a server of TLS."""
    tcp = film.tcp(3128).open(0.0)
    tcp.say(0.05, True, b"CONNECT chat.example:443 HTTP/1.1\r\nHost: chat.example:443\r\n\r\n")
    return tcp.say(0.07, False, b"HTTP/1.1 200 OK\r\n\r\n")


@fires("L1", side="server", reason="handshake_failure")
def server_objects_in_a_tunnel(film: Film) -> None:
    _tunnel(film).say(0.1, True, _hello()).say(0.2, False, _alert(40)).fin(0.3, False)


@silent("L2")
def tls_in_a_tunnel(film: Film) -> None:
    tcp = _tunnel(film)
    for number, (from_client, data) in enumerate(_talk(ssl.TLSVersion.TLSv1_3)):
        tcp.say(0.1 + number * 0.05, from_client, data)


@silent("L2")
def hello_at_the_end_of_the_capture(film: Film) -> None:
    _greeted(film)


@silent("L2")
def the_capture_lost_the_answer(film: Film) -> None:
    tcp = _greeted(film)
    tcp.packet(0.3, True, 16, ack=tcp.seq[False] + 3000)
    tcp.seq[False] += 3000
    tcp.fin(3.0, True)


@silent("L2")
def an_alert_says_why(film: Film) -> None:
    _greeted(film).say(0.2, False, _alert(40)).fin(0.3, False)


@fires("F11", side="client", reason="tls_to_plain_port")
def tls_to_a_plain_port(film: Film) -> None:
    _greeted(film, 80).say(0.2, False, b"HTTP/1.1 400 Bad Request\r\n\r\n").fin(0.3, False)


@fires("F11", side="client", reason="headers_too_large")
def headers_of_17_kib(film: Film) -> None:
    film.tcp().open(0.0).ask(0.1, headers="Cookie: a=" + "x" * 17_000 + "\r\n").fin(0.2, False)


@fires("F11", side="client", reason="headers_too_large")
def nginx_finds_the_headers_too_large(film: Film) -> None:
    page = b"<h1>400 Bad Request</h1> Request Header Or Cookie Too Large"
    film.tcp().open(0.0).ask(0.1).answer(0.2, "400 Bad Request", "Server: nginx/1.22.1\r\n", page)


@silent("F11")
def headers_of_15_kib(film: Film) -> None:
    film.tcp().open(0.0).ask(0.1, headers="Cookie: a=" + "x" * 15_000 + "\r\n").fin(0.2, False)


@silent("F11")
def something_else_on_a_tls_port(film: Film) -> None:
    _greeted(film).say(0.2, False, b"220 mail.example ESMTP\r\n").fin(0.3, False)


@cache
def _talk(version: ssl.TLSVersion) -> tuple[tuple[bool, bytes], ...]:
    with tempfile.TemporaryDirectory() as folder:
        return tuple(talk(Path(folder), version, None, [(True, b"GET / HTTP/1.1\r\n\r\n")]).crossed)


def _tls(film: Film, version: ssl.TLSVersion, days: int) -> None:
    """A real conversation; its certificate begins a day ago, lasts thirty and is issued by itself."""
    film.start_ns = time.time_ns() + days * 86_400 * 10**9
    tcp = film.tcp(443).open(0.0)
    for number, (from_client, data) in enumerate(_talk(version)):
        tcp.say(0.1 + number * 0.05, from_client, data)


@fires("L3", 2, side="server", reason="expired", confidence="certain")
def certificate_expired(film: Film) -> None:
    _tls(film, ssl.TLSVersion.TLSv1_2, 31)


@fires("L3", 2, side="server", reason="not_yet_valid")
def certificate_not_valid_yet(film: Film) -> None:
    _tls(film, ssl.TLSVersion.TLSv1_2, -2)


@fires("L3", outcome="warn", severity="warning", reason="self_issued", confidence="likely")
def certificate_issued_by_itself(film: Film) -> None:
    _tls(film, ssl.TLSVersion.TLSv1_2, 0)


@cache
def _certificate(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        text = make_certificate(Path(folder), name).read_text()
    return ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERTIFICATE") :])


def _shows(film: Film, *certificates: bytes) -> None:
    """The beginning of a conversation about chat.example in which the server shows these certificates."""
    film.start_ns = time.time_ns()
    (_, hello), (_, answer) = _talk(ssl.TLSVersion.TLSv1_2)[:2]
    server_hello = answer[: 5 + int.from_bytes(answer[3:5], "big")]
    chain = b"".join(len(der).to_bytes(3, "big") + der for der in certificates)
    message = b"\x0b" + (len(chain) + 3).to_bytes(3, "big") + len(chain).to_bytes(3, "big") + chain
    record = b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message
    film.tcp(443).open(0.0).say(0.1, True, hello).say(0.2, False, server_hello + record)


@fires("L3", 2, side="server", reason="name_mismatch", confidence="certain")
def certificate_for_another_name(film: Film) -> None:
    _shows(film, _certificate("other.example"))


@fires("L3", 2, outcome="warn", confidence="likely")
def certificates_that_do_not_follow_from_each_other(film: Film) -> None:
    _shows(film, _certificate("chat.example"), _certificate("other.example"))


@fires("L3", outcome="warn", reason="unreadable")
def certificate_that_is_none(film: Film) -> None:
    _shows(film, b"\x30\x03\x02\x01\x01")


@silent("L3")
def records_that_the_capture_lost(film: Film) -> None:
    tcp = film.tcp(443).open(0.0)
    for number, (from_client, data) in enumerate(_talk(ssl.TLSVersion.TLSv1_3)):
        tcp.say(0.1 + number * 0.05, from_client, data)
    tcp.seq[False] += 3000
    tcp.say(5.0, False, b"\x17\x03\x03\x00\x20" + bytes(32))


@silent("L3", "L1", "L2")
def certificate_hidden_in_tls_13(film: Film) -> None:
    _tls(film, ssl.TLSVersion.TLSv1_3, 31)


# --- H1, H2, P1 --------------------------------------------------------------------------------------------------------


@fires("H1", side="server", reason="503", confidence="likely", at=0.1, packets=[4, 6], says="after 0.1 s, by -: ")
def proxy_answers_503(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2, "503 Service Unavailable", "Via: 1.1 proxy\r\n")


@fires("H1", side="server", reason="502", confidence="unclear")
def somebody_answers_502(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2, "502 Bad Gateway", "Server: example\r\n")


@fires("H1", side="server", reason="504", confidence="likely", says="by envoy: ")
def envoy_answers_504(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2, "504 Gateway Timeout", "Server: envoy\r\n")


@fires("H1", outcome="warn", side="client", reason="431")
def headers_refused(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2, "431 Request Header Fields Too Large")


@silent("H1")
def the_application_fails(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2, "500 Internal Server Error")


@silent("H1")
def an_answer_whose_request_was_not_captured(film: Film) -> None:
    film.tcp().answer(0.2, "502 Bad Gateway")
    film.tcp().open(1.0).get(1.1).answer(1.2)


@silent("H1")
def a_request_without_an_answer(film: Film) -> None:
    film.tcp().open(0.0).get(0.1)


@silent("H1", "P1")
def an_ordinary_answer(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2)


@fires("H1", connections=(0, 1))
def proxy_passes_the_503_of_the_server_on(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.1, "/page/")
    back = film.tcp(8000, client="10.0.0.2", server="10.0.0.3").open(0.12)
    back.get(0.15, "/page/", "X-Forwarded-For: 10.0.0.1\r\n").answer(0.2, "503 Service Unavailable")
    front.answer(0.25, "503 Service Unavailable", "Server: nginx/1.22.1\r\n")


def _h2(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def _http2(film: Film, *frames: tuple[bool, bytes]) -> None:
    fields = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/")]
    request = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _h2(4, 0, 0, b"") + _h2(1, 5, 1, Encoder().encode(fields))
    answer = _h2(4, 0, 0, b"") + _h2(1, 5, 1, Encoder().encode([(":status", "200")]))
    tcp = film.tcp().open(0.0).say(0.1, True, request).say(0.2, False, answer)
    for number, (from_client, data) in enumerate(frames):
        tcp.say(0.3 + number * 0.1, from_client, data)


@fires("H2", side="server", severity="error", reason="enhance_your_calm", packets=[8], says="GOAWAY with error")
def goaway_with_an_error(film: Film) -> None:
    _http2(film, (False, _h2(7, 0, 0, struct.pack(">II", 1, 11))))


@fires(
    "H2",
    outcome="warn",
    side="client",
    severity="warning",
    packets=[8],
    says="RST_STREAM with error FLOW_CONTROL_ERROR",
)
def stream_reset_with_an_error(film: Film) -> None:
    _http2(film, (True, _h2(3, 0, 1, struct.pack(">I", 3))))


@fires("H2", side="client", severity="error", reason="protocol_error")
def the_client_goes_away_with_an_error(film: Film) -> None:
    _http2(film, (True, _h2(7, 0, 0, struct.pack(">II", 0, 1))))


@fires("H2", side="server", severity="error", reason="cancel")
def goaway_with_cancel(film: Film) -> None:
    _http2(film, (False, _h2(7, 0, 0, struct.pack(">II", 1, 8))))


@silent("H2")
def polite_goaway_and_a_cancelled_stream(film: Film) -> None:
    _http2(film, (True, _h2(3, 0, 1, struct.pack(">I", 8))), (False, _h2(7, 0, 0, struct.pack(">II", 1, 0))))


@silent("H2")
def goaway_too_short_for_its_code(film: Film) -> None:
    _http2(film, (False, _h2(7, 0, 0, b"\0\0\0\1")))


def _connect(film: Film, at: float, tcp: Tcp, status: str) -> None:
    tcp.say(at, True, b"CONNECT chat.example:443 HTTP/1.1\r\nHost: chat.example:443\r\n\r\n")
    tcp.answer(at + 0.05, status)


@fires("P1", side="client", reason="407")
def proxy_wants_a_login(film: Film) -> None:
    _connect(film, 0.1, film.tcp(3128).open(0.0), "407 Proxy Authentication Required")


@fires("P1", side="proxy", reason="403")
def proxy_forbids(film: Film) -> None:
    _connect(film, 0.1, film.tcp(3128).open(0.0), "403 Forbidden")


@fires("P1", side="server", reason="502", at=0.1, packets=[4, 6], says="CONNECT chat.example:443 was answered with 502")
def proxy_cannot_reach_the_host(film: Film) -> None:
    _connect(film, 0.1, film.tcp(3128).open(0.0), "502 Bad Gateway")


@fires("P1", side="client", reason="407")
def login_given_for_another_host_only(film: Film) -> None:
    tcp = film.tcp(3128).open(0.0)
    _connect(film, 0.1, tcp, "407 Proxy Authentication Required")
    tcp.say(
        0.3, True, b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\nProxy-Authorization: x\r\n\r\n"
    )
    tcp.say(0.4, False, b"HTTP/1.1 200 OK\r\n\r\n")


@silent("P1")
def login_given_at_the_second_time(film: Film) -> None:
    tcp = film.tcp(3128).open(0.0)
    _connect(film, 0.1, tcp, "407 Proxy Authentication Required")
    tcp.say(0.3, True, b"CONNECT chat.example:443 HTTP/1.1\r\nHost: chat.example:443\r\nProxy-Authorization: x\r\n\r\n")
    tcp.say(0.4, False, b"HTTP/1.1 200 OK\r\n\r\n")


@fires("P1", side="client", reason="407")
def login_refused_and_a_page_given(film: Film) -> None:
    tcp = film.tcp(3128).open(0.0)
    _connect(film, 0.1, tcp, "407 Proxy Authentication Required")
    tcp.get(0.3, "chat.example:443").answer(0.4)


@fires("P1", 2, side="client", reason="407", says="chat.example:443")
def login_refused_twice(film: Film) -> None:
    tcp = film.tcp(3128).open(0.0)
    _connect(film, 0.1, tcp, "407 Proxy Authentication Required")
    _connect(film, 0.3, tcp, "407 Proxy Authentication Required")


# --- handshakes that end midway ----------------------------------------------------------------------------------------


def _midway(film: Film, version: ssl.TLSVersion, *said: bytes) -> Tcp:
    """The server's answer has come, and the client goes on with these bytes."""
    tcp = film.tcp(443).open(0.0)
    for number, (from_client, data) in enumerate(_talk(version)[:2]):
        tcp.say(0.1 + number * 0.05, from_client, data)
    for number, data in enumerate(said):
        tcp.say(0.3 + number * 0.01, True, data)
    return tcp


_CHANGE = b"\x14\x03\x03\x00\x01\x01"
_SEALED_ALERT = b"\x17\x03\x03\x00\x13" + bytes(19)
_SEALED_FINISHED = b"\x17\x03\x03\x00\x35" + bytes(53)


@fires(
    "L2", outcome="undecidable", side="unknown", reason="objected",
    says="The client ended the handshake with an encrypted record as large as an alert",
    why="The keys of the session (SSLKEYLOGFILE) would show which alert it is; mostly the certificate.",
)  # fmt: skip
def the_client_objects_in_tls_13(film: Film) -> None:
    _midway(film, ssl.TLSVersion.TLSv1_3, _CHANGE, _SEALED_ALERT).fin(0.4, True)


@fires("L2", outcome="undecidable", reason="objected")
def the_server_ends_after_the_objection(film: Film) -> None:
    _midway(film, ssl.TLSVersion.TLSv1_3, _SEALED_ALERT).fin(0.4, False)


@silent("L2")
def the_client_finishes_and_closes_at_once(film: Film) -> None:
    _midway(film, ssl.TLSVersion.TLSv1_3, _CHANGE + _SEALED_FINISHED, _SEALED_ALERT).fin(0.4, True)


@silent("L2")
def an_objection_at_the_end_of_the_capture(film: Film) -> None:
    _midway(film, ssl.TLSVersion.TLSv1_3, _SEALED_ALERT)


@fires("L2", outcome="undecidable", side="unknown", reason="left", says="The client ended the connection in the middle")
def the_client_leaves_after_the_answer(film: Film) -> None:
    _midway(film, ssl.TLSVersion.TLSv1_2).fin(0.4, True)


@silent("L2")
def the_server_leaves_after_its_answer(film: Film) -> None:
    _midway(film, ssl.TLSVersion.TLSv1_2).fin(0.4, False)


@silent("L2")
def what_the_client_said_after_the_answer_was_lost(film: Film) -> None:
    tcp = _midway(film, ssl.TLSVersion.TLSv1_2)
    tcp.seq[True] += 100
    tcp.fin(0.4, True)


@silent("L2")
def an_answer_whose_beginning_was_lost(film: Film) -> None:
    tcp = _greeted(film)
    tcp.seq[False] += 100
    tcp.say(0.2, False, b"\x17\x03\x03\x00\x20" + bytes(32)).fin(0.4, True)


@silent("L2")
@fires("L1", side="server", reason="unknown_ca")
def a_certificate_issued_by_itself_is_refused(film: Film) -> None:
    film.start_ns = time.time_ns()
    _midway(film, ssl.TLSVersion.TLSv1_2, _alert(48)).fin(0.4, True)


@silent("L2")
def the_end_tells_that_more_was_said_after_the_answer(film: Film) -> None:
    tcp = _midway(film, ssl.TLSVersion.TLSv1_2)
    tcp.seq[True] += 100
    tcp.fin(0.4, True, answered=False)


@silent("L2")
def what_the_client_said_was_acknowledged_and_not_captured(film: Film) -> None:
    tcp = _midway(film, ssl.TLSVersion.TLSv1_2)
    tcp.packet(0.3, False, 16, ack=tcp.seq[True] + 100)
    tcp.rst(0.4, True)
