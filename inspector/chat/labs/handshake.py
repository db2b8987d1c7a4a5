"""Handshakes that fail (F01-F08)."""

from __future__ import annotations

from urllib.parse import quote

from inspector.chat.labs.lab import Lab, Lesson, Needs
from inspector.chat.labs.scene import Scene, crash, fin, rst, silence, status
from inspector.i18n import N_

__all__ = ["LABS"]


async def origin_refused(scene: Scene) -> None:
    """A page of another origin, or none, asks for a WebSocket."""
    reason, origin = scene.chance.choice(
        [
            ("foreign_origin", "http://evil.example"),
            ("foreign_port", "http://127.0.0.1:3000"),
            ("null_origin", "null"),
            ("no_origin", None),
        ]
    )
    client = await scene.visitor("demo-0001", room="연습방")
    start = scene.now()
    refusal = await scene.refused(
        "/ws/chat/%EC%97%B0%EC%8A%B5%EB%B0%A9/", 403, origin=origin, cookie=client.cookie_header
    )
    side = "client" if origin is None else "application"
    scene.fault("F01", side, refusal.pair, start, status(403), seen_ns=refusal.time_ns, reason=reason)


async def not_logged_in(scene: Scene) -> None:
    """The right page, and nobody is logged in: no session, or one that is gone."""
    reason, cookie = scene.chance.choice([("no_cookie", ""), ("stale_cookie", "sessionid=" + "0a1b2c3d" * 4)])
    start = scene.now()
    refusal = await scene.refused("/ws/chat/%EC%97%B0%EC%8A%B5%EB%B0%A9/", 403, cookie=cookie)
    scene.fault(
        "F02", "client", refusal.pair, start, status(403), seen_ns=refusal.time_ns, reason=reason,
        reason_decidable=not cookie,
    )  # fmt: skip


async def no_asgi_server(scene: Scene) -> None:
    """A WebSocket is asked for where Django runs under WSGI."""
    start = scene.now()
    refusal = await scene.refused("/ws/echo/", 404, front="wsgi")
    scene.expect(b"<html" in refusal.body.lower(), "the answer should be Django's page")
    scene.fault("F03", "server", refusal.pair, start, status(404), seen_ns=refusal.time_ns, reason="wsgi")


async def no_route(scene: Scene) -> None:
    """The path that works, then the same without its slash, or misspelt."""
    peer = await scene.open("/ws/labs/strict/room/")
    await peer.ask("hello")
    reason, path = scene.chance.choice(
        [("missing_slash", "/ws/labs/strict/room"), ("misspelt", "/ws/labs/strict/romo/")]
    )
    start = scene.now()
    refusal = await scene.refused(path, 500)
    scene.fault("F04", "application", refusal.pair, start, status(500), seen_ns=refusal.time_ns, reason=reason)


async def exception_in_connect(scene: Scene) -> None:
    """connect() raises before it accepts."""
    reason = scene.chance.choice(["sync_orm", "subprotocol", "key_error"])
    start = scene.now()
    refusal = await scene.refused(f"/ws/labs/broken-connect/{reason.replace('_', '-')}/", 500)
    scene.fault(
        "F05", "application", refusal.pair, start, status(500), seen_ns=refusal.time_ns, reason=reason,
        reason_decidable=False,
    )  # fmt: skip


async def group_name(scene: Scene) -> None:
    """A room's name becomes a group's name, and is none."""
    plain = await scene.open("/ws/labs/named/early/lobby/")
    await plain.ask("hello")
    reason, name = scene.chance.choice([("korean", "한국어방"), ("space", "my room"), ("long", "a" * 100)])
    start = scene.now()
    if scene.chance.random() < 0.5:
        refusal = await scene.refused(f"/ws/labs/named/early/{quote(name)}/", 500)
        scene.fault("F06", "application", refusal.pair, start, status(500), seen_ns=refusal.time_ns, reason=reason)
        return
    peer = await scene.open(f"/ws/labs/named/late/{quote(name)}/")
    ended = await peer.ended()
    expected = crash(scene)
    scene.expect((ended.how, ended.code) == (expected.kind, expected.code), f"a bad group name ended as {ended}")
    scene.fault("F06", "application", peer.pair, start, expected, seen_ns=ended.time_ns, reason=reason)


async def never_accepted(scene: Scene) -> None:
    """connect() forgets to accept: nothing is answered until somebody gives up."""
    peer = await scene.raw()
    start = await peer.upgrade("/ws/labs/undecided/")
    try:
        # uvicorn waits for ever: there the client gives up first.
        answered = await peer.answer(12.0 if scene.daphne else 3.0)
    except ConnectionResetError:
        answered = 0
        evidence = [silence("server"), rst("server")]
    except TimeoutError:
        answered = 0
        peer.finish()
        evidence = [silence("server", seconds=3.0), fin("client")]
    else:
        scene.expect(answered == 502, f"an undecided handshake was answered with {answered}")
        evidence = [silence("server"), status(502)]
    scene.expect(scene.direct or not scene.daphne or answered == 502, "nginx should answer 502")
    scene.fault("F07", "application", peer.pair, start, *evidence, seen_ns=scene.now(), reason="no_accept")


