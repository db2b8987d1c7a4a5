"""Parsers that ask Wireshark for a second opinion, and the samples that ship."""
