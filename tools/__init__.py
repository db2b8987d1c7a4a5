"""Maintenance scripts; not installed."""
