"""Faults: whatever breaks, nothing is lost, half-written, or shown wrong."""
