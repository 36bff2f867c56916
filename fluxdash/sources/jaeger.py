"""Jaeger, or what keeps traces like it, as a store: it is asked which language it speaks, again when that changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import httpx

from fluxdash.errors import BadPayload, NotReported, SourceError
from fluxdash.profiles.tracing import Tracing
from fluxdash.semantic.answer import Note, NoteKind
from fluxdash.semantic.traceid import TraceId
from fluxdash.semantic.traces import Trace
from fluxdash.sources import jaeger_reply, otlp_reply
from fluxdash.sources.caller import Caller
from fluxdash.sources.dialects import Dialect, Legacy, Tempo, VersionThree
from fluxdash.sources.newest import Stretch, newest
from fluxdash.sources.replies import NoSuchEndpoint
from fluxdash.sources.source import SourceState
from fluxdash.sources.summaries import matches, started
from fluxdash.sources.trace_store import JAEGER, TEMPO, Ask, Haul, Hit

_PAGES = 5

T = TypeVar("T")

PICKED = "The store picks which traces it shows of so many: these need not be the newest."
FILTERED = "The store cannot search for errors: the newest traces were looked through for them."


class Jaeger:
    """Searches one store of traces over HTTP; `service` is the gateway's name there, `ui` the store's own screen."""

    def __init__(
        self, caller: Caller, tracing: Tracing, service: str, ui: str | None, clock: Callable[[], float] = time.time
    ) -> None:
        self._caller = caller
        self._tracing = tracing
        self._service = service
        self._ui = None if ui is None else _public(ui)
        self._clock = clock
        self._dialect: Dialect | None = None
        self._state = SourceState(JAEGER, "ok")

    @property
    def name(self) -> str:
        return TEMPO if isinstance(self._dialect, Tempo) else JAEGER

    def exists(self) -> bool:
        """Whether there is such a store: it was set up."""
        return True

    def search(self, ask: Ask, *, spans: bool = False) -> Haul:
        """Return the newest traces that match; raises NotReported without a service to search for, SourceError."""
        self._require()
        haul = self._pages(ask, ask, spans)
        if ask.errors and not ask.of_one_span and not haul.hits:
            # Some storages do not know the tag that stands for an error (Jaeger's issue 8553), and find none by it.
            haul = self._pages(replace(ask, errors=False), ask, spans=True)
            return replace(haul, notes=(*haul.notes, Note(NoteKind.PARTIAL, FILTERED))) if haul.hits else haul
        return haul

    def statement(self, ask: Ask) -> str:
        """Return what a search asks first, in the language that the server speaks; raises as `search` does."""
        self._require()
        dialect = self._dialect or self._spoken(lambda found: found)
        return dialect.statement(ask, self._service, self._tracing)

    def trace(self, trace_id: TraceId) -> Trace | None:
        """Return one trace, or None where it is not kept, or not yet: what was just sent takes some seconds."""
        return self._spoken(lambda dialect: dialect.trace(trace_id))

    def beginning(self, prefix: TraceId, start: int, end: int) -> Sequence[TraceId]:
        """Return traces whose id begins so, of the newest of a stretch: no store of this kind can search for it."""
        ask = Ask(start, end, 200)
        found = self._pages(ask, ask, spans=False)
        return [each.summary.id for each in found.hits if prefix.begins(each.summary.id)][:5]

    def link(self, trace_id: TraceId) -> str | None:
        """Return the trace's address in Jaeger's screen; Tempo has none of its own."""
        return None if self._ui is None or isinstance(self._dialect, Tempo) else f"{self._ui}/trace/{trace_id}"

    def state(self) -> SourceState:
        return self._state

    def close(self) -> None:
        self._caller.close()

    def _require(self) -> None:
        if not self._service:
            raise NotReported(
                "Traces", ("No service is named: set FLUXDASH_TRACE_SERVICE to the gateway's name there.",)
            )

    def _pages(self, sent: Ask, meant: Ask, spans: bool) -> Haul:
        """Ask for what can be sent, and keep what was meant: page by page, while too little of a page is that."""
        kept: list[Hit] = []
        looked, older, sure = 0, sent.end, True
        for _ in range(_PAGES):
            found = self._newest(replace(sent, end=older), spans)
            kept += [each for each in found.items if matches(each, meant)]
            looked, older, sure = looked + len(found.items), found.edge, sure and found.sure
            if not found.cut or not found.sure or len(kept) >= meant.n:
                break
        more = found.cut
        if len(kept) > meant.n:
            more, older = True, started(kept[meant.n - 1])
            kept = [each for each in kept if started(each) >= older]
        notes = () if sure else (Note(NoteKind.PARTIAL, PICKED),)
        return Haul(tuple(kept), older if more else None, looked, notes)

    def _newest(self, ask: Ask, spans: bool) -> Stretch[Hit]:
        def fetch(start: int, end: int, n: int) -> list[Hit]:
            part = replace(ask, start=start, end=end, n=n)
            return self._spoken(lambda dialect: dialect.found(part, self._service, self._tracing, spans=spans))

        return newest(fetch, started, ask.start, ask.end, ask.n)

    def _spoken(self, say: Callable[[Dialect], T]) -> T:
        """Ask in the language that the server is known to speak; one that it no longer speaks is looked for anew."""
        try:
            known = self._dialect
            if known is not None:
                try:
                    return self._read(say(known))
                except NoSuchEndpoint:
                    self._dialect = None
            self._dialect = self._probed()
            return self._read(say(self._dialect))
        except SourceError as err:
            self._state = self._state.failed(err.reason)
            raise

    def _read(self, answer: T) -> T:
        self._state = self._state.read(self._clock())
        return answer

    def _probed(self) -> Dialect:
        """Look which language the server speaks, the one with the whole traces first; raises SourceError."""
        name = self._caller.name
        try:
            jaeger_reply.data(name, self._caller.get("/api/services"))
            return Legacy(self._caller)
        except BadPayload:
            pass  # what else is wrong (nobody there, no entry) is wrong with every language
        try:
            otlp_reply.result(name, self._caller.get("/api/v3/services"))
            return VersionThree(self._caller)
        except BadPayload:
            pass
        echo = self._caller.get("/api/echo")
        if echo.status == 200 and echo.body.strip() == b"echo":
            return Tempo(self._caller)
        raise BadPayload(
            name, "answers neither as Jaeger nor as Tempo", hint="Is JAEGER_URL the address of its query service?"
        )


def _public(url: str) -> str:
    """Return an address as people may follow it: without credentials."""
    address = httpx.URL(url)
    return str(address.copy_with(username=None, password=None, query=None, fragment=None)).rstrip("/")
