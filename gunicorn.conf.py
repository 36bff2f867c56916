"""gunicorn reads this file where it is started: the configuration that ships with the package."""

from fluxdash.gunicorn_conf import *  # noqa: F403
