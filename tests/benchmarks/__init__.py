"""Benchmarks: they print figures and ratios, both sides in one run, and never assert on time. Not run by pytest."""
