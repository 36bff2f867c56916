"""The gate: a hard deadline, a bounded number of calls, and a short rest after a failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from fluxdash.errors import BadPayload, SourceError, SourceSaturated, SourceTimeout, SourceUnreachable
from fluxdash.sources.gate import Gate
from tests.heard import Heard


@pytest.fixture
def open_gate() -> Iterator[threading.Event]:
    """An event that hanging work waits for; set at the end, so that no thread is left."""
    event = threading.Event()
    yield event
    event.set()


def fail(kind: type[SourceError]) -> object:
    raise kind("Prometheus", "cannot be reached", hint="ConnectError")


def test_an_answer_in_time_is_returned() -> None:
    assert Gate("Prometheus", 2, 1.0).call(lambda: 42) == 42


def test_a_call_that_hangs_is_abandoned_at_the_deadline(open_gate: threading.Event) -> None:
    gate = Gate("Prometheus", 1, 0.2)
    started = time.monotonic()
    with pytest.raises(SourceTimeout, match=r"Prometheus: did not answer in 0\.2 s"):
        gate.call(lambda: open_gate.wait(10))
    assert time.monotonic() - started < 1


def test_no_more_calls_than_places_and_the_next_is_refused_soon(open_gate: threading.Event) -> None:
    gate = Gate("Prometheus", 2, 0.2)
    running: list[int] = []

    def hang() -> None:
        running.append(1)
        open_gate.wait(10)

    for _ in range(2):
        with pytest.raises(SourceTimeout):
            gate.call(hang)
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(SourceSaturated, match="2 calls are in flight"):
            gate.call(hang)
    assert time.monotonic() - started < 1.5
    assert len(running) == 2, "abandoned calls keep their places"


def test_an_abandoned_call_frees_its_place_when_it_ends(open_gate: threading.Event) -> None:
    gate = Gate("Prometheus", 1, 0.2)
    with pytest.raises(SourceTimeout):
        gate.call(lambda: open_gate.wait(10))
    open_gate.set()
    assert gate.call(lambda: "back") == "back"


def test_a_busy_moment_is_waited_out(open_gate: threading.Event) -> None:
    gate = Gate("Prometheus", 1, 5.0)
    busy = threading.Thread(target=lambda: gate.call(lambda: time.sleep(0.2)))
    busy.start()
    time.sleep(0.05)
    assert gate.call(lambda: "soon after") == "soon after"
    busy.join()


def test_at_most_as_many_calls_as_places_are_in_flight() -> None:
    gate = Gate("Prometheus", 3, 5.0)
    lock, now, peak = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal now, peak
        with lock:
            now += 1
            peak = max(peak, now)
        time.sleep(0.03)
        with lock:
            now -= 1

    threads = [threading.Thread(target=lambda: gate.call(work)) for _ in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert peak == 3


def test_a_source_that_cannot_be_reached_is_left_alone_for_a_moment_and_then_heals() -> None:
    now = [100.0]
    gate = Gate("Prometheus", 1, 1.0, lambda: now[0])
    calls: list[int] = []

    def unreachable() -> object:
        calls.append(1)
        return fail(SourceUnreachable)

    for _ in range(3):
        with pytest.raises(SourceUnreachable) as failed:
            gate.call(unreachable)
        assert (failed.value.source, failed.value.hint) == ("Prometheus", "ConnectError")
    assert len(calls) == 1
    now[0] += 2
    assert gate.call(lambda: "back") == "back"
    with pytest.raises(SourceUnreachable):
        gate.call(unreachable)
    assert len(calls) == 2


@pytest.mark.parametrize("kind", [BadPayload, SourceTimeout])
def test_other_failures_do_not_keep_the_next_call_away(kind: type[SourceError]) -> None:
    gate = Gate("Prometheus", 1, 1.0)
    with pytest.raises(kind):
        gate.call(lambda: fail(kind))
    assert gate.call(lambda: "fine") == "fine"


def test_a_bug_in_the_work_is_not_hidden_and_frees_the_place() -> None:
    gate = Gate("Prometheus", 1, 1.0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            gate.call(lambda: 1 / 0)


def test_a_closed_gate_lets_calls_in_flight_end() -> None:
    gate = Gate("Prometheus", 1, 1.0)
    assert gate.call(lambda: 1) == 1
    gate.close()
    gate.close()


def test_each_call_is_told_with_how_it_ended() -> None:
    heard = Heard()
    gate = Gate("Prometheus", 1, 1.0, told="prometheus", telemetry=heard)
    gate.call(lambda: 1)
    with pytest.raises(BadPayload):
        gate.call(lambda: fail(BadPayload))
    with pytest.raises(ZeroDivisionError):
        gate.call(lambda: 1 / 0)
    assert heard.take() == [
        ("asked", "prometheus", "ok"),
        ("asked", "prometheus", "bad_payload"),
        ("failed", "prometheus", "bad_payload", "cannot be reached"),
        ("asked", "prometheus", "crashed"),
    ]


def test_a_rest_is_told_when_it_begins_and_when_it_is_over() -> None:
    heard, now = Heard(), [100.0]
    gate = Gate("Prometheus", 1, 1.0, lambda: now[0], "prometheus", heard)
    for _ in range(2):
        with pytest.raises(SourceUnreachable):
            gate.call(lambda: fail(SourceUnreachable))
    assert heard.take() == [
        ("rests", "prometheus", True),
        ("asked", "prometheus", "unreachable"),
        ("failed", "prometheus", "unreachable", "cannot be reached"),
        ("refused", "prometheus", "resting"),
    ]
    now[0] += 2
    with pytest.raises(SourceUnreachable):
        gate.call(lambda: fail(SourceUnreachable))
    assert ("rests", "prometheus", True) not in heard.take(), "it rests still"
    now[0] += 2
    gate.call(lambda: 1)
    gate.call(lambda: 1)
    assert heard.take() == [("rests", "prometheus", False), *[("asked", "prometheus", "ok")] * 2]


def test_an_abandoned_call_is_told_and_so_is_its_end(open_gate: threading.Event) -> None:
    heard = Heard()
    gate = Gate("Prometheus", 1, 0.2, told="prometheus", telemetry=heard)
    with pytest.raises(SourceTimeout):
        gate.call(lambda: open_gate.wait(10))
    with pytest.raises(SourceSaturated):
        gate.call(lambda: 1)
    assert heard.take() == [
        ("abandoned", "prometheus", 1),
        ("asked", "prometheus", "timeout"),
        ("failed", "prometheus", "timeout", "did not answer in 0.2 s"),
        ("refused", "prometheus", "saturated"),
    ]
    open_gate.set()
    assert gate.call(lambda: "back") == "back"
    deadline = time.monotonic() + 10
    while ("abandoned", "prometheus", -1) not in heard.words:
        assert time.monotonic() < deadline
