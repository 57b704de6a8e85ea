"""Arrays in, tables out: dataset → features → embeddings → clusters → metrics → store.

Each stage is a module of pure functions and imports no other stage; `pipeline` alone knows their order. Nothing
in this package knows that a web page exists: what the page shows, it reads from the files that `store` defines.
"""
