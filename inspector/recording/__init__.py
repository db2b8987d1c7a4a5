"""Captures in and out: records, scan, connections, reassembly."""
