"""Benchmarks against other tools: large captures made here, the same work side by side in one run."""
