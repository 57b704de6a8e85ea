"""Tables in, pages out: views → charts, insights → payload → pages → publish.

The site is made from the files of the store alone, never from arrays still in memory; of the other package only
`precompute.store` (the format) and `precompute.files` (writing) are known here, and no machine-learning library.
"""
