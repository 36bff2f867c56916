"""A portal that was there before: its own page, its own error page, a Dash app of its own, and now FluxDash.

Run it with: gunicorn --chdir docs/examples --threads 4 host_app:app
"""

import dash
import flask
from dash import Input, Output, dcc, html

import fluxdash

app = flask.Flask(__name__)
app.config.from_prefixed_env("PORTAL")  # its secret key and all else stay as they are

fluxdash.mount(app, at="/observability/")

notes = dash.Dash("notes", server=app, url_base_pathname="/notes/")
notes.layout = html.Div([dcc.Input(id="name"), html.P(id="greeting")])


@notes.callback(Output("greeting", "children"), Input("name", "value"))
def greet(name):
    return f"Hello, {name or 'you'}"


@app.get("/")
def home():
    return """<!doctype html><html lang="en"><title>Portal</title><h1>Portal</h1>
<p><a href="observability/">All of it</a></p>
<iframe title="Requests" src="observability/?embed=1&panel=request-rate" width="800" height="420"></iframe></html>"""


@app.errorhandler(404)
def lost(error):
    return "Nothing of the portal's is here.", 404
