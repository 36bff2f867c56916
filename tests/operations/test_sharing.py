"""What the processes of a server share: libraries that are loaded before the fork, and few heaps."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

_SHARE = """
import gc, json, sys
from fluxdash.operations import sharing
sharing.share()
print(json.dumps({"modules": list(sys.modules), "frozen": gc.get_freeze_count()}))
"""

_HEAPS = """
import ctypes, sys, threading
from fluxdash.operations import sharing
if sys.argv[1] == "few":
    sharing.few_heaps()
barrier = threading.Barrier(8)
def work():
    kept = [bytes(2000) for _ in range(100)]
    barrier.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
[each.start() for each in threads]
[each.join() for each in threads]
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def _said(program: str, *words: str) -> str:
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def shared() -> dict[str, Any]:
    """What a process holds that has loaded what is shared."""
    found: dict[str, Any] = json.loads(_said(_SHARE))
    return found


def test_what_is_loaded_before_the_fork_is_left_alone_by_the_search_for_cycles(shared: dict[str, Any]) -> None:
    assert {"pandas", "scipy.stats", "sqlalchemy", "dash"} <= set(shared["modules"])
    assert shared["frozen"] > 100_000


def test_nothing_of_ours_is_loaded_that_a_reload_would_have_to_read_anew(shared: dict[str, Any]) -> None:
    ours = {each for each in shared["modules"] if each.startswith("fluxdash.")}
    assert ours == {"fluxdash.operations", "fluxdash.operations.sharing"}


def test_counts_are_not_loaded_before_it_is_known_where_they_are_kept(shared: dict[str, Any]) -> None:
    assert "prometheus_client" not in shared["modules"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc has heaps to be counted")
def test_threads_share_two_heaps() -> None:
    assert _said(_HEAPS, "few").count("<heap nr=") == 2
    assert _said(_HEAPS, "many").count("<heap nr=") > 2
