"""The callbacks about single requests: how many one condition more would leave, and which moment a typed time is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from fluxdash.errors import BadRequest, FluxDashError
from fluxdash.semantic.conditions import condition, together
from fluxdash.semantic.moments import goes_to
from fluxdash.ui import ids
from fluxdash.ui.house import House
from fluxdash.ui.intake import Beat, Intake, Short, Words, checked
from fluxdash.ui.reading import leafing
from fluxdash.views import conditions as views


class Trial(Intake):
    """A condition that is being written, empty where it is not one yet, and the page that it would be added to."""

    where: Words
    search: Words
    beat: Beat


class Gone(Intake):
    """A time as it was typed, to go to."""

    text: Short
    search: Words
    beat: Beat


def register(app: dash.Dash, house: House) -> None:
    """Register the callbacks; what happens in the browser alone stands in assets/57-where.js."""

    @app.callback(Output(ids.WHERE_LEFT, "children"), Input(ids.WHERE_TRIAL, "data"), prevent_initial_call=True)
    @checked(Trial | None)
    def try_condition(trial: Trial | None) -> Any:
        return None if trial is None or not trial.where else tried(house, trial)

    @app.callback(
        Output(ids.LEDGER_GONE, "data"),
        Output(ids.LEDGER_GO_ERROR, "children"),
        Input(ids.LEDGER_GO, "data"),
        prevent_initial_call=True,
    )
    @checked(Gone | None)
    def go_to(gone: Gone | None) -> Any:
        if gone is None:
            raise PreventUpdate
        view = house.address(gone.search)
        window, zone = view.scope.window, house.preferences.seen(view.zone).zone
        try:
            at, _ = goes_to(gone.text, window.start, max(window.end, window.now), zone)
        except BadRequest as err:
            return no_update, err.allowed[:1].upper() + err.allowed[1:]
        return {"at": at, "beat": gone.beat}, ""

    told = {"gone": Input(ids.LEDGER_GONE, "data"), "go_refused": Input(ids.LEDGER_GO_ERROR, "children")}
    for name, given in told.items():
        function = ClientsideFunction("fluxdash", name)
        done = Output(ids.DUMMY, "data", allow_duplicate=True)
        app.clientside_callback(function, done, given, prevent_initial_call=True)  # type: ignore[no-untyped-call]


def tried(house: House, trial: Trial) -> list[Component | str]:
    """Return how many rows a condition would leave, or why there is none such."""
    asking = house.asked(house.address(trial.search), trial.search)
    scope, how = asking.scope, leafing(trial.search)
    try:
        held = together((*scope.conditions, condition(trial.where)))
        every = house.gateway.extent(scope, how)
        left = house.gateway.extent(replace(scope, conditions=held), how) if every.exact else every
    except BadRequest as err:
        return views.refused(err.allowed)
    except FluxDashError as err:
        return views.refused(str(err))
    return views.leaves(left, every)
