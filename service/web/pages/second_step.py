"""The second step of the sign-in where a form asks for it: a page that takes the code and does the act again."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirection

from service.database.session import transaction
from service.errors import Refused
from service.web.context import context
from service.web.pages.frame import first_page
from service.web.pages.shell import local, pages, refusal_view
from service.web.phone import ask_phone
from service.web.request import (
    CSRF_FIELD,
    SAFE_METHODS,
    require_actor,
    require_second_factor,
    second_step_wanted,
    take_code,
)

CODE_FIELD = "totp"
ACTION_FIELD = "second_step_for"


def open_second_step() -> None:
    """Take the code that a form brings, if the second step is not open. Raises Refused as `take_code` does."""
    code = "" if request.method in SAFE_METHODS else request.form.get(CODE_FIELD, "").strip()
    if code and second_step_wanted():
        with transaction(context().engine) as connection:
            take_code(connection, code)


def second_step_page(refusal: Refused) -> Response:
    """Asks for the code; what the form carried goes along and is sent again with it."""
    carried = [
        (name, value)
        for name, values in request.form.lists()
        if name not in (CODE_FIELD, CSRF_FIELD, ACTION_FIELD)
        for value in values
    ]
    content = render_template(
        "second_step.html",
        action=request.full_path.rstrip("?"),
        carried=carried,
        problem=refusal_view(refusal) if request.form.get(CODE_FIELD) else None,
        left_for=local(request.form.get("next"), first_page()),
    )
    return make_response(content, refusal.status)


@pages.get("/second-step")
def second_step() -> str:
    """The second step before any act asks for it; it stays open for five minutes."""
    require_actor()
    return render_template(
        "second_step.html",
        action=url_for("pages.open_second"),
        carried=[],
        problem=None,
        open_now=not second_step_wanted(),
        left_for=first_page(),
    )


@pages.post("/second-step")
def open_second() -> Redirection:
    """The code that the form brought has been taken before this, as for every form. Raises second_factor_required."""
    require_second_factor()
    return redirect(first_page(), 303)


@pages.post("/second-step/phone")
def ask_by_phone() -> str:
    """Ask on the phone; the page shows the number that is given there, and goes on with what was to be done."""
    require_actor()
    asked = ask_phone()
    carried = [
        (name, value)
        for name, values in request.form.lists()
        if name not in (CODE_FIELD, CSRF_FIELD, ACTION_FIELD)
        for value in values
    ]
    action = local(request.form.get(ACTION_FIELD), url_for("pages.open_second"))
    left_for = local(request.form.get("next"), first_page())
    return render_template("phone_step.html", asked=asked, action=action, carried=carried, left_for=left_for)
