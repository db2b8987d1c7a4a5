"""Cases of the notes on security and HTTP."""

from __future__ import annotations

import ssl
import tempfile
from functools import cache
from pathlib import Path

from inspector.model.grade import Grade
from tests.rules.cases import fires, silent
from tests.rules.film import Film, Tcp
from tests.tls_session import Session, talk


@cache
def _talked(*pages: tuple[str, bytes]) -> Session:
    said = []
    for path, answer in pages:
        said += [(True, f"GET {path} HTTP/1.1\r\nHost: chat.example\r\n\r\n".encode()), (False, answer)]
    with tempfile.TemporaryDirectory() as folder:
        return talk(Path(folder), ssl.TLSVersion.TLSv1_3, None, said)


def _over_tls(film: Film, headers: str, body: bytes = b"") -> None:
    """A page over TLS with its keys."""
    head = f"HTTP/1.1 200 OK\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    _talked_over_tls(film, ("/page/", head.encode() + body))


def _talked_over_tls(film: Film, *pages: tuple[str, bytes]) -> None:
    session = _talked(*pages)
    film.keys = session.keys
    tcp = film.tcp(443).open(0.0)
    for number, (from_client, data) in enumerate(session.crossed):
        tcp.say(0.1 + number * 0.05, from_client, data)


# --- X1 ----------------------------------------------------------------------------------------------------------------


def _sets(film: Film, *cookies: str) -> None:
    headers = "".join(f"Set-Cookie: {cookie}\r\n" for cookie in cookies)
    film.tcp().open(0.0).get(0.1, "/login/?next=/").answer(0.2, headers=headers)


@fires(
    "X1",
    outcome="warn",
    severity="warning",
    side="application",
    reason="no_http_only",
    packets=[6],
    at=0.1,
    says="by /login/",
    notes=["answer"],
)
def session_that_scripts_can_read(film: Film) -> None:
    _sets(film, "sessionid=abc123; Path=/; SameSite=Lax")


@fires("X1", outcome="warn", severity="info", reason="no_same_site")
def session_without_same_site(film: Film) -> None:
    _sets(film, "PHPSESSID=abc123; path=/; httponly")


@fires("X1", 2, outcome="warn", severity="warning", reason="no_http_only")
def token_without_either_set_twice(film: Film) -> None:
    _sets(film, "access_token=abc123")
    _sets(film, "access_token=def456")


@fires("X1", outcome="warn", severity="warning", reason="no_secure")
def session_over_tls_without_secure(film: Film) -> None:
    _over_tls(film, "Set-Cookie: sessionid=abc; HttpOnly; SameSite=Lax\r\n")


@fires("X1", outcome="warn", severity="info", reason="no_secure")
def another_cookie_over_tls_without_secure(film: Film) -> None:
    _over_tls(film, "Set-Cookie: theme=dark\r\n")


@silent("X1")
def session_over_tls_with_everything(film: Film) -> None:
    _over_tls(film, "Set-Cookie: sessionid=abc; HttpOnly; SameSite=Lax; Secure\r\n")


@silent("X1")
def cookies_over_plain_http_as_django_sets_them(film: Film) -> None:
    _sets(
        film,
        "csrftoken=abc; expires=Sat, 20 Nov 2027 10:00:00 GMT; Max-Age=31449600; Path=/; SameSite=Lax",
        "sessionid=abc; HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax",
    )


@silent("X1")
def session_taken_away(film: Film) -> None:
    _sets(film, 'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/', "theme=dark")


@silent("X1")
def sessions_that_are_none(film: Film) -> None:
    _sets(film, "sessionid", 'sessionid=""', "sessionid=; Path=/", "sessionid=abc; Max-Age=0")


# --- X2 ----------------------------------------------------------------------------------------------------------------

_FOREIGN = "Origin: https://evil.example\r\n"
_BROWSER = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"


@fires("X2", outcome="warn", severity="warning", side="application", reason="foreign_origin", packets=[6, 20])
def websocket_of_another_site(film: Film) -> None:
    film.tcp().socket(0.0, headers=_FOREIGN).closed(1.0)
    film.tcp().socket(2.0, headers=_FOREIGN).closed(3.0)


@fires("X2", outcome="warn", reason="null_origin")
def websocket_of_a_sandboxed_page(film: Film) -> None:
    film.tcp().socket(0.0, headers="Origin: null\r\n")


@fires("X2", outcome="warn", reason="no_origin")
def websocket_of_a_browser_without_origin(film: Film) -> None:
    film.tcp().socket(0.0, headers=_BROWSER)


