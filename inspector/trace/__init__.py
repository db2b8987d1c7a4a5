"""The optional server-side trace for Django and Channels."""
