"""DNS as observed."""

from __future__ import annotations

from dataclasses import dataclass, field

from inspector.model.anomaly import Anomaly

__all__ = ["RCODES", "TYPES", "DnsMessage", "Question", "Record"]

TYPES = {
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 35: "NAPTR",
    41: "OPT", 43: "DS", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 50: "NSEC3", 52: "TLSA", 64: "SVCB", 65: "HTTPS",
    252: "AXFR", 255: "ANY", 257: "CAA",
}  # fmt: skip
"""Names of record types (IANA, Resource Record TYPEs)."""

RCODES = {
    0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN", 9: "NOTAUTH",
    16: "BADVERS",
}  # fmt: skip
"""Names of response codes (IANA, DNS RCODEs)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the name without its last dot, the type and class numbers."""

    name: str
    type: int
    klass: int


@dataclass(frozen=True, slots=True)
class Record:
    """A resource record.

    Args:
        name: Owner, without its last dot; bytes that are not printable ASCII are escaped as ``\\DDD``.
        type, klass, ttl: As sent.
        data: For people: an address, a name, or the bytes in hex.
    """

    name: str
    type: int
    klass: int
    ttl: int
    data: str


@dataclass(frozen=True, slots=True)
class DnsMessage:
    """A query or response (RFC 1035 section 4.1).

    Args:
        id, opcode, rcode: Numbers of the header; ``rcode`` with the extension of an OPT record.
        response, authoritative, truncated, recursion_desired, recursion_available: Flags.
        questions, answers, authorities, additionals: What could be read of the four sections.
        anomalies: Why it is less than the header promises.
    """

    id: int
    opcode: int
    rcode: int
    response: bool
    authoritative: bool
    truncated: bool
    recursion_desired: bool
    recursion_available: bool
    questions: list[Question] = field(default_factory=list)
    answers: list[Record] = field(default_factory=list)
    authorities: list[Record] = field(default_factory=list)
    additionals: list[Record] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)
