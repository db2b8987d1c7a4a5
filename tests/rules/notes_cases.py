"""Cases of the notes on security and HTTP."""

from __future__ import annotations

import ssl
import tempfile
from functools import cache
from pathlib import Path

from tests.rules.cases import fires, silent
from tests.rules.film import Film
from tests.tls_session import Session, talk


@cache
def _talked(answer: bytes) -> Session:
    said = [(True, b"GET /page/ HTTP/1.1\r\nHost: chat.example\r\n\r\n"), (False, answer)]
    with tempfile.TemporaryDirectory() as folder:
        return talk(Path(folder), ssl.TLSVersion.TLSv1_3, None, said)


def _over_tls(film: Film, headers: str, body: bytes = b"") -> None:
    """A page over TLS with its keys."""
    head = f"HTTP/1.1 200 OK\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    session = _talked(head.encode() + body)
    film.keys = session.keys
    tcp = film.tcp(443).open(0.0)
    for number, (from_client, data) in enumerate(session.crossed):
        tcp.say(0.1 + number * 0.05, from_client, data)


# --- X1 ----------------------------------------------------------------------------------------------------------------


def _sets(film: Film, *cookies: str) -> None:
    headers = "".join(f"Set-Cookie: {cookie}\r\n" for cookie in cookies)
    film.tcp().open(0.0).get(0.1, "/login/?next=/").answer(0.2, headers=headers)


@fires("X1", outcome="warn", severity="warning", side="application", reason="no_http_only", packets=[6], at=0.1)
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


@fires("X3", outcome="warn", severity="warning", reason="access_token", packets=[4], at=0.1)
def token_in_the_query(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, "/ws/?room=a&access%5Ftoken=0123456789abcdef").answer(0.2)


@fires("X3", outcome="warn", reason="password", confidence="certain")
def password_in_the_query(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, "/login/?user=a&Password=b").answer(0.2)


@fires("X3", outcome="warn", reason="userinfo", confidence="certain")
def password_before_the_host(film: Film) -> None:
    film.tcp(3128).open(0.0).get(0.1, "http://ann:secret@chat.example/").answer(0.2)


@silent("X3")
def words_that_are_no_secrets(film: Film) -> None:
    film.tcp().open(0.0).get(0.1, "/list/?session=3&password=&tokens=0123456789abcdef&q=a@b").answer(0.2)


# --- X4 ----------------------------------------------------------------------------------------------------------------

_MIXED = b"<html><script defer src='http://cdn.example/a.js'></script>"
_PAGE = "Content-Type: text/html; charset=utf-8\r\n"


@fires("X4", outcome="warn", severity="warning", side="application", reason="script")
def script_in_the_clear(film: Film) -> None:
    _over_tls(film, _PAGE, _MIXED)


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


# --- H4 ----------------------------------------------------------------------------------------------------------------

_TAKES = "Accept-Encoding: gzip, deflate, br\r\n"
_HTML = "Content-Type: text/html; charset=utf-8\r\n"


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


# --- H5 ----------------------------------------------------------------------------------------------------------------


def _redirects(film: Film, *steps: tuple[str, str], pause: float = 0.1) -> None:
    """Requests, each answered with a redirect to its Location or, where that is empty, with 200."""
    tcp = film.tcp().open(0.0)
    for number, (path, location) in enumerate(steps):
        status, headers = ("302 Found", f"Location: {location}\r\n") if location else ("200 OK", "")
        tcp.get(0.1 + number * pause, path).answer(0.15 + number * pause, status, headers)


@fires("H5", outcome="warn", severity="info", side="application", reason="chain", packets=[6, 10, 14], at=0.1)
def three_redirects_in_a_row(film: Film) -> None:
    _redirects(film, ("/a", "/b"), ("/b", "c?x=1"), ("/c?x=1", "http://chat.example/d"), ("/d", ""))


@fires("H5", outcome="warn", severity="warning", reason="loop", packets=[6, 10, 14, 18])
def redirected_to_https_for_ever(film: Film) -> None:
    _redirects(film, *[("/a", "https://chat.example/a")] * 4)


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


@fires("H6", outcome="warn", severity="info", side="server", packets=[10, 14], at=11.0)
def page_slow_every_time(film: Film) -> None:
    _waits(film, "/rooms/{}/", 0.2, 1.5, 2.5)


@silent("H6")
def page_slow_once(film: Film) -> None:
    _waits(film, "/rooms/", 0.2, 2.5, 0.2)


@silent("H6")
def page_asked_for_twice(film: Film) -> None:
    _waits(film, "/rooms/", 2.5, 2.5)


@silent("H6", settings={"slow": 3.0})
def slow_enough_by_the_settings(film: Film) -> None:
    _waits(film, "/rooms/", 2.5, 2.5, 2.5)
