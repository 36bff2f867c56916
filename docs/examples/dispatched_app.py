"""The same portal beside an application that it does not share a Flask app with, each under a path of its own.

Run it with: gunicorn --chdir docs/examples --threads 4 dispatched_app:app
"""

import flask
from host_app import app as portal
from werkzeug.middleware.dispatcher import DispatcherMiddleware

app = DispatcherMiddleware(flask.Flask("nothing at the root"), {"/portal": portal})
