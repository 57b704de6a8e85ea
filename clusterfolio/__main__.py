"""`python -m clusterfolio`."""

import sys

from clusterfolio.start import main

if __name__ == "__main__":
    sys.exit(main("python -m clusterfolio"))
