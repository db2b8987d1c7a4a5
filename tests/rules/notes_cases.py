"""Cases of the notes on security and HTTP."""

from __future__ import annotations

from tests.rules.cases import fires, silent
from tests.rules.film import Film

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
