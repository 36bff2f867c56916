"""The shell around every page: navigation, top bar, filter bar, and the stores that hold the view."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from fluxdash.ui import controls, dialogs, ids, menus, picker, wherebar
from fluxdash.ui.filters import offered
from fluxdash.ui.page import Book, Page
from fluxdash.ui.preferences import Preferences
from fluxdash.views.elements import icon, wild

_TABS = ("overview", "cost", "models", "traces")
_STORES = (
    ids.VIEW, ids.PULSE, ids.WINDOW, ids.STATES, ids.RANGE_TYPED, ids.INQUIRY, ids.DUMMY,
)  # fmt: skip


def layout(book: Book, preferences: Preferences, prefix: str) -> html.Div:
    """Return the layout of the app; `prefix` is the path it is served under, with a slash at both ends."""
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh=False),
            dcc.Interval(id=ids.TICK, interval=15_000, disabled=True),
            *(dcc.Store(id=each) for each in _STORES),
            html.A("Skip to content", className="skip", href="#content"),
            html.Div(
                [
                    _navigation(book, prefix),
                    html.Div(
                        [
                            _topbar(book, preferences),
                            html.Main(
                                [
                                    html.Div(id=ids.NOTICE, className="notices"),
                                    html.Div(id=ids.CONTENT, className="rows"),
                                    menus.panel(),
                                    menus.point(),
                                ],
                                className="content",
                                id="content",
                                tabIndex=-1,
                            ),
                        ],
                        className="main",
                    ),
                ],
                className="shell",
            ),
            _tabbar(book, prefix),
            dialogs.keys(book),
            dialogs.palette(),
            dialogs.insight(),
            controls.toast(),
        ],
        className="fluxdash",
        **wild(data_prefix=prefix),
    )


def _navigation(book: Book, prefix: str) -> html.Aside:
    brand = html.Div([html.Span(icon("pulse", 14), className="brand-mark"), html.Span("FluxDash")], className="brand")
    links = [html.Li(_link(page, prefix)) for page in book.pages]
    head = html.Div([html.Span("Sources"), html.Span("last read")], className="src-h")
    collapse = html.Button(
        [icon("collapse"), html.Span("Collapse")],
        className="nav-a",
        type="button",
        title="Collapse navigation",
        **wild(data_collapse="1"),
    )
    foot = html.Div([head, html.Div(id=ids.SOURCES, className="srcs", role="list"), collapse], className="nav-foot")
    main = html.Nav(html.Ul(links, className="nav-list"), **wild(aria_label="Main"))
    return html.Aside(html.Div([brand, main, foot], className="nav-in"), className="nav-side")


def _link(page: Page, prefix: str) -> html.A:
    soon = html.Span("soon", className="soon") if page.soon else None
    return html.A(
        [icon(page.icon), html.Span(page.title), soon],
        className="nav-a",
        href=prefix + page.path.lstrip("/"),
        title=f"{page.title}, still to come" if page.soon else page.title,
        **wild(data_nav=page.path, data_letter=dialogs.letter(page)),
    )


def _tabbar(book: Book, prefix: str) -> html.Nav:
    tabs: list[Component] = [
        html.A([icon(page.icon, 20), page.title], href=prefix + page.path.lstrip("/"), **wild(data_nav=page.path))
        for page in book.pages
        if page.icon in _TABS
    ]
    more = html.Button(
        [icon("menu", 20), "More"], className="tab-more", type="button", **wild(data_open="more", aria_haspopup="menu")
    )
    rest = [
        html.A(
            [icon(page.icon, 14), page.title],
            href=prefix + page.path.lstrip("/"),
            role="menuitem",
            **wild(data_nav=page.path),
        )
        for page in book.pages
        if page.icon not in _TABS
    ]
    menu = html.Div(
        [
            *rest,
            html.Hr(),
            _more("compare", "Compare", role="menuitemcheckbox", data_compare="1", aria_checked="true"),
            _more("share", "Copy link", data_share="1"),
            _more("clock", "Time zone", data_open="zone"),
            _more("search", "Search and commands", data_open_palette="1"),
        ],
        className="menu pop",
        role="menu",
        **wild(data_pop="more", aria_label="More"),
    )
    return html.Nav([*tabs, more, menu], className="tabbar", **wild(aria_label="Main, small screen"))


def _more(mark: str, text: str, role: str = "menuitem", **attributes: str) -> html.Button:
    return html.Button([icon(mark, 14), text], type="button", role=role, **wild(**attributes))


def _topbar(book: Book, preferences: Preferences) -> html.Header:
    crumb = html.Div(
        [
            html.Span(preferences.title, className="no-m"),
            html.Span("/", className="no-m"),
            html.H1(id=ids.TITLE),
        ],
        className="crumb",
    )
    first = html.Div(
        [
            crumb,
            html.Span(className="grow"),
            controls.ranges(),
            controls.range_button(),
            controls.refresh(),
            html.Span(
                ["updated ", html.Time("", **wild(data_updated="1")), " ago"],
                className="muted no-m nowrap updated",
                **wild(aria_live="off"),
            ),
            controls.compare(),
            controls.share(),
            controls.theme(),
        ],
        className="bar",
    )
    every = offered(book.filters)
    pills = [controls.pill(each, always=each in book.filters) for each in every]
    further = tuple(each for each in every if each not in book.filters)
    second = html.Div(
        [
            html.Div(
                [
                    *pills,
                    html.Span(id=ids.CONDITIONS, className="pills", **wild(aria_live="polite")),
                    controls.add_filter() if further else None,
                    wherebar.opener(),
                ],
                className="pills",
            ),
            html.Span(className="grow no-m"),
            html.Span(id=ids.SPAN, className="muted nowrap no-m span-text"),
            html.A("Open in FluxDash", className="embed-open", href="#", target="_blank", rel="noopener"),
        ],
        className="bar filters",
        **wild(data_scroll="1"),
    )
    pops = [picker.custom_range(preferences), menus.ranges(), menus.refresh(preferences), menus.zone(preferences)]
    lists = [menus.further(further), *(controls.choices(each) for each in every)]
    third = wherebar.editor()
    return html.Header([first, second, third, *pops, *lists, *wherebar.lists()], className="topbar")
