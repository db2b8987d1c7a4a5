"""How tshark prints the values of declared fields, so that they can be compared as numbers."""

from __future__ import annotations

import ipaddress

from inspector.proto import Show, Span

__all__ = ["IN_UNITS", "SHOWN_WHEN_SET", "SPOKEN_OTHERWISE", "as_number"]

SPOKEN_OTHERWISE = {
    "ipv6.opt": "a subtree without a value of its own",
    "icmpv6.opt": "a subtree without a value of its own",
    "icmpv6.opt.reserved": "a subtree without a value of its own",
    "gtp.ext_hdr": "a subtree without a value of its own",
    "geneve.option.length": "holds the header's length and each option's length in one list",
    "icmp.unused": "one value for the bytes around the length together",
}
SHOWN_WHEN_SET = {"icmp.length"}
"""Filters that tshark leaves out where the value is zero."""
IN_UNITS = {"icmp.length", "ip.frag_offset", "ipv6.fraghdr.offset", "icmpv6.opt.length", "gtp.ext_hdr.length"}
"""Filters whose value tshark prints as sent; others it prints in bytes where the field counts larger units."""


def as_number(text: str, span: Span) -> int:
    """A value as tshark prints it, as a number."""
    if text in ("True", "False"):
        return int(text == "True")
    if span.field.show is Show.IPV4 or span.field.show is Show.IPV6:
        return int(ipaddress.ip_address(text))
    if ":" in text or span.field.show is Show.BYTES:
        return int(text.replace(":", ""), 16)
    return int(text, 0) if text.startswith("0x") or text.isdigit() else int(text, 16)
