"""The user's own pages: what is found, what is refused, and that a page that is wrong harms nothing but itself."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import dash
import pytest

from fluxdash import extensions as room
from fluxdash.app import create_app
from fluxdash.diagnosis import diagnose
from fluxdash.errors import ExtensionError, SettingError
from fluxdash.extensions import Extensions, extensions
from fluxdash.pages import PAGES
from fluxdash.profiles.registry import profile
from fluxdash.settings import Settings
from fluxdash.ui.page import Book
from tests.ui.fake import FakeGateway
from tests.ui.wire import VIEW, body, callback

WHOLE = """from fluxdash.extend import REQUESTS, Page, Panel, lines, row

PAGE = Page(
    path="{path}",
    title="{title}",
    rows=(row(Panel("Requests", (REQUESTS.over_time(),), lines)),),
)
"""
MEASURED = """from fluxdash.extend import Additive, Page, Panel, Unit, Written, lines, row

RETRIES = Additive(slug="{slug}", title="Retries", unit=Unit.COUNT, meaning="requests that were sent again")
MEASURES = (Written(RETRIES, promql="acme_retries_total", labels=("model",), sql="{{retries}}"),)
PAGE = Page(path="/{name}", title="{name}", rows=(row(Panel("Retries", (RETRIES.over_time(),), lines)),))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(autouse=True)
def unchanged_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a user's may end up among what is imported by name."""
    monkeypatch.setattr(sys, "path", tuple(sys.path))


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def found(folder: Path) -> Extensions:
    return extensions(folder, profile("fluxai"), PAGES)


def whole(path: str = "/retries", title: str = "Retries") -> str:
    return WHOLE.format(path=path, title=title)


def fault(folder: Path) -> ExtensionError:
    (only,) = found(folder).faults
    return only


def served(folder: Path) -> dash.Dash:
    return create_app(Settings(pages=folder), FakeGateway())


def asked(app: dash.Dash, part: str, values: list[object], match: str) -> str:
    answer = app.server.test_client().post(
        "/_dash-update-component", json=body(app, callback(app, part), values, match)
    )
    assert answer.status_code == 200, answer.text
    return answer.get_data(as_text=True).replace("\u00a0", " ")


def panel(app: dash.Dash, name: str) -> str:
    return asked(app, '"part":"graph"}.figure', [VIEW, None], name)


def sheet(app: dash.Dash, name: str) -> str:
    callback_name = callback(app, '"part":"frame","sheet"')
    request = body(app, callback_name, [VIEW, None], name)
    answer = app.server.test_client().post("/_dash-update-component", json=request)
    assert answer.status_code == 200, answer.text
    return answer.get_data(as_text=True)


def test_without_a_folder_there_is_nothing_of_ones_own() -> None:
    assert extensions(None, profile("fluxai"), PAGES) == Extensions(profile("fluxai"))


def test_a_folder_that_is_not_there_ends_the_start(folder: Path) -> None:
    with pytest.raises(SettingError, match="FLUXDASH_PAGES"):
        found(folder / "nowhere")


def test_pages_come_in_the_order_of_their_files_and_after_those_of_fluxdash(folder: Path) -> None:
    write(folder, b_late=whole("/late", "Late"), a_early=whole("/early", "Early"), _shared="X = 1", notes="")
    (folder / "readme.txt").write_text("no page")
    told = found(write(folder, notes=whole("/notes", "Notes")))
    assert [page.title for page in told.pages] == ["Early", "Late", "Notes"]
    assert [page.title for page in Book((*PAGES, *told.pages)).pages][-3:] == ["Early", "Late", "Notes"]
    assert told.faults == ()


def test_two_pages_may_have_panels_of_one_title(folder: Path) -> None:
    told = found(write(folder, one=whole("/one", "One"), two=whole("/two", "Two")))
    names = [page.named(panel) for page in told.pages for panel in page.panels]
    assert names == ["one.requests", "two.requests"]


def test_a_page_can_share_code_with_others_of_its_folder(folder: Path) -> None:
    text = whole().replace("PAGE =", "from ._shared import TITLE\n\nPAGE =").replace('"Retries"', "TITLE")
    (page,) = found(write(folder, retries=text, _shared='TITLE = "Sent again"')).pages
    assert page.title == "Sent again"