async def subprotocol_not_echoed(scene: Scene) -> None:
    """A client that offers a subprotocol gets none, and leaves at once as Chrome does."""
    peer = await scene.raw()
    start = await peer.upgrade("/ws/echo/", headers={"Sec-WebSocket-Protocol": "chat.v1"})
    answered = await peer.answer()
    scene.expect(
        answered == 101 and b"sec-websocket-protocol" not in peer.head.lower(), "no subprotocol should be chosen"
    )
    seen = scene.now()
    peer.finish()
    other = await scene.open("/ws/echo/")
    await other.ask("hello")
    scene.fault("F08", "application", peer.pair, start, status(101), fin("client"), seen_ns=seen)


LABS = (
    Lab(
        "origin-refused",
        N_("The server refuses a page of another origin"),
        ("F01",),
        origin_refused,
        Lesson(
            N_("See how a server defends its WebSockets: the Origin header."),
            N_("The handshake's Origin and Host headers, and the answer 403."),
            N_("The cookie is right and the user is logged in. Why is the answer 403?"),
            N_(
                "Origin names another place than Host, or is missing. Cookies travel with every handshake, from any "
                "page; Origin is the only defence (RFC 6455 section 10.2). Allow the page's origin at the server."
            ),
        ),
    ),
    Lab(
        "not-logged-in",
        N_("Nobody is logged in, and the consumer refuses the handshake"),
        ("F02",),
        not_logged_in,
        Lesson(
            N_("Tell a refused visitor from a refused page: the same 403, another reason."),
            N_("Origin and Host agree. Look for a sessionid in the Cookie header."),
            N_("Who refused this handshake, and what would the browser need?"),
            N_(
                "The consumer closed before it accepted, since there is no valid session. Log in under the same host "
                "name; a code or reason given before accept() never reaches the browser, so accept first, then close."
            ),
        ),
    ),
    Lab(
        "no-asgi-server",
        N_("A WebSocket is asked for where Django runs under WSGI"),
        ("F03",),
        no_asgi_server,
        Lesson(
            N_("Tell a server that cannot speak WebSocket from one that will not."),
            N_("The status, the Server header, and the body of the answer to the handshake."),
            N_("Pages of this server work. Why is the handshake answered with a 404 page?"),
            N_(
                "The request went to a WSGI server, which knows only Django's URLs. Put daphne first in INSTALLED_APPS, "
                "or run Daphne or uvicorn; a WSGI server cannot carry a WebSocket."
            ),
        ),
        Needs(extras=frozenset({"wsgi"})),
        servers=("daphne",),
    ),
    Lab(
        "no-route",
        N_("No consumer at this path: a slash is missing"),
        ("F04",),
        no_route,
        Lesson(
            N_("Find the path that almost works."),
            N_("Two handshakes of the same client: 101 and 500."),
            N_("What is the difference between the two paths?"),
            N_(
                "One character. The router raises ValueError for a path it does not know, before any consumer is there; "
                "Django's APPEND_SLASH does not help a WebSocket. Add a last route that accepts and closes with 4404."
            ),
        ),
    ),
    Lab(
        "exception-in-connect",
        N_("The consumer raises before it accepts"),
        ("F05",),
        exception_in_connect,
        Lesson(
            N_("Tell a handshake that is refused from one that fails."),
            N_("The status line of the answer, and how long it took."),
            N_("What do you need besides the packets to find the mistake?"),
            N_("The server's log of that second (server.log, trace.jsonl): the wire shows 500 for every exception."),
        ),
    ),
    Lab(
        "group-name",
        N_("A room with a Korean name, and a group that may not be called so"),
        ("F06",),
        group_name,
        Lesson(
            N_("Read a path that is percent-encoded."),
            N_("The path of the handshake that fails, decoded; the one that works."),
            N_("Why does one room work and the other not?"),
            N_(
                "Group names are up to 99 ASCII letters, digits, hyphens, underscores and periods. Name the group by "
                "the room's number, and show the name to people only."
            ),
        ),
    ),
    Lab(
        "never-accepted",
        N_("The consumer forgets to accept, and nothing is answered"),
        ("F07",),
        never_accepted,
        Lesson(
            N_("See a handshake that nobody answers."),
            N_("The time from the request to the end of the connection, and who ends it."),
            N_("Why about five seconds, and why not exactly?"),
            N_(
                "Daphne waits 5 s for the application, on a timer that counts whole seconds, then resets. connect() "
                "must accept or close on every branch. uvicorn waits for as long as the client does."
            ),
        ),
        seconds=6.0,
    ),
    Lab(
        "subprotocol-not-echoed",
        N_("The client offers a subprotocol, the server chooses none"),
        ("F08",),
        subprotocol_not_echoed,
        Lesson(
            N_("See a handshake that succeeds for the server and fails for the browser."),
            N_("Sec-WebSocket-Protocol in the request and in the 101, and what the client does next."),
            N_("The answer is 101. Why does the client leave at once?"),
            N_(
                "It asked for chat.v1 and got none, so it must fail the connection (RFC 6455 section 4.1). Pass the "
                "chosen one to accept(subprotocol=…), out of scope['subprotocols']."
            ),
        ),
    ),
)
