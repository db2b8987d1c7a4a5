"""Tests of ``captures``."""
