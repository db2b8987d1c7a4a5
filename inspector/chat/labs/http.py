"""What goes wrong over HTTP beside a chat (F29, F30)."""

from __future__ import annotations

import json
import secrets

from inspector.chat.labs.lab import Lab, Lesson, Needs
from inspector.chat.labs.scene import Scene, status
from inspector.i18n import N_

__all__ = ["LABS"]

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def many_queries(scene: Scene) -> None:
    """A page asks the database again for each row; another returns the same with one query."""
    pairs, evidence = [], []
    start = scene.now()
    for size in (5, 10, 20, 40):
        pair, response = await scene.http(scene.browser(), "GET", f"/labs/messages/?way=lazy&page_size={size}")
        count = len(json.loads(response.body)["results"])
        scene.expect(response.status == 200 and count == size, f"{count} of {size} messages, status {response.status}")
        timing = response.headers.get("server-timing", "")
        scene.expect(f"{2 * size + 1} queries" in timing, f"{size} rows: {timing}")
        pairs.append(pair)
        evidence.append(status(200, rows=size, queries=2 * size + 1))
    for size in (5, 40):
        _pair, response = await scene.http(scene.browser(), "GET", f"/labs/messages/?way=joined&page_size={size}")
        scene.expect("1 queries" in response.headers.get("server-timing", ""), "a join should be one query")
    scene.fault("F29", "application", pairs, start, *evidence, seen_ns=scene.now(), reason="n_plus_one")


async def wrong_host(scene: Scene) -> None:
    """A name that is not in ALLOWED_HOSTS."""
    start = scene.now()
    pair, response = await scene.http(scene.browser(), "GET", "/", headers={"Host": "chat.example"})
    scene.expect(response.status == 400, f"a wrong Host was answered with {response.status}")
    scene.fault("F30", "application", pair, start, status(400), seen_ns=scene.now(), reason="wrong_host")


async def post_without_slash(scene: Scene) -> None:
    """A form posted to an address without its slash: Django cannot redirect it without losing the body."""
    start = scene.now()
    pair, response = await scene.http(scene.browser(), "POST", "/labs/unguarded", body=b"text=hello", headers=_FORM)
    scene.expect(response.status == 500, f"it was answered with {response.status}")
    scene.fault("F30", "client", pair, start, status(500), seen_ns=scene.now(), reason="post_without_slash")


async def csrf_missing(scene: Scene) -> None:
    """A form without its token: 403, and not the 403 of a handshake."""
    start = scene.now()
    pair, response = await scene.http(scene.browser(), "POST", "/labs/form/", body=b"text=hello", headers=_FORM)
    scene.expect(response.status == 403 and b"CSRF" in response.body, f"it was answered with {response.status}")
    scene.fault("F30", "client", pair, start, status(403), seen_ns=scene.now(), reason="csrf")
    scene.decoy("F02", pair, "a form without its CSRF token: no handshake was refused")


async def body_too_big(scene: Scene) -> None:
    """A form above DATA_UPLOAD_MAX_MEMORY_SIZE (2.5 MB), which is meant for files only."""
    body = b"text=" + b"x" * 2_700_000
    start = scene.now()
    pair, response = await scene.http(scene.browser(), "POST", "/labs/unguarded/", body=body, headers=_FORM)
    scene.expect(response.status == 400, f"it was answered with {response.status}")
    scene.fault("F30", "client", pair, start, status(400), seen_ns=scene.now(), reason="body_too_big")


async def upload_too_big(scene: Scene) -> None:
    """An upload above nginx's default limit of 1 MB: the application never sees it."""
    boundary = secrets.token_hex(8)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'.encode()
    body = head + b"x" * 1_200_000 + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    start = scene.now()
    pair, response = await scene.http(
        scene.browser("careless"), "POST", "/labs/unguarded/", front="careless", body=body, headers=headers
    )
    scene.expect(response.status == 413, f"it was answered with {response.status}")
    scene.fault("F30", "proxy", pair, start, status(413), seen_ns=scene.now(), reason="upload_too_big")


async def static_doubled(scene: Scene) -> None:
    """nginx with ``root`` where ``alias`` is meant: it looks for static/static/."""
    start = scene.now()
    pair, response = await scene.http(scene.browser("careless"), "GET", "/static/chat/room.js", front="careless")
    scene.expect(response.status == 404 and b"nginx" in response.body, f"it was answered with {response.status}")
    scene.fault("F30", "proxy", pair, start, status(404), seen_ns=scene.now(), reason="static_doubled")


def _lesson(look: str, question: str, answer: str) -> Lesson:
    return Lesson(N_("Tell who answered, and why, from one HTTP exchange."), look, question, answer)


LABS = (
    Lab(
        "many-queries",
        N_("A page asks the database once per row"),
        ("F29",),
        many_queries,
        Lesson(
            N_("Find the N+1 problem from outside."),
            N_("The Server-Timing header of the pages of 5, 10, 20 and 40 rows, and how long each took."),
            N_("How many queries does a page of n rows take?"),
            N_(
                "2n + 1: one for the list, and two for each row's author and room. select_related joins what a row "
                "points to, prefetch_related fetches what points to it."
            ),
        ),
    ),
    Lab(
        "wrong-host",
        N_("A host name that Django does not know"),
        ("F30",),
        wrong_host,
        _lesson(
            N_("The Host header and the status."),
            N_("The address is right. Why 400?"),
            N_("The name is not in ALLOWED_HOSTS. A WebSocket of the same host would not be checked."),
        ),
    ),
    Lab(
        "post-without-slash",
        N_("A form posted to an address without its slash"),
        ("F30",),
        post_without_slash,
        _lesson(
            N_("The path, the method and the status; a GET of the same path would be redirected."),
            N_("Why does Django not simply redirect a POST?"),
            N_(
                "The browser would repeat it as GET, without the body. With DEBUG it raises; without, the form is lost."
            ),
        ),
    ),
    Lab(
        "csrf-missing",
        N_("A form without its CSRF token"),
        ("F30",),
        csrf_missing,
        _lesson(
            N_("The 403, its body, and whether the request asked for an upgrade."),
            N_("How do you tell this 403 from one that refuses a WebSocket?"),
            N_("It answers a POST, has headers and a page; Daphne's 403 to a handshake is a bare line."),
        ),
    ),
    Lab(
        "body-too-big",
        N_("A form field larger than Django takes"),
        ("F30",),
        body_too_big,
        _lesson(
            N_("Content-Length of the request, and the status."),
            N_("Files of this size are fine. Why not this form?"),
            N_("DATA_UPLOAD_MAX_MEMORY_SIZE (2.5 MB) counts everything but files. Send it as a file."),
        ),
    ),
    Lab(
        "upload-too-big",
        N_("An upload that nginx refuses before the application sees it"),
        ("F30",),
        upload_too_big,
        _lesson(
            N_("The 413, its Server header, and the second leg."),
            N_("Which of the two limits is it?"),
            N_("nginx's client_max_body_size, 1 MB by default: there is no request on the second leg."),
        ),
        Needs(extras=frozenset({"careless"})),
        via=("nginx",),
    ),
    Lab(
        "static-doubled",
        N_("nginx looks for static files in static/static/"),
        ("F30",),
        static_doubled,
        _lesson(
            N_("Who answers the 404: whose page, whose Server header."),
            N_("The file is there. Why does nginx not find it?"),
            N_("root appends the whole path, /static/ included; alias replaces the location's part of it."),
        ),
        Needs(extras=frozenset({"careless"})),
        via=("nginx",),
    ),
)
