"""Cases of pages beside a chat (F29, F30)."""

from __future__ import annotations

from tests.rules.cases import fires, silent
from tests.rules.channels_film import NGINX
from tests.rules.film import SERVER, Film


def _timed(film: Film, queries: tuple[int, ...], repeated: tuple[int, ...]) -> None:
    for number, (count, again) in enumerate(zip(queries, repeated, strict=True)):
        timing = f'Server-Timing: db;dur=1;desc="{count} queries", dup;desc="{again} repeated"\r\n'
        film.tcp().open(number).get(number + 0.1, f"/messages/?page_size={number}").answer(number + 0.2, headers=timing)


@fires(
    "F29", side="application", connections=(0, 1, 2), confidence="certain", packets=[6, 13, 20],
    says="/messages/ took 41 queries, 39 of them repeated; over its requests the count goes from 11 to 41",
)  # fmt: skip
def queries_grow_with_the_rows(film: Film) -> None:
    _timed(film, (11, 21, 41), (9, 19, 39))


@fires("F29", side="application", connections=(0,), confidence="likely")
def one_page_with_many_repeated_queries(film: Film) -> None:
    _timed(film, (41,), (39,))


@silent("F29")
def a_handful_of_repeated_queries(film: Film) -> None:
    _timed(film, (11, 11), (8, 8))


@silent("F29")
def many_queries_of_different_kinds(film: Film) -> None:
    _timed(film, (40,), (15,))


def _http(film: Film, status: str, headers: str = "", body: bytes = b"", **request: object) -> None:
    method, path = str(request.get("method", "GET")), str(request.get("path", "/"))
    sent = request.get("sent", b"")
    assert isinstance(sent, bytes)
    extra = str(request.get("extra", ""))
    film.tcp().open(0.0).get(0.1, path, extra, method=method, body=sent).answer(0.5, status, headers, body)


@fires("F30", side="client", reason="csrf")
def form_without_its_token(film: Film) -> None:
    _http(film, "403 Forbidden", body=b"<h1>Forbidden</h1> CSRF verification failed", method="POST", path="/form/")


@fires("F30", side="application", reason="wrong_host")
def host_that_django_does_not_know(film: Film) -> None:
    _http(film, "400 Bad Request", body=b"DisallowedHost at /")


@fires(
    "F30",
    side="client",
    reason="post_without_slash",
    packets=[6],
    at=0.1,
    says="POST /form has no slash at its end: Django cannot redirect it without losing the body (500)",
)
def post_to_a_path_without_slash(film: Film) -> None:
    _http(film, "500 Internal Server Error", body=b"APPEND_SLASH", method="POST", path="/form", sent=b"a=1")


@fires("F30", side="client", reason="post_without_slash")
def post_redirected_to_the_slash(film: Film) -> None:
    _http(film, "301 Moved Permanently", "Location: /form/\r\n", method="POST", path="/form", sent=b"a=1")


@fires("F30", side="client", reason="body_too_big")
def form_larger_than_django_takes(film: Film) -> None:
    _http(film, "400 Bad Request", body=b"RequestDataTooBig", method="POST", path="/form/", sent=b"a=1")


@fires("F30", side="proxy", reason="upload_too_big")
def upload_larger_than_nginx_takes(film: Film) -> None:
    _http(film, "413 Request Entity Too Large", NGINX, method="POST", path="/upload/", sent=b"a" * 100)


@fires("F30", side="proxy", reason="static_doubled")
def nginx_does_not_find_a_static_file(film: Film) -> None:
    _http(film, "404 Not Found", NGINX, b"nginx", path="/static/a.js")


@fires("F30", side="application", reason="static_not_served")
def daphne_serves_no_static_files(film: Film) -> None:
    _http(film, "404 Not Found", "Server: daphne\r\n", path="/static/a.js")


@silent("F30")
def too_many_logins(film: Film) -> None:
    _http(film, "429 Too Many Requests", method="POST", path="/login/")


@silent("F30")
def page_not_found(film: Film) -> None:
    _http(film, "404 Not Found", path="/nothing/")


@silent("F30")
def get_redirected_to_the_slash(film: Film) -> None:
    _http(film, "301 Moved Permanently", "Location: /form/\r\n", path="/form")


@silent("F30")
def forbidden_for_another_reason(film: Film) -> None:
    _http(film, "403 Forbidden", body=b"not yours", method="POST", path="/form/")


