"""F09 and F10."""

from __future__ import annotations

from inspector.chat.labs.stage import SHORT_IDLE_S
from inspector.chat.labs.truth import Truth

from .common import LATE_S, Connections, Signature, asked, only, upstream

__all__ = ["SIGNATURES"]

# nginx leaves a timer as it is where it would move by less (NGX_TIMER_LAZY_DELAY), so it cuts a socket that much earlier.
_LAZY_TIMER_S = 0.3


def upgrade_stripped(connections: Connections, truth: Truth) -> None:
    browser, server = only(connections, truth), upstream(connections, truth)
    assert browser.header("Upgrade", response=False) == "websocket"
    assert server.header("Upgrade", response=False) is None
    assert (server.header("Connection", response=False) or "").lower() == "close"
    assert (browser.status, server.status) == (404, 404)


def idle_cut(connections: Connections, truth: Truth) -> None:
    assert len(truth.faults) == 2
    for fault in truth.faults:
        connection = connections[fault.connections[0].client]
        assert not connection.closes("server")
        when, sender, how = connection.first_end
        assert (sender, how) == ("server", "fin")
        last = max(p.time for p in connection.packets if p.sender == "server" and p.payload)
        assert SHORT_IDLE_S - _LAZY_TIMER_S - 0.1 <= when - last <= SHORT_IDLE_S + LATE_S


def bad_gateway(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    assert connection.status == 502 and (connection.header("Server") or "").startswith("nginx/")
    fronts = truth.settings["fronts"].values()
    tried = [c for c in connections.values() if c.server not in fronts and not c.stream("client")]
    assert any([end[1:] for end in c.ends()] == [("server", "rst")] and len(c.packets) == 2 for c in tried)


def gateway_timeout(connections: Connections, truth: Truth) -> None:
    browser, server = only(connections, truth), upstream(connections, truth)
    assert browser.status == 504 and server.stream("server") == b""
    answered = next(p.time for p in browser.packets if p.sender == "server" and p.payload)
    assert SHORT_IDLE_S - 0.1 <= answered - asked(browser) <= SHORT_IDLE_S + LATE_S


SIGNATURES: dict[str, Signature] = {
    "upgrade-stripped": upgrade_stripped,
    "idle-cut": idle_cut,
    "bad-gateway": bad_gateway,
    "gateway-timeout": gateway_timeout,
}
