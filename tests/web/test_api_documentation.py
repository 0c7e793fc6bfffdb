"""The OpenAPI document: valid, complete, and of one mind with what is routed."""

from __future__ import annotations

import re

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.service_fixtures import Office


def test_the_document_is_valid_openapi_3_1(office: Office) -> None:
    document = office.client().get("/api/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_address_of_the_interface_is_documented(office: Office) -> None:
    paths = office.client().get("/api/openapi.json").get_json()["paths"]
    routed = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in office.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    documented = {(path, method) for path, operations in paths.items() for method in operations}
    assert routed
    assert routed == documented


def test_acts_are_documented_with_the_key_that_makes_them_repeatable(office: Office) -> None:
    paths = office.client().get("/api/openapi.json").get_json()["paths"]
    headers = {p["name"] for p in paths["/api/v1/user-tasks/{task_id}/complete"]["post"]["parameters"]}
    assert {"Idempotency-Key", "If-Match", "Accept-Language"} <= headers


def test_what_needs_no_sign_in_says_so(office: Office) -> None:
    paths = office.client().get("/api/openapi.json").get_json()["paths"]
    assert paths["/api/v1/public/cases/{number}"]["get"]["security"] == []
    assert paths["/api/v1/cases"]["get"]["security"]