@fires("F29", connections=(0,))
def pages_that_do_not_tell_their_queries(film: Film) -> None:
    _timed(film, (41,), (39,))
    for number, timing in enumerate(
        ("", 'Server-Timing: db;desc="40 queries"\r\n', 'Server-Timing: dup;desc="40 same"\r\n')
    ):
        film.tcp().open(number + 5.0).get(number + 5.1).answer(number + 5.2, headers=timing)


@fires("F29", connections=(0, 1))
def page_through_a_proxy(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.02)
    timing = 'Server-Timing: db;dur=1;desc="41 queries", dup;desc="39 repeated"\r\n'
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.03).get(0.05, headers="X-Real-IP: 10.0.0.1\r\n")
    back.answer(0.07, headers=timing)
    front.answer(0.08, headers=NGINX + timing)


@fires("F30", side="application", reason="wrong_host", says="/ was asked for under Host chat.example")
def host_that_django_does_not_know_and_says_so_in_words(film: Film) -> None:
    _http(film, "400 Bad Request", body=b"Invalid HTTP_HOST header: 'chat.example'.")


@silent("F30")
def page_about_csrf_that_is_forbidden(film: Film) -> None:
    _http(film, "403 Forbidden", body=b"You may not read about CSRF")


@silent("F30")
def form_whose_answer_speaks_of_csrf(film: Film) -> None:
    _http(film, "200 OK", body=b"CSRF", method="POST", path="/form/")


_LARGE = b"a" * 2_700_000


@fires("F30", side="client", reason="body_too_big", confidence="certain", says="POST /form/ carries 2700000 bytes")
def large_form_refused_without_a_word(film: Film) -> None:
    _http(film, "400 Bad Request", method="POST", path="/form/", sent=_LARGE)


@silent("F30")
def large_file_refused_for_another_reason(film: Film) -> None:
    extra = "Content-Type: multipart/form-data; boundary=x\r\n"
    _http(film, "400 Bad Request", method="POST", path="/form/", sent=_LARGE, extra=extra)


@silent("F30")
def small_form_refused_for_another_reason(film: Film) -> None:
    _http(film, "400 Bad Request", method="POST", path="/form/", sent=b"a=1")


@fires("F30", side="client", reason="body_too_big", confidence="certain")
def upload_larger_than_the_application_takes(film: Film) -> None:
    _http(film, "413 Request Entity Too Large", method="POST", path="/upload/", sent=b"a" * 100)


@silent("F30")
def error_of_a_post_with_its_slash(film: Film) -> None:
    _http(film, "500 Internal Server Error", body=b"APPEND_SLASH", method="POST", path="/form/", sent=b"a=1")


@silent("F30")
def another_error_of_a_post_without_slash(film: Film) -> None:
    _http(film, "500 Internal Server Error", body=b"KeyError", method="POST", path="/form", sent=b"a=1")


@silent("F30")
def answer_that_speaks_of_slashes(film: Film) -> None:
    _http(film, "200 OK", body=b"APPEND_SLASH", method="POST", path="/form", sent=b"a=1")


@silent("F30")
def post_redirected_elsewhere(film: Film) -> None:
    _http(film, "301 Moved Permanently", "Location: /done/\r\n", method="POST", path="/form", sent=b"a=1")


@silent("F30")
def post_told_to_look_at_its_slash(film: Film) -> None:
    _http(film, "303 See Other", "Location: /form/\r\n", method="POST", path="/form", sent=b"a=1")


@silent("F30")
def get_that_fails_without_a_slash(film: Film) -> None:
    _http(film, "500 Internal Server Error", body=b"APPEND_SLASH", path="/form")


@silent("F30")
def static_file_that_is_not_new(film: Film) -> None:
    _http(film, "304 Not Modified", path="/static/a.js")


@fires(
    "F30", side="application", reason="static_not_served", connections=(0, 1), says="/static/a.js was answered with 404"
)
def static_file_that_the_proxy_asks_the_server_for(film: Film) -> None:
    front = film.tcp().open(0.0).get(0.02, "/static/a.js")
    back = film.tcp(8000, client=SERVER, server="10.0.0.3").open(0.03)
    back.get(0.05, "/static/a.js", "X-Real-IP: 10.0.0.1\r\n").answer(0.07, "404 Not Found")
    front.answer(0.08, "404 Not Found", NGINX)
