"""A study as cells: planned, computed on as many processes as there are, and kept."""
