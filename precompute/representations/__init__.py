"""Representations: matrices over the same samples, from the data itself, from a file, or from an image encoder."""
