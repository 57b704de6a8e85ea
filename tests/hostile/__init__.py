"""Hostile input: texts, addresses, stored values and folders that try to get in, and a build that must not tell."""
