"""What a callback takes from the browser: strict types for every input, and one decorator that checks them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Literal, NoReturn

from dash import ctx
from flask import Response, abort
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fluxdash.errors import BadRequest

Words = Annotated[str, Field(max_length=16_384)]
Short = Annotated[str, Field(max_length=200)]
Mark = Annotated[str, Field(max_length=4_000)]
Beat = Annotated[int, Field(ge=0, le=2**53)]
Moment = Annotated[float, Field(ge=0, le=1e11)]
Clicks = Annotated[int, Field(ge=0, le=2**31)] | None


class Intake(BaseModel):
    """A value from the browser: exactly these fields, of exactly these types."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class View(Intake):
    """What the page shows: the query string, the theme, whether it is narrow, and a count that every event moves."""

    search: Words
    theme: Literal["light", "dark"]
    narrow: bool
    beat: Beat


class Drawn(Intake):
    """What a panel holds now: its theme and traces, prints of the figure, of everything around it and of the view.

    `as_of` is when its numbers were read, in epoch seconds; 0 where it holds none.
    """

    traces: Mark
    figure: Short
    around: Short
    view: Short = ""
    as_of: Moment = 0.0


class Shown(Intake):
    """What a strip shows now, as prints of its tiles and of the view, and when its numbers were read."""

    print: Short
    view: Short = ""
    as_of: Moment = 0.0


class Asked(Intake):
    """What a filter was opened on."""

    search: Words
    beat: Beat


class Inquiry(Intake):
    """What the menu of a panel was asked for."""

    panel: Short
    what: Literal["how", "query", "table"]
    search: Words
    beat: Beat


def refuse(status: int, field: str, allowed: str) -> NoReturn:
    """Answer the request with a short JSON body and nothing else."""
    body = TypeAdapter(dict[str, str]).dump_json({"error": "bad request", "field": field, "allowed": allowed})
    abort(Response(body, status, mimetype="application/json"))


def checked(*types: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a callback so that it only ever sees values of these types, one for each Input and State.

    Anything else is answered with 400 before a line of the callback runs; so is a BadRequest that it raises.
    """
    adapter: TypeAdapter[tuple[Any, ...]] = TypeAdapter(tuple[types], config=ConfigDict(strict=True))  # type: ignore[valid-type]

    def decorate(callback: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(callback)
        def wrapper(*args: Any) -> Any:
            try:
                values = adapter.validate_python(args)
            except ValidationError as err:
                first = err.errors(include_input=False, include_url=False)[0]
                refuse(400, ".".join(str(part) for part in first["loc"]), first["msg"])
            try:
                return callback(*values)
            except BadRequest as err:
                refuse(400, err.field, err.allowed)

        wrapper.checked_types = types  # type: ignore[attr-defined]
        return wrapper

    return decorate


def addressed(key: str) -> str:
    """Return which panel, or other member of a family, the callback is asked to write; untrusted, to be looked up."""
    outputs = ctx.outputs_list
    first = outputs[0] if isinstance(outputs, list) else outputs
    found = first.get("id") if isinstance(first, dict) else None
    name = found.get(key) if isinstance(found, dict) else None
    if not isinstance(name, str):
        refuse(400, key, "a name")
    return name
