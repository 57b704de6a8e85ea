"""Tables in, pages out: views → data, charts, images → study → pages → publish → copies.

The site is made from the files of the store alone, never from arrays still in memory; of the other package only
`precompute.store` (the format) and `precompute.machine` (files and their fingerprints) are known here, and no
machine-learning library. `output.bundles` says which sources of static/ make a page.
"""
