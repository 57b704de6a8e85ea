"""Charts, declared in Altair: those that the pages run, and those that a reader takes along."""
