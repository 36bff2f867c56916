"""`python -m fluxdash` is the command `fluxdash`."""

import sys

from fluxdash.cli import main

if __name__ == "__main__":
    sys.exit(main())
