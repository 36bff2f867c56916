"""The WSGI entry point: `gunicorn fluxdash.wsgi:server`."""

from fluxdash.app import create_app

server = create_app().server
