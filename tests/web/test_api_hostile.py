"""Bodies that nobody should send: each is refused by name, none becomes an incident."""

from __future__ import annotations

import json
from typing import Any

import pytest

from service.web.api.reading_body import MOST_JSON_BYTES
from tests.service_fixtures import PDF, Office

DEEP = b"[" * 100_000
BODIES: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "bad_request"),
    "no JSON": (b"{", 400, "bad_request"),
    "not UTF-8": (b'{"username": "\xff"}', 400, "bad_request"),
    "NaN": (b'{"username": NaN}', 400, "bad_request"),
    "infinity": (b'{"username": -Infinity}', 400, "bad_request"),
    "nested too deeply": (DEEP, 400, "bad_request"),
    "a number of 5000 digits": (b'{"username": ' + b"9" * 5000 + b"}", 400, "bad_request"),
    "a list": (b"[]", 422, "invalid_request"),
    "a text": (b'"x"', 422, "invalid_request"),
    "null": (b"null", 422, "invalid_request"),
    "an unknown field": (b'{"username": "a", "password": "b", "admin": true}', 422, "invalid_request"),
    "a wrong type": (b'{"username": {"$ne": null}, "password": "b"}', 422, "invalid_request"),
    "half a surrogate pair": (b'{"username": "\\ud800", "password": "b"}', 422, "invalid_request"),
    "a zero byte": (b'{"username": "a\\u0000", "password": "b"}', 422, "invalid_request"),
    "a name that is too long": (json.dumps({"username": "a" * 65, "password": "b"}).encode(), 422, "invalid_request"),
    "too much": (b'"' + b"x" * MOST_JSON_BYTES + b'"', 413, "payload_too_large"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_by_name(office: Office, name: str) -> None:
    body, status, code = BODIES[name]
    answer = office.client().post("/api/v1/sessions", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_another_content_type_is_refused(office: Office, content_type: str) -> None:
    answer = office.client().post("/api/v1/sessions", data=b"{}", content_type=content_type or None)
    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported_media")


def test_every_fault_is_named_by_its_pointer_at_once(office: Office) -> None:
    body = {"power_item": 7, "applicant": {"name": "", "mobile": None, "x/y~z": 1}, "answers": []}
    answer = office.sign_in("yj_clerk").post("/cases", body).get_json()
    assert {(e["pointer"], e["code"]) for e in answer["errors"]} == {
        ("/power_item", "not_text"),
        ("/applicant/name", "too_short"),
        ("/applicant/mobile", "null"),
        ("/applicant/x~1y~0z", "unknown_field"),
        ("/answers", "not_an_object"),
    }
    assert all(e["message"] for e in answer["errors"])


@pytest.mark.parametrize(
    "answers",
    [
        {"a": "x" * 600_000},
        {str(i): 1 for i in range(600)},
        {"a": [[[[[1]]]]]},
        {"a": "\x00"},
        {"staff_count": 10**30},
        {"x" * 5000: 1},
        {"chemicals": [{"product": "x"}] * 5000},
    ],
    ids=["long text", "many keys", "deep", "zero byte", "huge number", "long key", "many rows"],
)
def test_answers_beyond_all_bounds_are_refused(office: Office, answers: dict[str, Any]) -> None:
    number = office.start()["number"]
    task = office.task(number, "formal_check")["id"]
    clerk = office.sign_in("yj_clerk")
    for method, act in (("PUT", "draft"), ("POST", "complete")):
        refused = clerk.call(method, f"/user-tasks/{task}/{act}", json={"answers": answers})
        if act == "draft" and refused.status_code == 200:
            continue  # A draft may be wrong as long as it is small.
        assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_answers")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=1.5",
        "limit=" + "9" * 400,
        "status=%00",
        "q=" + "x" * 101,
        "status=gone",
    ],
)
def test_a_query_that_makes_no_sense_is_refused(office: Office, query: str) -> None:
    answer = office.sign_in("yj_clerk").get(f"/cases?{query}")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")


NULLS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "alarms of an order": ("centre", "/supervision-orders", {"alarms": [1, None], "demand": "x"}, "/alarms/1"),
    "differences": ("centre", "/reconciliation/orders", {"ids": [None, 1], "demand": "x"}, "/ids/0"),
    "hours": (
        "sysadmin",
        "/office-hours/preview",
        {"place": "x", "effective_on": "2026-12-01", "hours": [None]},
        "/hours/0",
    ),
    "matters": (
        "sg_section",
        "/inspection-pools/objects",
        {"department": "SG", "credit_code": "91329901MA1K2T3X6K", "name": "x", "matters": ["x", None], "reason": "x"},
        "/matters/1",
    ),
}


