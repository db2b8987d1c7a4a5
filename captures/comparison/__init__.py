"""What we decoded beside what Wireshark decoded."""
