"""Everything that has a name here or on the wire, explained: fields, codes, rules, anomalies, ideas and our own words."""

from inspector.report.explain.explanation import Explanation, Kind
from inspector.report.explain.lookup import all_explanations, close_terms, explain

__all__ = ["Explanation", "Kind", "all_explanations", "close_terms", "explain"]
