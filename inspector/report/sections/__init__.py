"""The sections of report.json, one file each; ``inspector.report.build`` puts them together."""
