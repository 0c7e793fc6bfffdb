"""What every page handler stands on: one query or one command, the way back, words for the next page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, flash, redirect, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from service.commands.performing import perform, perform_on_case
from service.database.session import reading
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.paging import MOST_ROWS, Asked
from service.web.context import WebContext, context
from service.web.pages.words import in_english
from service.web.request import now, require_actor
from service.working_time import WorkingCalendar

pages = Blueprint("pages", __name__, template_folder="../templates")
Result = TypeVar("Result")
ROWS = 50


def ask(read: Callable[[Connection], Result]) -> Result:
    """The answer of one query, on a connection that writes nothing."""
    with reading(context().engine) as connection:
        return read(connection)


def act_on_case(
    command: Callable[[Connection, WebContext, Actor], Result], *, task_id: str | None = None, number: str | None = None
) -> Result:
    """One command on a case for the person signed in; a refused attempt is recorded there.

    Under the testing clock what the act made due is done at once, as the interface does; else the worker does it.
    """
    web, actor = context(), require_actor()
    answer = perform_on_case(
        web.engine,
        web.services,
        lambda connection: command(connection, web, actor),
        actor=actor,
        now=now(),
        task_id=task_id,
        number=number,
    )
    if web.stepping is not None:
        web.stepping.look()
    return answer


def act(command: Callable[[Connection, WebContext, Actor], Result]) -> Result:
    """One command that concerns no case, for the person signed in."""
    web, actor = context(), require_actor()
    return perform(web.engine, lambda connection: command(connection, web, actor))


def calendar(connection: Connection) -> WorkingCalendar:
    return context().services.calendars.get(connection)


def today(connection: Connection) -> date:
    """The day that it is in the county."""
    return calendar(connection).local_date(now())


def require(permission: str, department: str | None = None) -> Actor:
    """The person signed in, if they have the permission. Raises Refused not_signed_in, not_permitted."""
    actor = require_actor()
    if not may(actor, permission, department):
        raise Refused("not_permitted", "您的岗位不能打开这一页", f"Expected somebody who may {permission}")
    return actor


def asked(limit: int = ROWS) -> Asked:
    """The page of a list that the address names."""
    return Asked(limit=min(limit, MOST_ROWS), cursor=request.args.get("cursor") or None)


def argument(name: str, allowed: Iterable[str] | None = None) -> str | None:
    """A filter of the address; None where it is empty or none of `allowed`."""
    value = request.args.get(name, "").strip()
    return value if value and (allowed is None or value in allowed) else None


def local(address: str | None, otherwise: str) -> str:
    """An address of ours, or `otherwise`: nobody is sent to another site by a link to us."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(address)
    return otherwise if parts.netloc or parts.scheme or "\\" in address or not address.isprintable() else address


def this_page() -> str:
    """The address of this page with its query, to come back to."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.form.get("next", "/")


def here(**changes: Any) -> str:
    """This page with other parts in its query; None takes one away."""
    kept = {name: value for name, value in request.args.items() if name not in changes and value}
    given = {name: str(value) for name, value in changes.items() if value is not None}
    query = urlencode({**kept, **given})
    return f"{request.path}?{query}" if query else request.path


def back(otherwise: str, said: str | None = None, kind: str = "done") -> Response:
    """303 to the page that the form names, with words for it."""
    if said:
        flash(said, kind)
    return redirect(local(request.form.get("next"), otherwise), 303)


def words_of(refusal: Refused) -> str:
    return refusal.message_en if in_english() else refusal.message


@dataclass(frozen=True, slots=True)
class RefusalLine:
    words: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class RefusalView:
    """A refusal at the head of a form."""

    words: str
    lines: tuple[RefusalLine, ...] = ()
    note: str = ""


def refusal_view(refusal: Refused, note: str = "") -> RefusalView:
    """The service's words with a line for each detail; a detail that names a field leads to it."""
    return RefusalView(words_of(refusal), tuple(_line(detail) for detail in refusal.details), note)


def _line(detail: Detail) -> RefusalLine:
    words = (detail.message_en or detail.message) if in_english() else detail.message
    href = f"#{detail.pointer.strip('/').replace('/', '-')}" if detail.pointer else None
    return RefusalLine(words, href)
