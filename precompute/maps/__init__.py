"""Maps: the registry of methods, and each method in a file of its own."""
