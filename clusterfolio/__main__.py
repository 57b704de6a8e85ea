"""`python -m clusterfolio`."""

import sys

from clusterfolio.cli import main

if __name__ == "__main__":
    sys.exit(main(program="python -m clusterfolio"))
