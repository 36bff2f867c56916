"""Zones from an address: a name that exists is a zone, and nothing else is."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxdash.errors import BadRequest
from fluxdash.ui.zones import zone


@pytest.mark.parametrize(
    "name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "Asia/Kolkata"]
)
def test_a_name_of_the_zone_database_is_a_zone(name: str) -> None:
    assert str(zone(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "Europe", "europe/berlin ", "Europe/Berlin/", "/etc/passwd", "../UTC", "Europe/../UTC", "tzdata.zi",
        "zone.tab", "posixrules", "localtime", "right/UTC", "UTC\x00", "x" * 5000, "Ｕ ＴＣ",
    ],
)  # fmt: skip
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        zone(name)
    assert refused.value.field == "zone"


def test_a_slip_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(BadRequest, match="Did you mean 'America/New_York'"):
        zone("America/NewYork")


@given(st.text(max_size=60))
def test_no_text_does_more_than_be_refused(name: str) -> None:
    try:
        assert str(zone(name)) in available_timezones()
    except BadRequest:
        return
