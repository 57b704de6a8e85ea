"""Clusterings: the points of a map, or of the feature space, in groups."""
