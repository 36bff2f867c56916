"""The drawer of a span: its tags, events and exceptions, each once and as text."""

from __future__ import annotations

from fluxdash.views.spandrawer import MOST_SHOWN, Fault, drawer
from tests.traced import EPOCH, MS, span
from tests.ui.faketraces import HARM, harmful
from tests.views.reading import every, marked, text

FAULT = Fault(EPOCH + 190 * MS, "ThrottlingException", "slow down", "Traceback", 2, 2)


def test_an_exception_is_shown_once_with_its_moment_and_how_often_it_was_recorded() -> None:
    failed = span("invoke", None, 100, 200, failed=True, message="slow down")
    shown = drawer(failed, EPOCH, [FAULT], (), "attempt 1 of 2")
    assert len(marked(shown, "errbox")) == 1
    said = text(shown)
    for each in ("Error", "100 ms · starts at 100 ms · attempt 1 of 2", "at 190 ms", "recorded 2 times", "2 frames"):
        assert each in said


def test_a_status_that_no_exception_says_is_shown() -> None:
    failed = span("invoke", None, 0, 1, failed=True, message="the upstream hung up")
    assert "the upstream hung up" in text(drawer(failed, EPOCH, [FAULT], (), ""))


def test_no_more_tags_are_shown_than_can_be_read_and_the_rest_is_counted() -> None:
    many = span("invoke", None, 0, 1, attributes=tuple((f"k{i}", i) for i in range(MOST_SHOWN + 7)))
    shown = drawer(many, EPOCH, [], (), "")
    assert len(marked(shown, "kv")[0].children) == 2 * MOST_SHOWN
    assert "and 7 more" in text(shown)


def test_whatever_a_span_says_becomes_text_and_no_address() -> None:
    found = harmful()
    shown = drawer(found.nodes[0].span, found.start, [Fault(EPOCH, HARM, HARM, HARM, 0, 1)], (), "")
    assert {type(each).__name__ for each in every(shown)}.isdisjoint({"A", "Img", "Iframe", "Markdown"})
    assert HARM in text(shown)
