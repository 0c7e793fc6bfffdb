"""The second step of the sign-in where a form asks for it: a page that takes the code and does the act again."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from service.database.session import transaction
from service.errors import Refused
from service.web.context import context
from service.web.pages.frame import first_page
from service.web.pages.shell import local, refusal_view
from service.web.request import CSRF_FIELD, SAFE_METHODS, second_step_wanted, take_code

CODE_FIELD = "totp"


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
        if name not in (CODE_FIELD, CSRF_FIELD)
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
