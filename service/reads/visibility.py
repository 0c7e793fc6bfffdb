"""Which cases a person may see at all; what is not visible does not exist for them (404)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, true

from service.database.tables import case
from service.people.actor import Actor
from service.people.permissions import PERMISSIONS

_CASES = ("read_cases_of_department", "read_cases_of_county")
_ALARMS = ("read_alarms_of_department", "read_alarms_of_county")


def _departments(actor: Actor, own: str, county: str) -> frozenset[str] | None:
    """The departments in which this permission reaches, lent posts counted; None for the whole county."""
    if any(h.post in PERMISSIONS[county] for h in actor.holdings):
        return None
    return frozenset(h.department for h in actor.holdings if h.post in PERMISSIONS[own])


def departments_of_cases(actor: Actor) -> frozenset[str] | None:
    """Departments whose cases the person reads; None is all of them."""
    return _departments(actor, *_CASES)


def departments_of_alarms(actor: Actor) -> frozenset[str] | None:
    """Departments whose alarms and supervision orders the person reads; None is all of them."""
    return _departments(actor, *_ALARMS)


def may_read_case(actor: Actor, department: str, kind: str = "item") -> bool:
    """An order is supervision's affair: its readers are those of alarms."""
    found = departments_of_alarms(actor) if kind == "order" else departments_of_cases(actor)
    return found is None or department in found


def visible(departments: frozenset[str] | None, column: ColumnElement[str] = case.c.department) -> ColumnElement[bool]:
    """The condition for a statement over rows with a department."""
    return true() if departments is None else column.in_(sorted(departments))
