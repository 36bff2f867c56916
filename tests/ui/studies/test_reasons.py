"""The bridge in words and as it is drawn: whatever the world, the cents on the bars add up to the change."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from fluxdash.analysis.bridge import Facts, bridge
from fluxdash.ui.studies.reasons import told
from fluxdash.views.bridge import bridge_chart
from fluxdash.views.scene import Look

MICRO = st.integers(0, 10**9).map(lambda each: Decimal(each) / 10**6)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """One slice of one window: hits never outnumber requests, and the input's cost is a part of all."""
    requests = draw(st.integers(0, 10_000))
    cost = draw(MICRO)
    return Facts(
        draw(st.sampled_from(["anthropic.claude-3-opus-20240229-v1:0", "meta.llama3-8b-instruct-v1:0", "unknown"])),
        draw(st.sampled_from(["us-east-1", "eu-west-1", ""])),
        requests,
        cost,
        draw(st.integers(0, requests)),
        draw(st.integers(0, 10**8)),
        draw(st.integers(0, 10**7)),
        draw(st.integers(0, 100)) * cost / 100,
    )


def cents(label: str) -> int:
    """Read an amount back from its label."""
    plain = re.sub(r"[<>b/$+,.]", "", label.replace("\u2212", "-"))
    return 0 if "unchanged" in label else int(plain)


@settings(max_examples=60)
@given(st.lists(facts(), max_size=6), st.lists(facts(), max_size=6))
def test_the_cents_on_the_bars_of_any_world_add_up_to_the_change_of_its_cost(
    before: list[Facts], after: list[Facts]
) -> None:
    drawing = bridge_chart(told(bridge(before, after), "log"), Look(), "", "9 – 16 Nov")
    assert drawing.figure is not None
    labels = [note["text"] for note in drawing.figure["layout"]["annotations"][::3]]
    change = sum((Decimal(str(each.cost)) for each in after), Decimal()) - sum(
        (Decimal(str(each.cost)) for each in before), Decimal()
    )
    net = int((change * 100).to_integral_value(ROUND_HALF_UP))
    assert cents(labels[-1]) == net
    assert sum(map(cents, labels[:-1])) == net


def test_what_falls_to_a_neighbour_is_said() -> None:
    bare = [Facts("opus", "us-east-1", 10, Decimal(1))]
    said = " ".join(told(bridge(bare, bare), "prometheus").untold)
    assert "Prometheus does not tell which of these requests were hits, so the cache is part of the price." in said
    assert "Prometheus does not tell the tokens of what was paid for" in said


def test_everything_told_needs_no_words() -> None:
    whole = [Facts("opus", "us-east-1", 10, Decimal(1), 2, 100, 10, Decimal("0.5"))]
    assert told(bridge(whole, whole), "log").untold == ()