@pytest.mark.parametrize("name", NULLS)
def test_a_null_within_a_list_is_refused_at_its_place(office: Office, name: str) -> None:
    by, path, body, pointer = NULLS[name]
    answer = office.sign_in(by).post(path, body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")
    assert (pointer, "null") in {(one["pointer"], one["code"]) for one in answer.get_json()["errors"]}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_no_office_knows_is_refused(office: Office, day: str) -> None:
    leave = {"starts_on": day, "ends_on": day, "reason": "x"}
    refused = office.sign_in("yj_clerk").post("/leaves", leave)
    assert [(one["pointer"], one["code"]) for one in refused.get_json()["errors"]] == [
        ("/starts_on", "not_a_day"),
        ("/ends_on", "not_a_day"),
    ]
    auditor = office.sign_in("auditor")
    for path in ("/attendance", "/attendance/people", "/overdue-causes", "/supervision-orders/statistics"):
        for name in ("from", "to"):
            answer = auditor.get(f"{path}?{name}={day}")
            assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request"), (path, name)


@pytest.mark.parametrize(
    "path",
    [
        "/cases/..%2F..%2Fetc%2Fpasswd",
        "/cases/%00",
        "/cases/' OR 1=1 --",
        "/alarms/99999999999999999999999",
        "/alarms/-1",
        "/process-definitions/a/versions/0x1.bpmn",
        "/calendar/2026-02-30",
        "/calendar/9999-01-01",
        "/user-tasks/" + "a" * 300,
    ],
)
def test_an_address_that_cannot_be_is_not_found(office: Office, path: str) -> None:
    answer = office.sign_in("auditor").get(path)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


# Files ----------------------------------------------------------------------------------------

ZIP = b"PK\x03\x04" + b"\x00" * 26
FILES: dict[str, tuple[bytes, int, str]] = {
    "an empty file": (b"", 422, "invalid_request"),
    "a program for Windows": (b"MZ\x90\x00" + b"\x00" * 100, 415, "unsupported_media"),
    "a program for Linux": (b"\x7fELF" + b"\x00" * 100, 415, "unsupported_media"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", 415, "unsupported_media"),
    "a page": (b"<!doctype html><script>alert(1)</script>", 415, "unsupported_media"),
    "a drawing with a script": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>', 415, "unsupported_media"),
    "an archive": (ZIP, 415, "unsupported_media"),
    "plain text": (b"hello", 415, "unsupported_media"),
    "half a signature": (b"%PD", 415, "unsupported_media"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_what_a_material_may_be_is_refused(office: Office, name: str) -> None:
    content, status, code = FILES[name]
    number = office.start()["number"]
    refused = office.sign_in("yj_clerk").upload(number, "application_form", content, name="申请书.pdf")
    assert (refused.status_code, refused.get_json()["code"]) == (status, code)
    assert office.case(number)["materials"][0]["have"] == 0
    assert not list((office.services.settings.files_folder / "staging").glob("*")), "nothing half received stays"


def test_a_file_over_the_limit_is_refused(office: Office) -> None:
    number = office.start()["number"]
    limit = office.services.settings.upload_limit_bytes
    refused = office.sign_in("yj_clerk").upload(number, "application_form", PDF.ljust(limit + 1, b"\x00"))
    assert (refused.status_code, refused.get_json()["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize("missing", ["material", "file"])
def test_an_upload_without_one_of_its_parts_is_refused(office: Office, missing: str) -> None:
    number = office.start()["number"]
    form = {"material": "application_form"} if missing == "file" else {"note": "x"}
    refused = office.sign_in("yj_clerk").post(
        f"/cases/{number}/attachments", data=form, content_type="multipart/form-data"
    )
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_request")


def test_a_material_that_the_item_does_not_ask_for_is_refused(office: Office) -> None:
    number = office.start()["number"]
    refused = office.sign_in("yj_clerk").upload(number, "a_secret_plan")
    assert refused.status_code == 422
    assert [e["pointer"] for e in refused.get_json()["errors"]] == ["/material"]
