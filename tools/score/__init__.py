"""``make score``: labs are played, diagnosed, and the diagnosis compared with what the labs say really happened."""
