"""Writes the golden pages anew, to be looked at as a difference before they are committed."""

from tests import golden

golden.write()
