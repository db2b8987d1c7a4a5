"""What was observed: tables, exchanges, messages, evidence, findings."""
