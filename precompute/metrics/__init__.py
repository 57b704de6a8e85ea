"""Measures of clusterings and of maps: the registry, and the figures by what they look at."""
