"""The report: JSON is the product, text (later Markdown and HTML) renders it."""

from __future__ import annotations

from inspector.report.build import build_report
from inspector.report.text import render_text

__all__ = ["build_report", "render_text"]
