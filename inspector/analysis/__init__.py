"""Facts derived once from a capture and shared by rules."""
