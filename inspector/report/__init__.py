"""The report: JSON is the product (``build``), text (``text``; later Markdown and HTML) renders it."""
