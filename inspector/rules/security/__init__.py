"""Rules about what gives secrets or trust away."""
