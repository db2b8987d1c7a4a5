"""Rules about WebSocket."""
