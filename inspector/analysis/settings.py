"""What the servers in a capture are set to, where it is not the default: rules compare with it."""

from __future__ import annotations

from dataclasses import dataclass, fields

from inspector.errors import UsageError
from inspector.i18n import _

__all__ = ["Settings", "parse_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Timeouts in seconds and sizes in bytes; the defaults are those of the programs named.

    Args:
        ping_interval: Daphne's ``--ping-interval``: silence after which it pings.
        ping_timeout: Daphne's ``--ping-timeout``: how long it waits for the pong.
        handshake_timeout: Autobahn's time for ``accept()``: Daphne's ``--websocket_connect_timeout``.
        proxy_timeout: nginx's ``proxy_read_timeout``.
        largest_message: Daphne's ``--websocket-max-message-size`` in bytes.
        capacity: Messages that wait for one socket in the channel layer.
        expiry: Seconds after which a channel layer drops a message.
        redis_timeout: Seconds after which the Redis client gives up reading.
        slow: Seconds of waiting from which on an answer is called slow.
    """

    ping_interval: float = 20.0
    ping_timeout: float = 30.0
    handshake_timeout: float = 5.0
    proxy_timeout: float = 60.0
    largest_message: int = 1 << 20
    capacity: int = 100
    expiry: float = 60.0
    redis_timeout: float = 5.0
    slow: float = 1.0


def parse_settings(assignments: tuple[str, ...]) -> Settings:
    """Settings from ``name=value`` texts.

    Raises:
        UsageError: If a name is unknown or a value is no positive number.
    """
    known = {item.name for item in fields(Settings)}
    values: dict[str, float] = {}
    for assignment in assignments:
        name, _sign, text = assignment.partition("=")
        name = name.strip().replace("-", "_")
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if name not in known or not 0 < value < 1e12:
            raise UsageError(
                _("cannot use the setting {text}; say name=number with one of: {names}").format(
                    text=repr(assignment), names=", ".join(sorted(known))
                )
            )
        values[name] = int(value) if name in ("largest_message", "capacity") else value
    return Settings(**values)  # type: ignore[arg-type]  # the integers are made above
