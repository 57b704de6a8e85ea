"""A shift: another set of samples, held against what the clean data gave.

`registry` names the corruptions and `pictures` does them; `placing` puts new samples on a map that stands, `measures`
says what a shift harms, `two_sample` whether it is detectable. All are functions from arrays to arrays.
"""
