"""All endpoints of the interface as one blueprint."""

from __future__ import annotations

from flask import Blueprint, Flask
from werkzeug.routing import BaseConverter, IntegerConverter, Map

from service.web.api import cases, papers, sessions, tasks
from service.web.api.dispatch import view_function
from service.web.api.endpoint import Endpoint

PREFIX = "/api/v1"
# JSON numbers are exact up to here in every client (RFC 8259, section 6); no table has more rows.
LARGEST_ID = 2**53 - 1
_MODULES = (sessions, cases, tasks, papers)


class CodeConverter(BaseConverter):
    """Numbers of cases, keys and ids of tasks; whatever else stands there is no address of ours."""

    regex = r"[A-Za-z0-9_][A-Za-z0-9._~-]{0,79}"


class NumberConverter(IntegerConverter):
    """Row ids."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_ID)


def all_endpoints(*, testing: bool) -> list[Endpoint]:
    """Every endpoint, in the order of the documentation; the clock's exist in testing alone."""
    return [endpoint for module in _MODULES for endpoint in module.endpoints.all]


def register_api(app: Flask, *, testing: bool) -> None:
    app.url_map.converters["code"] = CodeConverter
    app.url_map.converters["number"] = NumberConverter
    blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
    for endpoint in all_endpoints(testing=testing):
        name = endpoint.name.replace(".", "_")
        blueprint.add_url_rule(endpoint.path, name, view_function(endpoint), methods=[endpoint.method])
    app.register_blueprint(blueprint)
