"""Takes away what installed libraries bring along and nothing of FluxDash ever reads, and prints how much that was.

    /opt/fluxdash/bin/python deploy/image/prune.py

Modules stay, but for those that test or build: a library may import any other on its way. Where one no longer has what
is looked for, the build fails, so that somebody looks again.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

NEVER_READ = (
    ("the libraries' own tests", ("*/**/tests", "*/**/test", "sqlalchemy/testing")),
    ("extensions that only NumPy's tests load", ("numpy/_core/_simd.*", "numpy/_core/_*_tests.*")),
    ("what compilers and type checkers read", ("**/*.pyi", "**/*.pyx", "**/*.pxd", "**/*.[ach]", "**/*.hpp")),
    ("setuptools, which Dash requires but does not import", ("setuptools*", "_distutils_hack", "distutils-*.pth")),
    ("SciPy's reader of Matrix Market files", ("scipy/io/_fast_matrix_market/_fmm_core.*",)),
    ("data to try statistics and charts with", ("statsmodels/datasets/*/*.csv", "statsmodels/datasets/*/src")),
    ("what the assets hold of plotly.js in another form", ("plotly/package_data/*.js", "plotly/labextension")),
    ("maps from scripts to their sources", ("**/*.map",)),
    ("scripts of Dash as its developers load them", ("dash/deps/*[0-9].js", "dash/dash-renderer/build/*.dev.js")),
    ("what Dash's components are generated from", ("dash/*/metadata.json",)),
    ("the demonstration of Dash's old table", ("dash/dash_table/commons.js", "dash/dash_table/demo.js")),
    ("the part of the grid that is of use with a licence only", ("dash_ag_grid/async-enterprise.js",)),
)


def main() -> int:
    """Prune the site-packages of the Python that runs this."""
    site = Path(sysconfig.get_path("purelib"))
    for what, patterns in NEVER_READ:
        freed = sum(_freed(site, pattern) for pattern in patterns)
        if not freed:
            print(f"prune: {what}: nothing of that is here", file=sys.stderr)
            return 1
        print(f"{freed / 1e6:6.1f} MB  {what}")
    return 0


def _freed(site: Path, pattern: str) -> int:
    freed = 0
    for path in sorted(site.glob(pattern)):
        if path.is_dir():
            freed += sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
            shutil.rmtree(path)
        elif path.exists():
            freed += path.stat().st_size
            path.unlink()
    return freed


if __name__ == "__main__":
    raise SystemExit(main())
