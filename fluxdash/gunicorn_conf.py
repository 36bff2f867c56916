"""How gunicorn serves FluxDash: `gunicorn -c python:fluxdash.gunicorn_conf fluxdash.wsgi:server`."""

import gc
import os
import tempfile
from pathlib import Path
from typing import Any

from fluxdash.operations import serving, sharing
from fluxdash.operations.lines import FORMS
from fluxdash.operations.lines import logger_class as lined
from fluxdash.operations.noticeboard import Noticeboard
from fluxdash.operations.worker import Worker
from fluxdash.settings import Settings, hand_down, redacted

_settings = Settings.from_env()
_shm = Path("/dev/shm")
_in_memory = _shm if os.access(_shm, os.W_OK) else Path(tempfile.gettempdir())

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = Worker
workers = _settings.workers
threads = _settings.threads
# Each worker makes its own connections after the fork; nothing is open that two processes could share.
preload_app = False
# Longer than the slowest allowed answer of a source, so that a worker is never killed for waiting as told.
timeout = int(max(_settings.prometheus_timeout, _settings.database_timeout)) + 30
graceful_timeout = 10
# A view with many filters is an address that can be opened anew.
limit_request_line = 8190
keepalive = 15
# A worker's heartbeat must not wait for a busy disk.
worker_tmp_dir = str(_in_memory)
control_socket_disable = True
logger_class = lined(FORMS[_settings.log_format](redacted))
loglevel = _settings.log_level
accesslog = None
errorlog = "-"
proc_name = "fluxdash"


def on_starting(server: Any) -> None:
    """Make the folder that all processes share, let them know it, and load what they share, before there are any."""
    server.board = Noticeboard(serving.shared_folder(_in_memory))
    hand_down(server.board.folder)
    sharing.share()


def when_ready(server: Any) -> None:
    """Heed SIGTERM in our own way; gunicorn has set its handlers by now."""
    serving.heed(server, server.board, _settings.drain)
    serving.hurry_readers(server.LISTENERS)


def on_reload(server: Any) -> None:
    """Tell the workers there are now that they are to be relieved."""
    server.board.reloaded(server.worker_age)


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the board that it reads."""
    worker.board = server.board


def post_worker_init(worker: Any) -> None:
    """Tell that a worker can serve."""
    # What is loaded by now stays to the end, where Python would look through it for cycles: half a second of work.
    gc.freeze()
    worker.board.arrived(worker.age)


def child_exit(server: Any, worker: Any) -> None:
    """Forget a worker that ended."""
    serving.forget(worker, server.board.folder)
