"""``memctl eval``: questions whose answers are known, asked and measured."""
