"""What a reader must know of who answered: filters that were not applied, another title, who failed or was behind."""

from __future__ import annotations

from collections.abc import Sequence

from fluxdash.errors import SourceError
from fluxdash.semantic.answer import Note, NoteKind
from fluxdash.semantic.query import Query
from fluxdash.sources.source import TITLES, Verdict


def of_answer(
    query: Query, verdict: Verdict, failures: Sequence[SourceError], behind: Sequence[str]
) -> tuple[Note, ...]:
    """Return the notes of an answer; `failures` are of those asked before, `behind` says who was passed over."""
    measure = query.measure.title.lower()
    judged = [
        Note(NoteKind.IGNORED_FILTER, f"{each.title} filter not applied: it decides what counts for the {measure}")
        for each in query.judged
    ]
    label = [Note(NoteKind.RELABELLED, verdict.label)] if verdict.label else []
    fallback = [*_failed(failures), *(Note(NoteKind.FALLBACK, text) for text in behind)]
    stale = [Note(NoteKind.PARTIAL, verdict.stale)] if verdict.stale else []
    return (*judged, *_ignored(verdict), *label, *fallback, *stale)


def of_samples(verdict: Verdict, failures: Sequence[SourceError]) -> tuple[Note, ...]:
    """Return the notes of samples, which say by themselves how well they are known."""
    return (*_ignored(verdict), *_failed(failures))


def _ignored(verdict: Verdict) -> list[Note]:
    return [
        Note(
            NoteKind.IGNORED_FILTER,
            f"{each.title} filter not applied: {TITLES[verdict.source]} carries no {each.slug} here",
        )
        for each in verdict.ignored
    ]


def _failed(failures: Sequence[SourceError]) -> list[Note]:
    return [Note(NoteKind.FALLBACK, f"{err.source} {err.reason}") for err in failures]
