"""Copies of a site to take along: one file, or one archive."""
