"""Hits to an answer: what is shown to a model, what it writes, and what it rests on."""
