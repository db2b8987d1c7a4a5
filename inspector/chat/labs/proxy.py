"""What nginx does to a WebSocket when it is not told (F09, F10)."""

from __future__ import annotations

import asyncio

from inspector.chat.labs.lab import Lab, Lesson, Needs
from inspector.chat.labs.scene import Scene, fin, silence, status
from inspector.chat.labs.stage import SHORT_IDLE_S
from inspector.i18n import N_

__all__ = ["LABS"]


async def upgrade_stripped(scene: Scene) -> None:
    """nginx passes the request on without Upgrade and Connection."""
    start = scene.now()
    refusal = await scene.refused("/ws/echo/", 404, front="stripping")
    scene.fault("F09", "proxy", refusal.pair, start, status(404), seen_ns=refusal.time_ns, reason="upgrade_stripped")


async def idle_cut(scene: Scene) -> None:
    """nginx ends sockets that are silent for longer than proxy_read_timeout."""
    peers = []
    for _ in range(2):
        peers.append(await scene.open("/ws/echo/", front="short"))
        await asyncio.sleep(scene.chance.uniform(0.2, 0.5))
    for peer in peers:
        await peer.ask("안녕하세요")
    ends = await asyncio.gather(*(peer.ended() for peer in peers))
    scene.expect(all(ended.how == "fin" for ended in ends), f"idle sockets ended as {ends}")
    for peer, ended in zip(peers, ends, strict=True):
        scene.fault(
            "F10", "proxy", peer.pair, ended.time_ns, silence("server", seconds=SHORT_IDLE_S), fin("server"),
            seen_ns=ended.time_ns, reason="idle_timeout",
        )  # fmt: skip


async def bad_gateway(scene: Scene) -> None:
    """The server behind nginx does not run."""
    start = scene.now()
    refusal = await scene.refused("/ws/echo/", 502, front="dead")
    scene.fault("F10", "server", refusal.pair, start, status(502), seen_ns=refusal.time_ns, reason="bad_gateway")


async def gateway_timeout(scene: Scene) -> None:
    """A page takes longer than nginx waits."""
    start = scene.now()
    pair, response = await scene.http(
        scene.browser("short"), "GET", f"/labs/slow/?seconds={2 * SHORT_IDLE_S}", front="short"
    )
    scene.expect(response.status == 504, f"a slow page was answered with {response.status}")
    scene.fault(
        "F10", "application", pair, start, silence("server", seconds=SHORT_IDLE_S), status(504), seen_ns=scene.now(),
        reason="gateway_timeout",
    )  # fmt: skip


LABS = (
    Lab(
        "upgrade-stripped",
        N_("nginx does not pass on the headers of an upgrade"),
        ("F09",),
        upgrade_stripped,
        Lesson(
            N_("Compare the two legs of a proxied connection."),
            N_("The request as the browser sent it and as the server got it: Upgrade and Connection."),
            N_("Who lost the Upgrade header?"),
            N_(
                "nginx: both are hop-by-hop headers, which a proxy does not pass on unless told to. Set Upgrade, "
                "Connection (by a map), Host and proxy_http_version 1.1."
            ),
        ),
        Needs(extras=frozenset({"stripping"})),
        via=("nginx",),
    ),
    Lab(
        "idle-cut",
        N_("nginx ends sockets on which nobody speaks"),
        ("F10",),
        idle_cut,
        Lesson(
            N_("Recognise a timeout by its constancy."),
            N_("The time from the last byte of the server to the FIN, on both sockets; who sends the FIN."),
            N_("Who ended these sockets, and what would keep them?"),
            N_(
                "nginx, proxy_read_timeout after the server's last byte, without a Close frame. Let the server ping "
                "more often than that, or raise the timeout."
            ),
        ),
        Needs(extras=frozenset({"short"})),
        via=("nginx",),
        seconds=4.0,
    ),
    Lab(
        "bad-gateway",
        N_("nginx answers 502: the server behind it does not run"),
        ("F10",),
        bad_gateway,
        Lesson(
            N_("Tell who answered from what is answered."),
            N_("The Server header of the answer, and the SYN of the second leg with what follows it."),
            N_("Is nginx broken?"),
            N_("No: its SYN to the server is answered with RST, since nothing listens there. It says so: 502."),
        ),
        Needs(extras=frozenset({"dead"})),
        via=("nginx",),
    ),
    Lab(
        "gateway-timeout",
        N_("nginx answers 504: the page takes too long"),
        ("F10",),
        gateway_timeout,
        Lesson(
            N_("Find out who gave up on whom."),
            N_("The time from the request to the 504, and what the server does on its leg."),
            N_("The server was about to answer. Why does the browser see 504?"),
            N_("nginx waits proxy_read_timeout for the first byte. Make the page faster, or wait longer for it."),
        ),
        Needs(extras=frozenset({"short"})),
        via=("nginx",),
        seconds=4.5,
    ),
)
