"""Rules about HTTP."""
