"""One connection as an object: for the rows that a person looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from inspector.errors import UsageError
from inspector.i18n import _
from inspector.model.ending import Ending
from inspector.model.endpoint import Endpoint, address_text
from inspector.model.tables import Connections, Flows

__all__ = ["Connection", "ConnectionTable", "Sides", "no_such_connection"]


class Sides(NamedTuple):
    """A number for each side."""

    client: int
    server: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A row of ``Connections``, seen from client and server.

    Args:
        number: As Wireshark's ``tcp.stream``.
        client, server: The endpoints.
        client_is_guess: No handshake shows who the client is; servers are taken to have the lower port.
        client_side: 0 when the client is endpoint A of the flow, else 1.
        start_ns: Time of the first packet since the epoch.
        duration_ns: From the first to the last packet.
        packets: Sent by each side.
        bytes: On the wire, sent by each side.
        payload: Bytes of TCP payload, resent ones included.
        resent: Payload bytes that were captured before.
        missing: Bytes that were never captured though later ones were.
        unseen: Bytes never captured though the other side acknowledged them.
        zero_windows: Segments announcing a full receive buffer.
        first_packet, last_packet: Packet numbers.
        rtt_ns: SYN to the ACK that ends the handshake; None where not seen.
        rtt_plausible: It can be taken for the round trip.
        ending: How it ended.
        ended_by: ``"client"`` or ``"server"``: who ended it first; None while open.
        reset_by: ``"client"`` or ``"server"``: who sent the first RST, if any.
        end_packet: Number of the packet that ended it, if any.
    """

    number: int
    client: Endpoint
    server: Endpoint
    client_is_guess: bool
    client_side: int
    start_ns: int
    duration_ns: int
    packets: Sides
    bytes: Sides
    payload: Sides
    resent: Sides
    missing: Sides
    unseen: Sides
    zero_windows: Sides
    first_packet: int
    last_packet: int
    rtt_ns: int | None
    rtt_plausible: bool
    ending: Ending
    ended_by: str | None
    reset_by: str | None
    end_packet: int | None


class ConnectionTable(Connections):
    """The connections of a capture: columns by name, and ``Connection`` objects by number or in a loop."""

    __slots__ = ("_flows",)
    _flows: Flows

    @classmethod
    def with_flows(cls, table: Connections, flows: Flows) -> ConnectionTable:
        """The same columns, beside the flows that tell addresses and ports."""
        self = cls(**table.columns())  # type: ignore[arg-type]  # columns of several integer types
        object.__setattr__(self, "_flows", flows)
        return self

    def __getitem__(self, number: int) -> Connection:
        if not 0 <= number < len(self):
            raise no_such_connection(number, len(self))
        side = int(self.likely_client[number])
        ends = self._ends(int(self.flow[number]))
        return Connection(
            number=number,
            client=ends[side],
            server=ends[1 - side],
            client_is_guess=int(self.client[number]) < 0,
            client_side=side,
            start_ns=int(self.first_time_ns[number]),
            duration_ns=int(self.last_time_ns[number] - self.first_time_ns[number]),
            packets=self._sides("packets", number, side),
            bytes=self._sides("bytes", number, side),
            payload=self._sides("payload", number, side),
            resent=self._sides("resent", number, side),
            missing=self._sides("missing", number, side),
            unseen=self._sides("unseen", number, side),
            zero_windows=self._sides("zero_windows", number, side),
            first_packet=int(self.first_packet[number]) + 1,
            last_packet=int(self.last_packet[number]) + 1,
            rtt_ns=int(self.rtt_ns[number]) if self.rtt_ns[number] >= 0 else None,
            rtt_plausible=bool(self.rtt_plausible[number]),
            ending=Ending(int(self.ending[number])),
            ended_by=_role(int(self.ended_by[number]), side),
            reset_by=_role(int(self.rst_from[number]), side),
            end_packet=int(self.end_packet[number]) + 1 or None,
        )

    def __iter__(self) -> Iterator[Connection]:
        return (self[number] for number in range(len(self)))

    def _sides(self, name: str, number: int, client: int) -> Sides:
        ends = (int(getattr(self, f"{name}_a")[number]), int(getattr(self, f"{name}_b")[number]))
        return Sides(ends[client], ends[1 - client])

    def _ends(self, flow: int) -> tuple[Endpoint, Endpoint]:
        flows = self._flows
        version = int(flows.version[flow])
        a = address_text(version, int(flows.a_high[flow]), int(flows.a_low[flow]))
        b = address_text(version, int(flows.b_high[flow]), int(flows.b_low[flow]))
        return Endpoint(a, int(flows.a_port[flow])), Endpoint(b, int(flows.b_port[flow]))


def no_such_connection(number: int, count: int) -> UsageError:
    """The error for a connection number that does not exist among ``count``."""
    if not count:
        return UsageError(
            _("there is no connection {number}: this capture has no TCP connection").format(number=number)
        )
    return UsageError(
        _("there is no connection {number}; this capture has {count}, numbered from 0").format(
            number=number, count=count
        )
    )


def _role(side: int, client: int) -> str | None:
    return None if side < 0 else "client" if side == client else "server"
