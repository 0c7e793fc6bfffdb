"""The catalogue and process definitions over the interface: lint, deploy, read back byte for byte."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from service.catalogue.item import DEFINITION_KEYS
from service.database.session import reading
from service.database.tables import process_definition
from service.demo.county import ROOT
from tests.service_fixtures import Office, Person

KEY = "hazardous_chemicals_licence"
XML = (ROOT / f"processes/power_items/{KEY}.bpmn").read_bytes()
FORMS = {path.stem: path.read_bytes() for path in sorted((ROOT / "forms" / KEY).glob("*.json"))}


def deploy(person: Person, xml: bytes, forms: dict[str, bytes] | None = None, **given: Any) -> TestResponse:
    parts: dict[str, Any] = {"diagram": (io.BytesIO(xml), f"{KEY}.bpmn")}
    if forms:
        parts["forms[]"] = [(io.BytesIO(content), f"{name}.json") for name, content in forms.items()]
    return person.post("/process-definitions", data=parts, content_type="multipart/form-data", **given)


def versions(office: Office) -> int:
    with reading(office.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(process_definition)).scalar_one())


def changed(xml: bytes = XML) -> bytes:
    """The same diagram with a survey of at least 45 minutes."""
    found = xml.replace(b"'PT30M'", b"'PT45M'")
    assert found != xml
    return found


def test_a_new_version_is_for_new_cases_and_running_ones_stay_on_theirs(office: Office) -> None:
    before = office.start()["number"]
    designer = office.sign_in("designer")
    deployed = deploy(designer, changed(), FORMS)
    assert (deployed.status_code, deployed.get_json()) == (201, {"key": KEY, "version": 2})
    after = office.start()["number"]
    assert [office.case(n)["definition_version"] for n in (before, after)] == [1, 2]
    for number, minutes in ((before, 30), (after, 45)):
        office.walk(number, "site_survey")
        task = office.task(number, "site_survey")
        entered, earliest = (task[k][:16] for k in ("entered_at", "earliest_at"))
        assert (int(earliest[14:]) - int(entered[14:])) % 60 == minutes
    listed = designer.get(f"/process-definitions/{KEY}").get_json()
    assert [(v["version"], v["current"], v["running_cases"]) for v in listed["versions"]] == [
        (2, True, 1),
        (1, False, 1),
    ]
    assert listed["versions"][0]["deployed_by"]["id"] == designer.get("/me").get_json()["user"]["id"]


def test_a_diagram_is_given_back_byte_for_byte(office: Office) -> None:
    odd = changed().replace(b"<bpmn:process", b"<!-- \xe5\xb1\xb1 -->\r\n\t<bpmn:process", 1)
    assert deploy(office.sign_in("designer"), odd).status_code == 201
    clerk = office.sign_in("yj_clerk")
    back = clerk.get(f"/process-definitions/{KEY}/versions/2.bpmn")
    assert (back.data, back.content_type) == (odd, "application/xml")
    assert clerk.get(f"/process-definitions/{KEY}/versions/1.bpmn").data == XML
    assert clerk.get(f"/process-definitions/{KEY}.bpmn").data == odd
    assert clerk.get(f"/process-definitions/{KEY}/versions/3.bpmn").status_code == 404


def test_forms_that_are_not_sent_are_taken_over(office: Office) -> None:
    deploy(office.sign_in("designer"), changed())
    version = office.sign_in("yj_clerk").get(f"/process-definitions/{KEY}/versions/2").get_json()
    assert version["forms"] == sorted(FORMS)
    form = office.sign_in("yj_clerk").get(f"/process-definitions/{KEY}/versions/2/forms/decide").get_json()
    assert form == json.loads(FORMS["decide"])


def test_deploying_the_same_again_makes_no_version(office: Office) -> None:
    before = versions(office)
    assert deploy(office.sign_in("designer"), XML, FORMS).get_json() == {"key": KEY, "version": 1}
    assert versions(office) == before


BROKEN = {
    "no XML": b"this is no diagram",
    "an entity": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "nothing": b"",
    "no limit": XML.replace(b'attachedToRef="formal_check"', b'attachedToRef="nowhere"'),
    "a script": XML.replace(b"</bpmn:process>", b'<bpmn:scriptTask id="s"/></bpmn:process>'),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_diagram_with_an_error_is_refused_with_the_linters_words_and_nothing_is_stored(
    office: Office, name: str
) -> None:
    before, designer = versions(office), office.sign_in("designer")
    linted = designer.post("/process-definitions/lint", data=BROKEN[name], content_type="application/xml")
    assert linted.status_code == 200
    problems = linted.get_json()["problems"]
    assert any(problem["severity"] == "error" for problem in problems)
    refused = deploy(designer, BROKEN[name])
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_diagram")
    assert refused.get_json()["problems"] == problems
    assert versions(office) == before


def test_problems_speak_the_readers_language(office: Office) -> None:
    designer = office.sign_in("designer")

    def words(language: str) -> list[str]:
        headers = {"Accept-Language": language}
        answer = designer.post("/process-definitions/lint", data=b"<a", content_type="application/xml", headers=headers)
        return [problem["message"] for problem in answer.get_json()["problems"]]

    assert words("zh-CN")[0].startswith("期望")
    assert words("en")[0].startswith("Expected")


def test_a_sound_diagram_has_no_problems(office: Office) -> None:
    answer = office.sign_in("yj_clerk").post("/process-definitions/lint", data=XML, content_type="text/xml")
    assert answer.get_json() == {"problems": []}


@pytest.mark.parametrize(
    "form", [b"{", b"[]", b'{"type": "default", "schemaVersion": 19, "components": [{"type": "html"}]}']
)
def test_a_form_that_is_none_is_refused_and_nothing_is_stored(office: Office, form: bytes) -> None:
    before = versions(office)
    refused = deploy(office.sign_in("designer"), changed(), {"decide": form})
    assert refused.status_code == 422
    assert versions(office) == before


def test_only_a_designer_deploys(office: Office) -> None:
    for other in ("yj_clerk", "sup2", "sysadmin"):
        refused = deploy(office.sign_in(other), changed())
        assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")


def test_a_diagram_beyond_all_bounds_is_refused(office: Office) -> None:
    designer = office.sign_in("designer")
    large = designer.post("/process-definitions/lint", data=b"<" * 2_000_001, content_type="application/xml")
    assert [p["code"] for p in large.get_json()["problems"]] == ["file_too_large"]
    huge = designer.post("/process-definitions/lint", data=b"<" * (4 * 1024 * 1024 + 1), content_type="application/xml")
    assert (huge.status_code, huge.get_json()["code"]) == (413, "payload_too_large")


def test_the_catalogue_tells_all_that_starting_a_case_takes(office: Office) -> None:
    clerk = office.sign_in("zr_clerk")
    item = clerk.get("/power-items/LJ-ZR-QR-001").get_json()
    assert (item["category"], item["department"], item["definition_key"]) == ("QR", "ZR", "real_estate_transfer")
    assert item["first_form"]["id"] == "real_estate_transfer_apply"
    assert item["fee"]["rules"][0] == {
        "condition": "property_use == 'dwelling'",
        "amount_fen": 8000,
        "add_fen_each": None,
        "formula": "",
    }
    assert item["limits"]["promised"]["value"] == 3
    assert {m["key"] for m in item["materials"]} >= {"application_form", "tax_proof"}
    english = clerk.get("/power-items/LJ-ZR-QR-001", headers={"Accept-Language": "en"}).get_json()
    assert english["name"] == item["name_en"] != item["name"]


def test_the_catalogue_is_searched_and_filtered(office: Office) -> None:
    clerk = office.sign_in("zr_clerk")

    def found(query: str) -> list[str]:
        return [item["code"] for item in clerk.get(f"/power-items?{query}").get_json()["items"]]

    assert len(found("")) == len(DEFINITION_KEYS)
    assert found("department=YJ") == ["LJ-YJ-XK-001"]
    assert found("category=QR") == ["LJ-ZR-QR-001"]
    assert found("q=食品") == found("q=food") == ["LJ-SG-XK-001"]
    first = clerk.get("/power-items?limit=4").get_json()
    assert found(f"limit=4&cursor={first['next']}") == sorted(DEFINITION_KEYS)[4:8]
