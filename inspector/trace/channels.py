"""Channels: the layer and the dispatch of consumers; imported only where Channels is."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from typing import Any

from inspector.trace.sink import Sink
from inspector.trace.work import KEY, Work, current, new_id, sql_fields

__all__ = ["wrap_dispatch", "wrap_layers"]

Call = Callable[..., Awaitable[Any]]  # Any: Channels' own types


def wrap_layers(sink: Sink) -> None:
    """Make every channel layer, existing or to come, report what goes through it."""
    from channels.layers import ChannelLayerManager, channel_layers

    make = ChannelLayerManager.make_backend

    @functools.wraps(make)
    def make_backend(self: Any, name: str) -> Any:
        layer = make(self, name)
        _wrap_layer(layer, name, sink)
        return layer

    ChannelLayerManager.make_backend = make_backend
    for name, layer in channel_layers.backends.items():
        _wrap_layer(layer, name, sink)


def _cause() -> str | None:
    work = current.get()
    return work.cause if work is not None else None


def _wrap_layer(layer: Any, alias: str, sink: Sink) -> None:
    # On the instance: the pub/sub layer answers these names through __getattr__, per event loop, when called.
    group_send, send = layer.group_send, layer.send
    group_add, group_discard = layer.group_add, layer.group_discard

    async def traced_group_send(group: str, message: dict[str, Any]) -> Any:
        identity = new_id("g")
        # Only the memory layer knows its members without asking Redis.
        members = getattr(layer, "groups", None) if type(layer).__name__ == "InMemoryChannelLayer" else None
        count = len(members.get(group, ())) if members is not None else None
        sink.emit(
            "group", id=identity, group=group, type=message.get("type"), cause=_cause(), members=count, layer=alias
        )
        return await group_send(group, {**message, KEY: [identity, time.time_ns(), None]})

    async def traced_send(channel: str, message: dict[str, Any]) -> Any:
        # The memory layer's group_send calls send once per member.
        if KEY in message:
            return await send(channel, message)
        identity = new_id("s")
        sink.emit("send", id=identity, channel=channel, type=message.get("type"), cause=_cause(), layer=alias)
        return await send(channel, {**message, KEY: [identity, time.time_ns(), None]})

    async def traced_group_add(group: str, channel: str) -> Any:
        sink.emit("group_add", group=group, channel=channel, conn=_conn(), cause=_cause(), layer=alias)
        return await group_add(group, channel)

    async def traced_group_discard(group: str, channel: str) -> Any:
        sink.emit("group_discard", group=group, channel=channel, conn=_conn(), cause=_cause(), layer=alias)
        return await group_discard(group, channel)

    layer.group_send, layer.send = traced_group_send, traced_send
    layer.group_add, layer.group_discard = traced_group_add, traced_group_discard


def _conn() -> str | None:
    work = current.get()
    return work.conn if work is not None else None


def wrap_dispatch(sink: Sink) -> None:
    """Make every consumer report each event it handles: what caused it, how long it waited, how long it took."""
    from channels.consumer import AsyncConsumer, SyncConsumer

    AsyncConsumer.dispatch = _traced_dispatch(AsyncConsumer.__dict__["dispatch"], sink)
    # An object that runs the function in a thread, not a function: called with the consumer as first argument.
    SyncConsumer.dispatch = _traced_dispatch(SyncConsumer.__dict__["dispatch"], sink)


def _traced_dispatch(original: Call, sink: Sink) -> Call:
    async def dispatch(self: Any, message: dict[str, Any]) -> None:
        mark = message.get(KEY)
        if mark is None:
            # Nested: a subclass called super().dispatch(), or the event came from a process without the trace.
            await original(self, message)
            return
        cause, sent_ns, conn = mark
        if conn is not None:
            # Inbound events name their connection; group events find it at the consumer.
            self.inspector_conn = conn
        work = Work(cause=cause, conn=getattr(self, "inspector_conn", ""))
        # On a copy: the Redis layer hands one dict to all consumers of a process, and they all need the key.
        plain = {name: value for name, value in message.items() if name != KEY}
        waited = time.time_ns() - sent_ns
        start = time.perf_counter_ns()
        token = current.set(work)
        outcome = "ok"
        try:
            await original(self, plain)
        except Exception as error:
            # StopConsumer is how a consumer ends.
            outcome = type(error).__name__
            error.inspector_work = work  # type: ignore[attr-defined]  # read by the middleware
            raise
        finally:
            current.reset(token)
            _report(sink, self, plain, work, waited, time.perf_counter_ns() - start, outcome)

    return dispatch


def _report(
    sink: Sink, consumer: Any, message: dict[str, Any], work: Work, waited: int, duration: int, outcome: str
) -> None:
    if work.queries:
        sink.emit("sql", **sql_fields(work))
    sink.emit(
        "dispatch",
        conn=work.conn,
        cause=work.cause,
        consumer=f"{type(consumer).__module__}.{type(consumer).__qualname__}",
        type=message.get("type"),
        channel=getattr(consumer, "channel_name", None),
        queue_ns=waited,
        duration_ns=duration,
        queries=work.queries,
        outcome=outcome,
    )
