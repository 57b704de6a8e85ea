"""What maps and clusterings say of the labels given: doubts, stability, and what chance alone would make."""
