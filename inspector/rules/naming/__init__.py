"""Rules about DNS."""
