"""Benchmarks of memctl: each script measures in one run what it compares; see README.md."""
