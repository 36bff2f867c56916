"""What the documentation says is so: each setting, each link, each command."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from fluxdash.api.parameters import NAMES
from fluxdash.semantic.conditions import FIELDS, Op, condition
from fluxdash.semantic.measure import Measure
from fluxdash.semantic.measures import MEASURES
from fluxdash.settings import SETTINGS, Setting

PROJECT = Path(__file__).resolve().parents[1]
SETTINGS_PAGE = PROJECT / "docs" / "settings.md"
PROSE = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])


def documented() -> dict[str, str]:
    """The rows of the settings page, by variable."""
    rows = (line for line in SETTINGS_PAGE.read_text().splitlines() if line.startswith("| `"))
    return {row.split("`")[1]: row for row in rows}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.key)
def test_a_setting_is_documented_as_it_is_defined(setting: Setting) -> None:
    assert documented().get(setting.key) == setting.row


def test_no_setting_is_documented_that_does_not_exist() -> None:
    assert set(documented()) == {setting.key for setting in SETTINGS.values()}


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.slug)
def test_a_measure_is_documented_as_it_is_defined(measure: Measure) -> None:
    page = (PROJECT / "docs" / "measures.md").read_text()
    assert f"| `{measure.slug}` | {measure.meaning} | {measure.unit.value} |" in page


def test_every_parameter_of_the_api_is_documented() -> None:
    page = (PROJECT / "docs" / "api.md").read_text()
    assert [name for name in NAMES if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", PROSE, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_setting_that_the_prose_names_exists(page: Path) -> None:
    known = {setting.key for setting in SETTINGS.values()} | {"FLUXDASH_REQUIRE_SERVERS"}
    assert set(re.findall(r"\bFLUXDASH_[A-Z0-9_]+\b", page.read_text())) <= known


@pytest.mark.parametrize("page", PROSE, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s#]+)", page.read_text())
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PROSE, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_make_target_that_the_prose_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)|^make ([a-z]+)", page.read_text(), re.MULTILINE)) <= {
        pair for target in targets for pair in ((target, ""), ("", target))
    }


def test_the_changelog_knows_the_version() -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert re.search(
        rf"^## \[({re.escape(version)}|Unreleased)\]", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE
    )


def test_what_troubleshooting_quotes_is_what_fluxdash_says() -> None:
    rows = re.findall(r"^\| `([^`]+)` \|", (PROJECT / "docs" / "troubleshooting.md").read_text(), re.MULTILINE)
    said = " ".join(path.read_text() for path in (PROJECT / "Makefile", *(PROJECT / "fluxdash").rglob("*.py")))
    parts = [part.strip() for row in rows for part in row.split("…") if part.strip()]
    assert len(rows) > 10
    assert [part for part in parts if part.rstrip(":") not in said] == []


def test_every_field_and_operator_of_a_condition_is_documented() -> None:
    page = (PROJECT / "docs" / "requests.md").read_text()
    assert [name for name in (*(each.slug for each in FIELDS), *Op) if f"`{name}`" not in page] == []
    for word in re.findall(r"where=([a-z_]+(?::[\w.]+)+)", page):
        assert str(condition(word)) == word
