"""The front door: the command line, for people and for `python -m clusterfolio`."""
