"""Tests: one file a source file; `browser` drives the built page in a real browser; `benchmarks` print figures."""
