"""The machine: files that are whole or not there, locks, signals, and what is wrong with a disk rather than with data."""
