"""Handshakes that fail (F01-F08)."""

from __future__ import annotations

from inspector.chat.labs.lab import Lab, Lesson
from inspector.chat.labs.scene import Scene, status
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
)
