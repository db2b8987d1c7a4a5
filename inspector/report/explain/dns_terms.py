"""Terms of DNS: the protocol, its flags and answers, its record types."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.report.explain.explanation import Explanation, Kind
from inspector.report.explain.glossary import entry

__all__ = ["dns_terms"]

_DNS = "RFC 1035"

_IDEAS = (
    entry(Kind.IDEA, "DNS", N_("DNS, names to addresses"),
        N_("Asks which address, or other record, belongs to a name. Question and answer are one UDP packet each, as a rule, and "
            "have the same number; a long answer is asked for again over TCP."),
        ((_DNS, "4.1"), ("RFC 7766", "5")), where=N_("Port 53: a header of 12 bytes, then questions, answers, authority and "
            "additional records."),
        why=N_("A page cannot begin before its name is resolved: a slow or silent resolver looks like a slow server."), filter="dns",
        names=("domain name", "name resolution", "도메인", "도메인 이름", "이름 해석", "domain name system"), also=("DNS flags",
            "resolver",
            "A", "NXDOMAIN", "D1")),
    entry(Kind.IDEA, "DNS flags", N_("flags of DNS"),
        N_("QR: question or response. Opcode: 0 for a query. AA: the answer comes from a server of that zone. TC: cut, ask again "
            "over TCP. RD: please ask further servers for me. RA: this server does. AD, CD: checked by DNSSEC, do not check. "
           "RCODE: how it ended."), ((_DNS, "4.1.1"), ("RFC 4035", "3.2")), where=N_("Bytes 2 and 3 of the DNS header."),
               filter="dns.flags",
        names=("QR", "AA", "TC", "RD", "RA", "AD", "CD", "RCODE", "recursion desired"), also=("DNS", "dns.flags.rcode")),
    entry(Kind.IDEA, "resolver", N_("resolver"),
        N_("The stub resolver in your machine asks one recursive resolver, which asks root, top level and the zone's own "
            "(authoritative) server one after the other, and keeps the answers for their time to live."),
        (("RFC 1034", "5.3.1"), ("RFC 9499", "6")), names=("recursive resolver", "stub resolver", "name server", "nameserver",
            "authoritative server", "네임서버", "리졸버"), also=("DNS", "dns.resp.ttl")),
    entry(Kind.IDEA, "NOERROR", N_("NOERROR, DNS answered"),
        N_("The name exists. Without a record in the answer it has none of the type that was asked for (NODATA)."), ((_DNS,
            "4.1.1"), ("RFC 2308", "2.2")), filter="dns.flags.rcode == 0", names=("NODATA",), also=("DNS",)),
    entry(Kind.IDEA, "FORMERR", N_("FORMERR, DNS question not understood"), N_("The server could not read the question."),
        ((_DNS, "4.1.1"),), filter="dns.flags.rcode == 1", also=("DNS",)),
    entry(Kind.IDEA, "SERVFAIL", N_("SERVFAIL, DNS server failed"),
        N_("The server could not find out: its own servers do not answer, or DNSSEC did not verify. Asking another resolver may "
            "help."), ((_DNS, "4.1.1"),), filter="dns.flags.rcode == 2", names=("server failure",), also=("DNS", "D1")),
    entry(Kind.IDEA, "NXDOMAIN", N_("NXDOMAIN, no such name"),
        N_("The name does not exist, whatever type is asked for: mistyped, not registered, or only known inside a company."),
            (("RFC 2308", "2.1"), (_DNS, "4.1.1")), filter="dns.flags.rcode == 3", names=("name error",), also=("DNS", "D1")),
    entry(Kind.IDEA, "REFUSED", N_("REFUSED, DNS does not serve you"),
        N_("The server does not answer this client or this question, as when a server of a zone is used as a resolver."), ((_DNS,
            "4.1.1"),), filter="dns.flags.rcode == 5", also=("DNS", "resolver")),
    entry(Kind.IDEA, "DNSSEC", N_("DNSSEC, signed DNS"),
        N_("Records come with signatures (RRSIG) that a chain of keys (DNSKEY, DS) confirms up to the root. It protects from "
            "forged answers; it hides nothing."), (("RFC 4033", "3"),), filter="dns.resp.type == 46",
        names=("RRSIG", "DNSKEY", "DS record", "NSEC"), also=("DNS", "DNS flags")),
)  # fmt: skip

_TYPES = {
    "A": (1, N_("The IPv4 address of a name."), _DNS, "3.4.1"),
    "NS": (2, N_("The servers that know this zone."), _DNS, "3.3.11"),
    "CNAME": (5, N_("This name is another name for that one; the question goes on there."), _DNS, "3.3.1"),
    "SOA": (6, N_("The beginning of a zone: its main server, its serial number, and how long the absence of a name may be "
        "kept."), _DNS, "3.3.13"),
    "PTR": (12, N_("From an address back to a name: 10.0.0.1 is asked for as 1.0.0.10.in-addr.arpa."), _DNS, "3.3.12"),
    "MX": (15, N_("The mail servers of a domain, the smallest preference first."), _DNS, "3.3.9"),
    "TXT": (16, N_("Free text; often proof of ownership, or who may send mail for the domain (SPF)."), _DNS, "3.3.14"),
    "AAAA": (28, N_("The IPv6 address of a name. Browsers ask for A and AAAA together."), "RFC 3596", "2.1"),
    "SRV": (33, N_("Host and port of a service of a domain, with priority and weight."), "RFC 2782", ""),
    "OPT": (41, N_("No record of a name: it carries EDNS, that is longer UDP answers and more flags."), "RFC 6891", "6.1"),
    "SVCB": (64, N_("How to reach a service: host, port, protocols (ALPN), addresses."), "RFC 9460", "2"),
    "HTTPS": (65, N_("SVCB for web sites: a browser learns before it connects that the site speaks HTTP/2 or HTTP/3."), "RFC 9460", "9"),
    "CAA": (257, N_("Who may issue certificates for the domain."), "RFC 8659", "4"),
}  # fmt: skip
"""Type number, what it says, where that is written."""
_MORE_NAMES = {"OPT": ("EDNS", "EDNS0"), "PTR": ("reverse lookup", "in-addr.arpa"), "A": ("host address",)}


def dns_terms() -> list[Explanation]:
    """Everything of DNS that has no declared field."""
    return [
        *_IDEAS,
        *(
            entry(
                Kind.DNS_TYPE,
                name,
                name,
                what,
                ((document, section),),
                filter=f"dns.qry.type == {number} || dns.resp.type == {number}",
                names=(f"{name} record", f"{name} 레코드", f"dns.qry.type={number}", *_MORE_NAMES.get(name, ())),
                also=("DNS", "dns.qry.type"),
            )
            for name, (number, what, document, section) in _TYPES.items()
        ),
    ]
