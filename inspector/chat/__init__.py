"""The reference chat server and its labs."""
