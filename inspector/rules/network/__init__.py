"""Rules about TCP."""
