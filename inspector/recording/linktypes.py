"""Names of link types, for saying what is not decoded."""

from __future__ import annotations

__all__ = ["link_type_name"]

_NAMES = {
    0: "NULL",
    1: "ETHERNET",
    9: "PPP",
    12: "RAW",
    14: "RAW",
    101: "RAW",
    104: "C_HDLC",
    105: "IEEE802_11",
    108: "LOOP",
    113: "LINUX_SLL",
    127: "IEEE802_11_RADIOTAP",
    143: "DOCSIS",
    177: "LINUX_LAPD",
    186: "USB_FREEBSD",
    187: "BLUETOOTH_HCI_H4",
    189: "USB_LINUX",
    192: "PPI",
    195: "IEEE802_15_4_WITHFCS",
    201: "BLUETOOTH_HCI_H4_WITH_PHDR",
    220: "USB_LINUX_MMAPPED",
    227: "CAN_SOCKETCAN",
    228: "IPV4",
    229: "IPV6",
    230: "IEEE802_15_4_NOFCS",
    231: "DBUS",
    239: "NFLOG",
    247: "INFINIBAND",
    249: "USBPCAP",
    251: "BLUETOOTH_LE_LL",
    252: "WIRESHARK_UPPER_PDU",
    253: "NETLINK",
    254: "BLUETOOTH_LINUX_MONITOR",
    256: "BLUETOOTH_LE_LL_WITH_PHDR",
    258: "PKTAP",
    266: "USB_DARWIN",
    271: "VSOCK",
    276: "LINUX_SLL2",
    283: "IEEE802_15_4_TAP",
    288: "USB_2_0",
}
"""By LINKTYPE number of the tcpdump group's list."""


def link_type_name(number: int) -> str:
    """The name without ``LINKTYPE_``, or the number where it has none here."""
    return _NAMES.get(number, "USER" if 147 <= number <= 162 else str(number))
