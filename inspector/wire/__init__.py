"""Decoders of byte streams. They do no I/O: bytes in, messages and frames out."""
