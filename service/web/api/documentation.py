"""OpenAPI 3.1 of the interface, from the same declarations that route and check it: `/api/openapi.json`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response, current_app, jsonify
from marshmallow import fields

from service.errors import STATUS
from service.web.api import fields as ours
from service.web.api.endpoint import Endpoint
from service.web.api.fields import View
from service.web.idempotency import HEADER

ADDRESS: Final = "/api/openapi.json"
_PARAMETER: Final = re.compile(r"<(\w+):(\w+)>")
_KINDS: Final = {
    "code": {"type": "string"},
    "key": {"type": "string"},
    "day": {"type": "string", "format": "date"},
    "number": {"type": "integer"},
}
_ALWAYS: Final = ("not_signed_in", "not_permitted", "invalid_request", "bad_request")


class ProblemError(View):
    pointer = fields.String(allow_none=True)
    material = fields.String(allow_none=True)
    code = fields.String()
    message = fields.String()


class Problem(View):
    """RFC 9457."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    code = fields.String(metadata={"enum": sorted(STATUS)})
    request_id = fields.String()
    errors = fields.List(fields.Nested(ProblemError))


def register_documentation(app: Flask, prefix: str, endpoints: Iterable[Endpoint]) -> None:
    """Serve the document of these endpoints."""
    listed = tuple(endpoints)

    def openapi() -> Response:
        return jsonify(document(prefix, listed, str(current_app.config.get("VERSION", "0.1.0"))))

    app.add_url_rule(ADDRESS, "openapi", openapi)


@lru_cache(maxsize=4)
def document(prefix: str, endpoints: tuple[Endpoint, ...], version: str) -> dict[str, Any]:
    """The whole document as plain values."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema))
    spec = APISpec(
        title="Mingjing 明镜",
        version=version,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={
            "description": "A county's administrative power items, run as executable BPMN diagrams in the open.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
    )
    for kind, like in _MAPPED:
        plugin.map_to_openapi_type(kind, *like)
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("cookie", {"type": "apiKey", "in": "cookie", "name": "mingjing_session"})
    spec.components.schema("Problem", schema=Problem)
    for endpoint in endpoints:
        spec.path(path=_path(prefix, endpoint), operations={endpoint.method.lower(): _operation(endpoint)})
    found: dict[str, Any] = spec.to_dict()
    return found


_MAPPED: Final[tuple[tuple[type[fields.Field[Any]], tuple[str | None, str | None]], ...]] = (
    (ours.Instant, ("string", "date-time")),
    (ours.GivenInstant, ("string", "date-time")),
    (ours.Day, ("string", "date")),
    (ours.Named, ("string", None)),
    (ours.PostNamed, ("string", None)),
    (ours.AnyValue, (None, None)),
    (ours.Answers, ("object", None)),
)


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    name: str = kind.__name__
    only = getattr(schema, "only", None)
    return f"{name}{''.join(part.title() for part in sorted(only))}" if only else name


def _path(prefix: str, endpoint: Endpoint) -> str:
    return prefix + _PARAMETER.sub(r"{\2}", endpoint.path)


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*_path_parameters(endpoint), *_header_parameters(endpoint)],
        "responses": {str(endpoint.status): _answer(endpoint), **_refusals(endpoint)},
        "security": [] if endpoint.public else [{"bearer": []}, {"cookie": []}],
    }
    if endpoint.query is not None:
        operation["parameters"].append({"in": "query", "schema": endpoint.query})
    body = _body(endpoint)
    if body is not None:
        operation["requestBody"] = body
    return operation


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"in": "path", "name": name, "required": True, "schema": _KINDS[kind]}
        for kind, name in _PARAMETER.findall(endpoint.path)
    ]


def _header_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    text = {"type": "string"}
    languages = {"type": "string", "enum": ["zh-CN", "en"]}
    headers: list[dict[str, Any]] = [{"in": "header", "name": "Accept-Language", "schema": languages}]
    if endpoint.acts:
        headers.append({"in": "header", "name": HEADER, "schema": {"type": "string", "maxLength": 120}})
    if endpoint.content == "octets":
        headers.append({"in": "header", "name": "Upload-Offset", "schema": {"type": "integer", "minimum": 0}})
    if endpoint.acts and not endpoint.public and _PARAMETER.search(endpoint.path):
        headers.append({"in": "header", "name": "If-Match", "schema": text})
    return headers


def _answer(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.status == 204:
        return {"description": "Done"}
    if endpoint.answer is None:
        return {"description": endpoint.summary, "content": {endpoint.produces: {"schema": _BINARY}}}
    return {"description": endpoint.summary, "content": {"application/json": {"schema": endpoint.answer}}}


_BINARY: Final[dict[str, Any]] = {"type": "string", "contentMediaType": "application/octet-stream"}


def _refusals(endpoint: Endpoint) -> dict[str, Any]:
    """One answer a status; which codes it may carry stands in its description."""
    codes = set(endpoint.codes) if endpoint.public else {*_ALWAYS, *endpoint.codes}
    if endpoint.second_factor:
        codes.add("second_factor_required")
    if endpoint.acts:
        codes.add("idempotency_conflict")
    found: dict[str, list[str]] = {}
    for code in sorted(codes):
        found.setdefault(str(STATUS[code]), []).append(code)
    content = {"application/problem+json": {"schema": Problem}}
    return {status: {"description": ", ".join(of), "content": content} for status, of in sorted(found.items())}


_RECEIPTS: Final = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": _BINARY, "mapping": {"type": "string"}},
}
_SAID: Final = {"reason": {"type": "string"}, "evidence": {"type": "string"}}
_FORMS: Final[dict[str, dict[str, Any]]] = {
    "/cases/<code:number>/attachments": {
        "type": "object",
        "required": ["material", "file"],
        "properties": {"material": {"type": "string"}, "file": _BINARY},
    },
    "/public/files/verify": {"type": "object", "required": ["file"], "properties": {"file": _BINARY}},
    "/fee-standards/<code:code>/tables": {"type": "object", "required": ["file"], "properties": {"file": _BINARY}},
    "/inspection-pools/objects/imports": {
        "type": "object",
        "required": ["department", "file", "reason"],
        "properties": {"department": {"type": "string"}, "file": _BINARY, "reason": {"type": "string"}},
    },
    "/reconciliation/differences/<number:difference_id>/decision/paper": {
        "type": "object",
        "required": ["decision", "reason", "file"],
        "properties": {**_SAID, "decision": {"type": "string"}, "file": _BINARY},
    },
    "/reconciliation/differences/<number:difference_id>/statement/paper": {
        "type": "object",
        "required": ["reason", "file"],
        "properties": {**_SAID, "file": _BINARY},
    },
    "/reconciliation/volumes": {"type": "object", "required": ["file"], "properties": {"file": _BINARY}},
    "/treasury-receipts/imports": _RECEIPTS,
    "/treasury-receipts/previews": _RECEIPTS,
    "/process-definitions": {
        "type": "object",
        "required": ["diagram"],
        "properties": {"diagram": _BINARY, "forms[]": {"type": "array", "items": _BINARY}},
    },
}


def _body(endpoint: Endpoint) -> dict[str, Any] | None:
    match endpoint.content:
        case "json":
            return {"required": True, "content": {"application/json": {"schema": endpoint.body}}}
        case "xml":
            return {"required": True, "content": {"application/xml": {"schema": _BINARY}}}
        case "octets":
            return {"required": True, "content": {"application/octet-stream": {"schema": _BINARY}}}
        case "multipart":
            return {"required": True, "content": {"multipart/form-data": {"schema": _FORMS[endpoint.path]}}}
        case _:
            return None
