"""Traces: single requests as their spans, to find, to open, and to see where their time went."""

from fluxdash.ui.page import Page
from fluxdash.ui.traceviewer import TraceViewer

PAGE = Page(path="/traces", title="Traces", icon="traces", order=50, traces=TraceViewer("Traces"))
