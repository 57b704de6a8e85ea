"""The machine: files that are whole or not there, locks, signals, and faults of a disk rather than of data."""
