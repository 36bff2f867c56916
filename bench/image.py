"""What the image carries: its libraries by weight, in a clean environment that the Dockerfile's own commands made."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from tools.image import built

MOST = 350
"""Megabytes that site-packages may weigh, the bytecode that Python reads for them included."""


def weights(folder: Path) -> Counter[str]:
    """Return the bytes of the files in a folder by their first part below it; a link weighs nothing."""
    found: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            found[path.relative_to(folder).parts[0]] += path.stat().st_size
    return found


def main() -> None:
    """Make the image in a temporary folder and print its weight and that of its heaviest libraries."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--top", type=int, default=12, help="how many libraries to name (default %(default)s)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        image = built(Path(folder))
        code, bytecode = weights(image.site), weights(image.bytecode)
        whole = weights(image.root).total()
    for name, size in (code + bytecode).most_common(args.top):
        print(f"{size / 1e6:7.1f} MB  {name}")
    print(f"{code.total() / 1e6:7.1f} MB  site-packages")
    print(f"{bytecode.total() / 1e6:7.1f} MB  their bytecode")
    print(f"{(code + bytecode).total() / 1e6:7.1f} MB  both; {MOST} MB are allowed")
    print(f"{whole / 1e6:7.1f} MB  all that the image adds to its base")


if __name__ == "__main__":
    main()