@fires("X2", outcome="warn", reason="foreign_origin", connections=(0, 1), says="took 1 WebSockets")
def foreign_websocket_that_a_proxy_passes_on(film: Film) -> None:
    front = film.tcp().open(0.0).ask(0.1, headers=_FOREIGN)
    film.tcp(8000, client="10.0.0.2", server="10.0.0.3").open(0.11).ask(0.13, headers=_FOREIGN).switch(0.15)
    front.switch(0.17, "Server: nginx/1.22.1\r\n")


@silent("X2")
def foreign_websocket_that_finds_nothing(film: Film) -> None:
    film.tcp().open(0.0).ask(0.1, headers=_FOREIGN).answer(0.2, "404 Not Found")


@silent("X2")
def websocket_of_a_page_in_a_file(film: Film) -> None:
    film.tcp().socket(0.0, headers="Origin: file://\r\n")


@silent("X2")
def websocket_without_a_host(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    tcp.ask(0.1, headers=_FOREIGN)
    at, packet, _ = film.packets[3]
    film.packets[3] = at, packet.replace(b"Host: ", b"Hose: "), len(packet)
    tcp.switch(0.2)


@silent("X2")
def websocket_of_the_same_host_on_another_port(film: Film) -> None:
    film.tcp().socket(0.0, headers=f"{_BROWSER}Origin: http://Chat.example:8000\r\n")


@silent("X2")
def websocket_of_a_program_without_origin(film: Film) -> None:
    film.tcp().socket(0.0, headers="User-Agent: python-websocket\r\n")


@silent("X2")
def host_rewritten_and_passed_on(film: Film) -> None:
    film.tcp().socket(0.0, headers="Origin: https://www.example\r\nX-Forwarded-Host: www.example\r\n")


@silent("X2")
def server_that_refuses_other_foreign_origins(film: Film) -> None:
    film.tcp().open(0.0).ask(0.1, headers=_FOREIGN).answer(0.2, "403 Access denied")
    film.tcp().socket(1.0, headers="Origin: https://friend.example\r\n")


# --- X3 ----------------------------------------------------------------------------------------------------------------


@fires(
    "X3",
    outcome="warn",
    severity="warning",
    reason="access_token",
    packets=[4],
    at=0.1,
    confidence="likely",
    notes=["request"],
    says="for /ws/ carry a secret in their address: access_token",
)
def token_in_the_query(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, "/ws/?room=a&access%5Ftoken=0123456789abcdef").answer(0.2)


@fires("X3", outcome="warn", reason="password", confidence="certain")
def password_in_the_query(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, "/login/?user=a&Password=b").answer(0.2)


@fires("X3", outcome="warn", reason="userinfo", confidence="certain", says="carry a user name and password")
def password_before_the_host(film: Film) -> None:
    film.tcp(3128).open(0.0).get(0.1, "http://ann:secret@chat.example/").answer(0.2)


@silent("X3")
def words_that_are_no_secrets(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, "/list/?session=3&password=&tokens=0123456789abcdef&q=a@b").answer(0.2)


@silent("X3")
def user_without_a_password(film: Film) -> None:
    film.tcp(3128).open(0.0).get(0.1, "http://ann@chat.example/").answer(0.2).get(0.3, "//ann:b@c/").answer(0.4)


@silent("X3")
def answer_whose_request_was_not_captured(film: Film) -> None:
    film.tcp().answer(0.1)
    film.tcp().open(1.0).get(1.1).answer(1.2)


@fires("X3", outcome="warn", reason="password", connections=(0, 1))
def password_that_a_proxy_passes_on(film: Film) -> None:
    _passed_on(film, "/login/?password=b")


# --- X4 ----------------------------------------------------------------------------------------------------------------

_MIXED = b"<html><script defer src='http://cdn.example/a.js'></script>"
_PAGE = "Content-Type: text/html; charset=utf-8\r\n"


@fires(
    "X4",
    outcome="warn",
    severity="warning",
    side="application",
    reason="script",
    says="The https page /page/ fetches http://cdn.example/a.js",
)
def script_in_the_clear(film: Film) -> None:
    _over_tls(film, _PAGE, _MIXED)


@fires("X4", outcome="warn", reason="script")
def script_in_a_page_that_a_proxy_recorded_inside_tls(film: Film) -> None:
    film.grade = Grade.TAPPED
    film.tcp(443).open(0.0).get(0.1).answer(0.2, headers=_PAGE, body=_MIXED)


@silent("X4")
def page_that_a_proxy_recorded_in_the_clear(film: Film) -> None:
    film.grade = Grade.TAPPED
    film.tcp(80).open(0.0).get(0.1).answer(0.2, headers=_PAGE, body=_MIXED)


@silent("X4")
def page_in_the_clear_on_the_port_of_https(film: Film) -> None:
    film.tcp(443).open(0.0).get(0.1).answer(0.2, headers=_PAGE, body=_MIXED)


@silent("X4")
def text_about_a_page(film: Film) -> None:
    _over_tls(film, "Content-Type: text/plain\r\n", _MIXED)


@fires("X4", outcome="warn", severity="warning", reason="websocket")
def websocket_in_the_clear(film: Film) -> None:
    _over_tls(film, _PAGE, b'<script>s = new WebSocket("ws://chat.example/ws/")</script>')


@fires("X4", outcome="warn", severity="info", reason="img")
def image_in_the_clear(film: Film) -> None:
    _over_tls(film, _PAGE, b"<IMG alt=x SRC=http://chat.example/a.png>")


@fires("X4", outcome="warn", reason="link")
def style_in_the_clear(film: Film) -> None:
    _over_tls(film, _PAGE, b'<link rel="stylesheet" href="http://chat.example/a.css">')


@silent("X4")
def page_in_the_clear_itself(film: Film) -> None:
    film.tcp().open(0.0).get(0.1).answer(0.2, headers=_PAGE, body=_MIXED)


@silent("X4")
def addresses_that_are_not_fetched_in_the_clear(film: Film) -> None:
    page = b"""<link rel="canonical" href="http://chat.example/"><a href="http://chat.example/">x</a>
    <script src="https://cdn.example/a.js"></script><script src="//cdn.example/b.js"></script>
    <img src="http://localhost:8000/a.png" alt="see http://chat.example/">
    <script>s = new WebSocket("ws://localhost:8000/ws/")</script>
    <img data-src="http://chat.example/late.png"><svg xmlns="http://www.w3.org/2000/svg"></svg>"""
    _over_tls(film, _PAGE, page)


# --- H3 ----------------------------------------------------------------------------------------------------------------


@fires("H3", outcome="warn", severity="info", side="server", packets=[6, 10])
def files_that_nothing_lets_keep(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    tcp.get(0.1, "/static/a.css?v=1").answer(0.2, body=b"a{}")
    tcp.get(0.3, "/logo").answer(0.4, headers="Content-Type: image/png\r\n", body=b"\x89PNG")


@silent("H3")
def files_with_validators_or_missing(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    tcp.get(0.1, "/static/a.css").answer(0.2, headers='ETag: "1"\r\n', body=b"a{}")
    tcp.get(0.3, "/static/b.css").answer(0.4, headers="Cache-Control: no-store\r\n", body=b"a{}")
    tcp.get(0.5, "/static/c.css").answer(0.6, "404 Not Found", body=b"no")
    tcp.get(0.7, "/page/").answer(0.8, headers="Content-Type: text/html\r\n", body=b"hello")
    tcp.get(0.9, "/favicon.ico").answer(1.0, body=b"icon")


@silent("H3")
def files_only_asked_about(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    tcp.get(0.1, "/static/a.css", method="HEAD").answer(0.2).get(0.3, "/static/b.css", method="HEAD").answer(0.4)


# --- H4 ----------------------------------------------------------------------------------------------------------------

_TAKES = "Accept-Encoding: gzip, deflate, br\r\n"
_HTML = "Content-Type: text/html; charset=utf-8\r\n"


def _passed_on(film: Film, path: str, headers: str = "", answer: str = "", body: bytes = b"") -> None:
    """A request and its answer on both sides of a proxy."""
    front = film.tcp().open(0.0).get(0.1, path, headers)
    back = film.tcp(8000, client="10.0.0.2", server="10.0.0.3").open(0.12)
    back.get(0.15, path, headers + "X-Forwarded-For: 10.0.0.1\r\n").answer(0.2, headers=answer, body=body)
    front.answer(0.25, headers=answer + "Server: nginx/1.22.1\r\n", body=body)


@fires("H4", outcome="warn", connections=(0, 1))
def page_that_a_proxy_passes_on_uncompressed(film: Film) -> None:
    _passed_on(film, "/", _TAKES, _HTML, b"a" * 5000)


@fires("H4", outcome="warn", says="2 texts of together 4801 bytes uncompressed; the largest is /second/")
def two_pages_sent_uncompressed(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    tcp.get(0.1, "/first/", headers=_TAKES).answer(0.2, headers=_HTML, body=b"a" * 1401)
    tcp.get(0.3, "/second/?a=b", headers=_TAKES).answer(0.4, headers=_HTML, body=b"a" * 3400)


@fires("H4", outcome="warn", severity="info", side="server", packets=[6])
def page_sent_uncompressed(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, headers=_TAKES).answer(0.2, headers=_HTML, body=b"a" * 1401)


@silent("H4")
def pages_that_need_no_compression(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    tcp.get(0.1, headers=_TAKES).answer(0.2, headers=_HTML, body=b"a" * 1400)
    tcp.get(0.3).answer(0.4, headers=_HTML, body=b"a" * 5000)
    tcp.get(0.5, headers="Accept-Encoding: gzip;q=0, br; q=0.000\r\n").answer(0.6, headers=_HTML, body=b"a" * 5000)
    tcp.get(0.7, headers=_TAKES).answer(0.8, headers=_HTML + "Content-Encoding: gzip\r\n", body=b"a" * 5000)
    tcp.get(0.9, headers=_TAKES).answer(1.0, headers="Content-Type: image/png\r\n", body=b"a" * 5000)


@silent("H4")
def pages_that_may_not_be_compressed(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    tcp.get(0.1, headers=_TAKES).answer(0.2, "404 Not Found", _HTML, b"a" * 5000)
    tcp.get(0.3, headers=_TAKES).answer(0.4, headers=_HTML + "Cache-Control: no-transform\r\n", body=b"a" * 5000)
    tcp.get(0.5, headers="Accept-Encoding: identity\r\n").answer(0.6, headers=_HTML, body=b"a" * 5000)


@silent("H4")
def page_whose_request_was_not_captured(film: Film) -> None:
    film.tcp().answer(0.2, headers=_HTML, body=b"a" * 5000)
    film.tcp().open(1.0).get(1.1)


# --- H5 ----------------------------------------------------------------------------------------------------------------


def _redirects(film: Film, *steps: tuple[str, str], pause: float = 0.1) -> None:
    """Requests, each answered with a redirect to its Location or, where that is empty, with 200."""
    tcp = film.tcp().open(0.0)
    for number, (path, location) in enumerate(steps):
        status, headers = ("302 Found", f"Location: {location}\r\n") if location else ("200 OK", "")
        tcp.get(0.1 + number * pause, path).answer(0.15 + number * pause, status, headers)


@fires(
    "H5",
    outcome="warn",
    severity="info",
    side="application",
    reason="chain",
    packets=[6, 10, 14],
    at=0.1,
    says="/a is reached over",
)
def three_redirects_in_a_row(film: Film) -> None:
    _redirects(film, ("/a", "/b"), ("/b", "c?x=1"), ("/c?x=1", "http://chat.example/d"), ("/d", ""))


@fires("H5", outcome="warn", severity="warning", reason="loop", packets=[6, 10, 14, 18], says="/a leads in a circle")
def redirected_to_https_for_ever(film: Film) -> None:
    _redirects(film, *[("/a", "https://chat.example/a")] * 4)


def _redirect(film: Film, tcp: Tcp, at: float, path: str, location: str, wait: float = 0.05) -> None:
    tcp.get(at, path).answer(at + wait, "302 Found", f"Location: {location}\r\n")


@fires("H5", outcome="warn", reason="chain")
def redirects_followed_on_two_connections(film: Film) -> None:
    first, second = film.tcp().open(0.0), film.tcp().open(0.01)
    _redirect(film, second, 0.1, "/a", "/b")
    _redirect(film, first, 0.2, "/b", "/c")
    _redirect(film, second, 0.3, "/c", "/d")


@fires("H5", outcome="warn", reason="chain")
def redirected_to_https_and_on(film: Film) -> None:
    moved = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {}\r\n\r\n"
    film.tcp().open(0.0).get(0.05, "/a").say(0.07, False, moved.format("https://chat.example/a").encode())
    _talked_over_tls(film, ("/a", moved.format("/b").encode()), ("/b", moved.format("/c").encode()))


@silent("H5")
def asked_before_the_redirect_came(film: Film) -> None:
    first, second = film.tcp().open(0.0), film.tcp().open(0.01)
    _redirect(film, first, 0.1, "/a", "/b", wait=0.5)
    _redirect(film, second, 0.2, "/b", "/c")
    _redirect(film, second, 0.3, "/c", "/d")


@silent("H5")
def answers_that_only_name_a_place(film: Film) -> None:
    tcp = film.tcp().open(0.0)
    for number, (path, location) in enumerate((("/a", "/b"), ("/b", "/c"), ("/c", "/d"))):
        tcp.get(0.1 + number * 0.1, path).answer(0.15 + number * 0.1, "201 Created", f"Location: {location}\r\n")


@silent("H5")
def two_redirects_in_a_row(film: Film) -> None:
    _redirects(film, ("/a", "/b"), ("/b", "/c"), ("/c", ""), ("/a", "/b"), ("/b", "/c"), ("/c", ""))


@silent("H5")
def redirects_that_are_not_followed(film: Film) -> None:
    _redirects(film, ("/a", "/x"), ("/b", "/y"), ("/c", "/z"), ("/d", "/a"))


@silent("H5")
def a_person_between_the_redirects(film: Film) -> None:
    _redirects(film, ("/a", "/b"), ("/b", "/c"), ("/c", "/d"), ("/d", ""), pause=6.0)


# --- H6 ----------------------------------------------------------------------------------------------------------------


def _waits(film: Film, path: str, *waits: float) -> None:
    tcp = film.tcp().open(0.0)
    for number, wait in enumerate(waits):
        tcp.get(1.0 + number * 10, path.format(number)).answer(1.0 + number * 10 + wait)


@fires(
    "H6", outcome="warn", severity="info", side="server", packets=[10, 14], at=11.0, says="GET /rooms/<id>/: 3 requests"
)
def page_slow_every_time(film: Film) -> None:
    _waits(film, "/rooms/{}/", 0.2, 1.5, 2.5)


@silent("H6")
def page_slow_once(film: Film) -> None:
    _waits(film, "/rooms/", 0.2, 2.5, 0.2)


@silent("H6")
def handshakes_that_wait_for_the_application(film: Film) -> None:
    for number in range(3):
        film.tcp().open(number * 1.0).ask(number + 0.1).switch(number + 2.1)


@silent("H6")
def answers_before_the_end_of_the_request(film: Film) -> None:
    for number in range(3):
        tcp = film.tcp().open(number * 5.0)
        tcp.say(number * 5 + 0.1, True, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        tcp.answer(number * 5 + 0.2, "413 Content Too Large").say(number * 5 + 2.5, True, b"cd")


@silent("H6")
def page_asked_for_twice(film: Film) -> None:
    _waits(film, "/rooms/", 2.5, 2.5)


@silent("H6", settings={"slow": 3.0})
def slow_enough_by_the_settings(film: Film) -> None:
    _waits(film, "/rooms/", 2.5, 2.5, 2.5)


# --- H7 ----------------------------------------------------------------------------------------------------------------

_ROWS = {"sql": "SELECT a WHERE id = ?", "count": 21, "ns": 9}


def _queries(film: Film, at: float, *statements: object, cause: str = "c1", **end: object) -> None:
    """A request that is answered, and what its view asked the database."""
    film.tcp().open(at).get(at + 0.02).answer(at + 0.05)
    film.tell("sql", at + 0.03, conn="c1", cause=cause, queries=22, statements=[*statements])
    film.tell("end", at + 0.04, conn="c1", status=200, **end)


@fires(
    "H7", outcome="warn", severity="warning", side="application", reason="n_plus_one", at=0.03,
    says="chat.views.rooms ran SELECT a WHERE id = ? 21 times in one request, of 22 queries; seen in 2 requests",
)  # fmt: skip
def view_asks_for_each_row(film: Film) -> None:
    few = {"sql": "SELECT b", "count": 1, "ns": 9}
    _queries(film, 0.0, _ROWS | {"count": 6}, few, route="rooms/", view="chat.views.rooms")
    _queries(film, 1.0, few, _ROWS, route="rooms/", view="chat.views.rooms")


@fires("H7", outcome="warn", says="rooms/ ran")
def view_without_a_name(film: Film) -> None:
    _queries(film, 0.0, _ROWS, route="rooms/")


@fires("H7", outcome="warn", says="- ran")
def view_that_nothing_names(film: Film) -> None:
    _queries(film, 0.0, _ROWS)


@fires("H7", outcome="warn", says="21 times in one request, of 0 queries; seen in 1 requests")
def trace_with_other_fields(film: Film) -> None:
    _queries(film, 0.0, "SELECT", {"sql": "SELECT c", "count": "many"}, _ROWS)
    film.trace[0] = film.trace[0].replace('"queries": 22', '"queries": "many"')
    film.tell("sql", 0.5, conn="c1", cause="c1", queries=22, statements=7)


@silent("H7")
def view_asks_five_times(film: Film) -> None:
    _queries(film, 0.0, _ROWS | {"count": 5}, view="chat.views.rooms")


@silent("H7")
def message_asks_for_each_row(film: Film) -> None:
    _queries(film, 0.0, _ROWS, cause="c1-1.3", view="chat.views.rooms")


@silent("H7")
def request_that_does_not_end(film: Film) -> None:
    _queries(film, 0.0, _ROWS)
    del film.trace[1]
