"""IP and TCP headers around bytes of which only the payload was observed: valid for every dissector, never real."""

from __future__ import annotations

import ipaddress
from struct import pack

__all__ = ["Address", "SyntheticTcp"]

Address = tuple[str, int]
"""IP address (perhaps with a zone) and port."""

_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16
_WINDOW = 0xFFFF
_WINDOW_SHIFT = 14
"""The largest shift (RFC 7323 section 2.3): nothing written here ever fills the window."""
_UNACKNOWLEDGED = 1 << 20
"""Bytes in one direction after which an acknowledgment is written: few packets, and far below the window."""
_LONGEST_IP = 0xFFFF
_NO_IP = ipaddress.ip_address("0.0.0.0")


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address as sockets tell it; those of IPv4 peers of an IPv6 socket are mapped (RFC 4291 section 2.5.5.2)."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return _NO_IP  # a socket that is not of the Internet
    return getattr(address, "ipv4_mapped", None) or address


def _checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) without NumPy, which no proxy should have to load.

    The one's complement sum of 16-bit words is the number that they spell, modulo 0xFFFF; a sum that is not of zeros
    only never becomes 0 (it is 0xFFFF then).
    """
    total = int.from_bytes(data + bytes(len(data) % 2), "big")
    return ~(total % 0xFFFF or 0xFFFF) & 0xFFFF


class _Side:
    """One end: its address, and its next sequence number and what of it is acknowledged."""

    __slots__ = ("acknowledged", "finished", "next", "packed", "port")

    def __init__(self, packed: bytes, port: int, isn: int) -> None:
        self.packed = packed
        self.port = port
        self.next = self.acknowledged = isn
        self.finished = False


class SyntheticTcp:
    """One TCP connection as packets that begin with the IP header (LINKTYPE_RAW).

    Args:
        client: Who opened it.
        server: Who was connected to.
        time_ns: When; sequence numbers begin with a clock of 4 microseconds (RFC 9293 section 3.4.1), so that a
            connection between the same ports is not taken for the one before.
        mtu: Longest packet in bytes, headers included.
    """

    def __init__(self, client: Address, server: Address, time_ns: int, mtu: int = _LONGEST_IP) -> None:
        addresses = [_ip(client[0]), _ip(server[0])]
        if len({address.version for address in addresses}) > 1:
            addresses = [
                a if a.version == 6 else ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + a.packed) for a in addresses
            ]
        self._version = addresses[0].version
        # IPv6 does not count its header in its length, IPv4 does.
        self._most = mtu - (60 if self._version == 6 else 40)
        isn = time_ns // 4000 % 2**32
        self._client = _Side(addresses[0].packed, client[1], isn)
        self._server = _Side(addresses[1].packed, server[1], (isn + 2**31) % 2**32)
        self._identification = 0

    def open(self) -> list[bytes]:
        """The handshake."""
        mss = min(self._most, 0xFFFF)
        options = pack(">BBHBBBB", 2, 4, mss, 1, 3, 3, _WINDOW_SHIFT)
        packets = [self._packet(self._client, self._server, _SYN, options=options)]
        self._client.next += 1
        packets.append(self._packet(self._server, self._client, _SYN | _ACK, options=options))
        self._server.next += 1
        return [*packets, self._packet(self._client, self._server, _ACK)]

    def data(self, from_client: bool, data: bytes) -> list[bytes]:
        """Segments with bytes that one side sent; none after it has ended, which TCP cannot express."""
        source, destination = self._sides(from_client)
        packets: list[bytes] = []
        if source.finished:
            return packets
        for start in range(0, len(data), self._most):
            part = data[start : start + self._most]
            last = start + self._most >= len(data)
            packets.append(self._packet(source, destination, _ACK | (_PSH if last else 0), part))
            source.next = (source.next + len(part)) % 2**32
            if (source.next - source.acknowledged) % 2**32 >= _UNACKNOWLEDGED:
                packets.append(self._packet(destination, source, _ACK))
        return packets

    def skip(self, from_client: bool, size: int) -> None:
        """Leave out bytes that were sent and not observed: readers see that they are missing."""
        source, _destination = self._sides(from_client)
        source.next = (source.next + size) % 2**32

    def finish(self, from_client: bool) -> list[bytes]:
        """One side ends; nothing when it already has. The last end is acknowledged."""
        source, destination = self._sides(from_client)
        if source.finished:
            return []
        packets = [self._packet(source, destination, _FIN | _ACK)]
        source.next = (source.next + 1) % 2**32
        source.finished = True
        if destination.finished:
            packets.append(self._packet(destination, source, _ACK))
        return packets

    def reset(self, from_client: bool) -> list[bytes]:
        """One side aborts the connection; nothing when both have ended."""
        source, destination = self._sides(from_client)
        if source.finished and destination.finished:
            return []
        packets = [self._packet(source, destination, _RST | _ACK)]
        source.finished = destination.finished = True
        return packets

    def acknowledge(self, from_client: bool) -> list[bytes]:
        """One side acknowledges what has come; nothing when it already has, since that would look like a loss."""
        source, destination = self._sides(from_client)
        if source.finished or destination.acknowledged == destination.next % 2**32:
            return []
        return [self._packet(source, destination, _ACK)]

    def _sides(self, from_client: bool) -> tuple[_Side, _Side]:
        return (self._client, self._server) if from_client else (self._server, self._client)

    def _packet(
        self, source: _Side, destination: _Side, flags: int, payload: bytes = b"", options: bytes = b""
    ) -> bytes:
        acknowledgment = 0
        if flags & _ACK:
            acknowledgment = destination.acknowledged = destination.next % 2**32
        head = pack(
            ">HHIIBBHHH",
            source.port,
            destination.port,
            source.next % 2**32,
            acknowledgment,
            5 + len(options) // 4 << 4,
            flags,
            _WINDOW,
            0,
            0,
        )
        segment = head + options + payload
        pseudo = source.packed + destination.packed + pack(">II", len(segment), 6)
        segment = segment[:16] + pack(">H", _checksum(pseudo + segment)) + segment[18:]
        if self._version == 6:
            return pack(">IHBB", 6 << 28, len(segment), 6, 64) + source.packed + destination.packed + segment
        self._identification = (self._identification + 1) % 2**16
        ip = pack(">BBHHHBBH", 0x45, 0, 20 + len(segment), self._identification, 0x4000, 64, 6, 0)
        ip += source.packed + destination.packed
        return ip[:10] + pack(">H", _checksum(ip)) + ip[12:] + segment
