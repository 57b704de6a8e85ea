"""Data of the pages: what their scripts read, packed."""
