"""The faces of memctl: one command, one file."""
