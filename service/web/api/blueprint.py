"""All endpoints of the interface as one blueprint."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Flask
from werkzeug.routing import BaseConverter, IntegerConverter, Map, ValidationError

from service.web.api import (
    administration,
    attendance,
    calendar,
    case_moves,
    cases,
    cash,
    catalogue,
    certificates,
    clock,
    copies,
    definitions,
    difference_papers,
    dissection,
    document_words,
    fee_standards,
    feedback,
    hand_over,
    hotline_figures,
    incidents,
    inspection_pools,
    leaves,
    links,
    lookups,
    messages_out,
    money,
    moves,
    office,
    opinions,
    orders,
    outages,
    papers,
    penalties,
    printing,
    proposals,
    public,
    public_inspections,
    receipt_matching,
    reconciliation,
    sessions,
    signing_for,
    supervision,
    tasks,
    ticket_books,
    treasury,
    unmatched,
    uploads,
)
from service.web.api.dispatch import view_function
from service.web.api.documentation import register_documentation
from service.web.api.endpoint import Endpoint

PREFIX = "/api/v1"
# JSON numbers are exact up to here in every client (RFC 8259, section 6); no table has more rows.
LARGEST_ID = 2**53 - 1
_MODULES = (
    sessions,
    catalogue,
    definitions,
    difference_papers,
    cases,
    papers,
    printing,
    document_words,
    proposals,
    uploads,
    tasks,
    signing_for,
    moves,
    opinions,
    copies,
    certificates,
    links,
    lookups,
    money,
    fee_standards,
    penalties,
    ticket_books,
    cash,
    case_moves,
    supervision,
    orders,
    administration,
    attendance,
    dissection,
    feedback,
    calendar,
    hand_over,
    leaves,
    hotline_figures,
    inspection_pools,
    outages,
    office,
    messages_out,
    incidents,
    unmatched,
    receipt_matching,
    reconciliation,
    treasury,
    public,
    public_inspections,
)


class CodeConverter(BaseConverter):
    """Numbers of cases, keys and ids of tasks; whatever else stands there is no address of ours."""

    regex = r"[A-Za-z0-9_][A-Za-z0-9._~-]{0,79}"


class KeyConverter(BaseConverter):
    """Keys of processes and forms: no dot, so that `.bpmn` may follow."""

    regex = r"[A-Za-z_][A-Za-z0-9_-]{0,79}"


class DayConverter(BaseConverter):
    """2026-11-23."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: date) -> str:
        return value.isoformat()


class NumberConverter(IntegerConverter):
    """Row ids."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_ID)


_CONVERTERS = {"code": CodeConverter, "key": KeyConverter, "day": DayConverter, "number": NumberConverter}


def all_endpoints(*, testing: bool) -> list[Endpoint]:
    """Every endpoint, in the order of the documentation; the clock's exist in testing alone."""
    modules = (*_MODULES, clock) if testing else _MODULES
    return [endpoint for module in modules for endpoint in module.endpoints.all]


def register_api(app: Flask, *, testing: bool) -> None:
    app.url_map.converters.update(_CONVERTERS)
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    endpoints = all_endpoints(testing=testing)
    for endpoint in endpoints:
        name = endpoint.name.replace(".", "_")
        blueprint.add_url_rule(endpoint.path, name, view_function(endpoint), methods=[endpoint.method])
    app.register_blueprint(blueprint)
    register_documentation(app, PREFIX, endpoints)
