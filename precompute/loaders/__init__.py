"""Other people's data: files and folders in, a checked `Dataset` out.

One module a format, each a function from a path to a `Raw`; `registry.py` lists them. Nothing is decoded before its
size is known and allowed, nothing is ever unpickled, and no name inside a file is used as a path.
"""
