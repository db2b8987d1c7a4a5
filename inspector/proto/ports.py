"""Names of well-known ports, to guess what a payload is (IANA's list of service names; RFC 6335)."""

from __future__ import annotations

__all__ = ["ports_of", "service_of"]

_TCP_ONLY = {
    20: "FTP data",
    21: "FTP",
    22: "SSH",
    23: "Telnet",
    25: "SMTP",
    43: "WHOIS",
    80: "HTTP",
    110: "POP3",
    119: "NNTP",
    143: "IMAP",
    179: "BGP",
    443: "HTTPS (TLS)",
    445: "SMB",
    465: "SMTP (TLS)",
    587: "SMTP",
    636: "LDAP (TLS)",
    853: "DNS (TLS)",
    993: "IMAP (TLS)",
    995: "POP3 (TLS)",
    1433: "MS SQL",
    1883: "MQTT",
    3306: "MySQL",
    3389: "RDP",
    5432: "PostgreSQL",
    5672: "AMQP",
    6379: "Redis",
    8000: "HTTP",
    8008: "HTTP",
    8080: "HTTP",
    8443: "HTTPS (TLS)",
    8883: "MQTT (TLS)",
    9092: "Kafka",
    27017: "MongoDB",
}
_UDP_ONLY = {
    67: "DHCP",
    68: "DHCP",
    69: "TFTP",
    123: "NTP",
    137: "NetBIOS names",
    138: "NetBIOS datagrams",
    161: "SNMP",
    162: "SNMP trap",
    443: "QUIC",
    500: "IKE",
    514: "syslog",
    546: "DHCPv6",
    547: "DHCPv6",
    1900: "SSDP",
    2123: "GTP-C",
    2152: "GTP-U",
    4500: "IPsec NAT traversal",
    4789: "VXLAN",
    5353: "mDNS",
    5355: "LLMNR",
    6081: "GENEVE",
    51820: "WireGuard",
}
_BOTH = {53: "DNS", 88: "Kerberos", 389: "LDAP", 3478: "STUN", 5060: "SIP"}


def service_of(udp: bool, *ports: int) -> tuple[int, str] | None:
    """The first of ``ports`` that is well known, with its service; None when none is."""
    names = {**_BOTH, **(_UDP_ONLY if udp else _TCP_ONLY)}
    return next(((port, names[port]) for port in ports if port in names), None)


def ports_of(service: str) -> list[tuple[bool, int, str]]:
    """Every well-known port of a service: whether over UDP, number, full name; letters in any case.

    Args:
        service: Its name, as in ``"SSH"``; also what several names begin with, such as ``"FTP"``.
    """
    wanted = service.casefold()
    tables = ((False, _TCP_ONLY), (True, _UDP_ONLY), (False, _BOTH), (True, _BOTH))
    return [
        (udp, port, name)
        for udp, names in tables
        for port, name in names.items()
        if name.casefold() == wanted or name.casefold().startswith(wanted + " ")
    ]