def test_two_folders_with_files_of_one_name_do_not_meet(tmp_path: Path) -> None:
    pages = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        pages += found(write(tmp_path / name, retries=whole(title=name))).pages
    assert [page.title for page in pages] == ["first", "second"]
    names = [name for name in sys.modules if name.startswith("fluxdash_pages_") and name.endswith(".retries")]
    assert len(names) >= 2
    assert "retries" not in sys.modules


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("PAGE = (\n    1 +* 2\n)\n", 2, "SyntaxError: invalid syntax"),
        ("import dash\n\nPAGE = Page()\n", 3, "NameError: name 'Page' is not defined"),
        ("import no_such_package\n", 1, "ModuleNotFoundError: No module named 'no_such_package'"),
        ("from fluxdash.extend import COSTS\n", 1, "ImportError: cannot import name 'COSTS'"),
        ("X = 1\n", None, "PAGE=None is not allowed: a fluxdash.extend.Page"),
        ("X = 1\n\nPAGE = 'retries'\n", 3, "PAGE='retries' is not allowed: a fluxdash.extend.Page"),
        ("import sys\nsys.exit(3)\n", 2, "SystemExit: 3"),
        ("def f():\n    return 1 / 0\n\n\nf()\n", 2, "ZeroDivisionError: division by zero"),
        (whole("/cost"), 4, "PAGE.path='/cost' is not allowed: a path that no other page has"),
        (whole("cost of it"), 4, "PAGE.path='cost of it' is not allowed: a slash, then"),
        (whole("/api"), 4, "PAGE.path='/api' is not allowed: a slash, then"),
        (whole(title="cost"), 5, "PAGE.title='cost' is not allowed: a title that no other page has"),
        (whole(title=""), 5, "PAGE.title='' is not allowed: 1 to 40 characters"),
        (whole().replace(", lines)", ", lines, 5)"), 6, "PAGE.rows=[5] is not allowed: panels whose widths add up"),
        (whole().replace(", lines)", ")"), 6, "PAGE.rows='Requests' is not allowed: panels with a view or a study"),
        (whole().replace('path="/retries"', 'path="/r", icon="cost"'), 4, "PAGE.icon='cost' is not allowed"),
        (whole().replace('path="/retries"', 'path="/r", order="1"'), 3, "TypeError: '<' not supported"),
        (whole().replace('path="/retries"', 'path="/r", filters=("a",)'), 4, "PAGE.filters=('a',) is not allowed"),
        (whole().replace(", lines)", ", lines, 12, 'x')"), 3, "TypeError: '<' not supported"),
        (whole() + "MEASURES = ('a',)\n", 8, "MEASURES=('a',) is not allowed: a tuple of fluxdash.extend.Written"),
        (MEASURED.format(slug="cost", name="x"), 4, "measure='cost' is not allowed: a name that no other measure has"),
    ],
)  # fmt: skip
def test_a_page_that_is_wrong_says_which_line_and_what(folder: Path, text: str, line: int | None, reason: str) -> None:
    told = fault(write(folder, retries=text))
    assert told.where == (f"retries.py, line {line}" if line else "retries.py")
    assert told.reason.startswith(reason), told.reason
    (page,) = found(folder).pages
    assert page.path == "/retries"
    assert page.icon == "bad"


def test_a_page_that_is_wrong_keeps_its_title_where_that_is_free(folder: Path) -> None:
    (page,) = found(write(folder, again=whole("/cost", "Sent again"))).pages
    assert (page.path, page.title) == ("/again", "Sent again")


def test_a_page_that_is_wrong_finds_a_path_and_a_title_of_its_own(folder: Path) -> None:
    (page,) = found(write(folder, cost="x = ")).pages
    assert (page.path, page.title) == ("/cost-2", "Cost 2")
    Book((*PAGES, page))


def test_a_second_page_of_one_path_is_the_one_that_is_refused(folder: Path) -> None:
    told = found(write(folder, a=whole("/retries", "First"), b=whole("/retries", "Second")))
    assert [(page.path, page.icon) for page in told.pages] == [("/retries", "page"), ("/b", "bad")]
    assert [each.where for each in told.faults] == ["b.py, line 4"]


def test_credentials_in_an_exception_are_not_told(folder: Path) -> None:
    text = 'raise RuntimeError("cannot reach postgresql://acme:hunter2@db/flux")\n'
    assert fault(write(folder, retries=text)).reason == "RuntimeError: cannot reach postgresql://***@db/flux"


def test_a_long_reason_is_cut_and_of_one_line(folder: Path) -> None:
    reason = fault(write(folder, retries='raise RuntimeError("a\\nb" * 500)\n')).reason
    assert "\n" not in reason
    assert len(reason) == 300
    assert reason.endswith("…")


