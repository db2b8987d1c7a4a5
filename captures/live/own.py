"""The tool's own traffic, which a capture leaves out: the remote session in which its user types."""

from __future__ import annotations

import ipaddress
import os

__all__ = ["without_own"]


def without_own(filter_text: str) -> str:
    """The filter, with this terminal's SSH connection left out.

    What is shown of a packet travels over that connection, is captured, is shown, and so on without end.
    """
    own = _ssh_session()
    if own is None:
        return filter_text
    return f"({filter_text}) and {own}" if filter_text else own


def _ssh_session() -> str | None:
    # SSH_CONNECTION: client address, client port, server address, server port (sshd's documentation).
    words = os.environ.get("SSH_CONNECTION", "").split()
    if len(words) != 4:
        return None
    try:
        client, server = (ipaddress.ip_address(words[index].partition("%")[0]) for index in (0, 2))
        ports = [int(words[index]) for index in (1, 3)]
    except ValueError:
        return None
    return f"not (tcp and host {client} and host {server} and port {ports[0]} and port {ports[1]})"
