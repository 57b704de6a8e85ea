"""Arrays in, tables out: loaders → dataset → features, neighbors → maps → clusterers → metrics → tables → store.

A stage (`features`, `neighbors`, and the rooms `maps`, `clusterers`, `metrics`) is pure functions and imports no other
stage. `run` plans them as cells and computes these on as many processes as there are; `labels` looks at all settings
together; `pipeline` alone knows the order. `config` says what is wanted, `machine` is about files, locks and signals.
Nothing here knows that a web page exists: what the page shows, it reads from the files that `store` defines.
"""