def test_the_whole_traceback_is_in_the_log_alone(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        app = served(write(folder, retries="def secret_function():\n    raise KeyError('x')\n\n\nsecret_function()\n"))
    assert "secret_function" in caplog.text
    shown = sheet(app, "retries.what-is-wrong-with-this-page")
    assert "retries.py, line 2" in shown
    assert "KeyError" in shown
    assert "secret_function" not in shown
    assert str(folder) not in shown


def test_a_page_that_is_wrong_harms_no_other(folder: Path) -> None:
    app = served(write(folder, broken="x = ", retries=whole()))
    layout = app.server.test_client().get("/_dash-layout").get_data(as_text=True).replace("\\u002f", "/")
    for path in ("/broken", "/retries", "/cost"):
        assert f'"href":"{path}"' in layout
    assert "What is wrong with this page" in asked(app, "rows.children", ["/broken", ""], "")
    assert '"data-state":"failed"' in sheet(app, "broken.what-is-wrong-with-this-page")
    assert '"data-state":"data"' in panel(app, "retries.requests")
    assert '"data-state":"data"' in panel(app, "overview.request-rate")


RAISING = """from fluxdash.extend import REQUESTS, Drawing, Page, Panel, lines, row


def broken(scene):
    {body}


PAGE = Page(
    path="/retries",
    title="Retries",
    rows=(row(Panel("Broken", (REQUESTS.over_time(),), broken, 6), Panel("Whole", (REQUESTS.over_time(),), lines, 6)),),
)
"""


@pytest.mark.parametrize(
    ("code", "where", "reason"),
    [
        ("return scene.answers[7]", "retries.py, line 5", "IndexError: list index out of range"),
        ("return None", "retries.py, line 8", "TypeError: a view returns a Drawing, not NoneType"),
        (
            'return Drawing({"data": [{"x": [1]}], "layout": {}}, "", "")',
            "retries.py, line 8",
            "ValueError: the figure has no 'uid': traces need a uid",
        ),
        (
            'return Drawing(None, "", "", beside=object())',
            "retries.py, line 8",
            "TypeError: Type is not JSON serializable: object",
        ),
    ],
)
def test_what_a_view_gets_wrong_is_told_in_its_panel(folder: Path, code: str, where: str, reason: str) -> None:
    app = served(write(folder, retries=RAISING.format(body=code)))
    shown = panel(app, "retries.broken")
    assert '"data-state":"failed"' in shown
    assert where in shown
    assert reason in shown
    assert '"data-state":"data"' in panel(app, "retries.whole")


def test_measures_become_part_of_the_profile_and_of_no_other_app(folder: Path) -> None:
    told = found(write(folder, retries=MEASURED.format(slug="retries", name="retries")))
    assert [each.slug for each in told.profile.own] == ["retries"]
    assert profile("fluxai").own == ()
    assert told.faults == ()


def test_the_measures_of_a_page_that_is_refused_are_not_added(folder: Path) -> None:
    told = found(write(folder, retries=MEASURED.format(slug="retries", name="cost")))
    assert told.profile.own == ()
    assert len(told.faults) == 1


def test_a_measure_that_two_pages_write_down_is_the_first_ones(folder: Path) -> None:
    told = found(
        write(folder, a=MEASURED.format(slug="retries", name="a"), b=MEASURED.format(slug="retries", name="b"))
    )
    assert [each.slug for each in told.profile.own] == ["retries"]
    assert [each.where for each in told.faults] == ["b.py, line 4"]


def test_an_installed_package_brings_pages_before_those_of_the_folder(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = write(tmp_path_factory.mktemp("site"), acme_page=whole("/acme", "Acme"), acme_broken="x = ")
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    points = [
        EntryPoint("zeta", "acme_page", room.GROUP),
        EntryPoint("alpha", "acme_broken", room.GROUP),
        EntryPoint("omega", "acme_page:PAGE", room.GROUP),
    ]
    monkeypatch.setattr(room, "entry_points", lambda group: points if group == "fluxdash.pages" else [])
    told = found(write(folder, retries=whole()))
    assert [page.title for page in told.pages] == ["Alpha", "Omega", "Acme", "Retries"]
    assert [each.where for each in told.faults] == ["alpha", "omega"]
    assert told.faults[1].reason.startswith(
        "fluxdash.pages='acme_page:PAGE' is not allowed: the dotted name of a module"
    )


def test_a_diagnosis_names_what_is_wrong_with_the_pages(folder: Path) -> None:
    lines, is_well = diagnose(Settings(pages=write(folder, retries="x = "), cache="memory"))
    assert "page retries.py, line 1: SyntaxError: invalid syntax" in lines
    assert not is_well
    assert diagnose(Settings(pages=write(folder, retries=whole()), cache="memory"))[1]


def test_everything_that_is_promised_can_be_imported() -> None:
    from fluxdash import extend

    for name in extend.__all__:
        assert hasattr(extend, name)
    documented = (Path(__file__).resolve().parents[1] / "docs" / "extending.md").read_text()
    shouted = {name for name in extend.__all__ if name.isupper()}
    assert [name for name in extend.__all__ if name not in shouted and f"`{name}`" not in documented] == []
