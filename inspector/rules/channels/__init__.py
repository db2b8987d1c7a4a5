"""Rules about Channels, Daphne and nginx."""
