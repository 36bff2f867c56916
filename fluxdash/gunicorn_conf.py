"""How gunicorn serves FluxDash: `gunicorn -c python:fluxdash.gunicorn_conf fluxdash.wsgi:server`."""

from pathlib import Path

from fluxdash.settings import Settings

_settings = Settings.from_env()
_in_memory = Path("/dev/shm")

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.workers
threads = _settings.threads
# Each worker makes its own connections after the fork; nothing is open that two processes could share.
preload_app = False
# Longer than the slowest allowed answer of a source, so that a worker is never killed for waiting as told.
timeout = int(max(_settings.prometheus_timeout, _settings.database_timeout)) + 30
graceful_timeout = 10
keepalive = 15
# A worker's heartbeat must not wait for a busy disk.
worker_tmp_dir = str(_in_memory) if _in_memory.is_dir() else None
control_socket_disable = True
loglevel = _settings.log_level
accesslog = None
errorlog = "-"
proc_name = "fluxdash"
