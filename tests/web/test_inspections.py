"""Random inspections over the interface, and as anybody reads them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from service.database.session import reading
from service.people.queries import read_actor
from tests.service_fixtures import Office
from tests.web.visiting import visit

INSPECTION = "LJ-SG-JC-001"


def _drawn(office: Office, **choices: Any) -> list[str]:
    """A plan that is approved; the numbers of the cases of the objects drawn."""
    number = office.start(INSPECTION, **choices)["number"]
    office.work(number, "approve_plan")
    office.wait(seconds=5)
    found = office.client().get("/api/v1/public/inspections").get_json()["items"][0]
    assert found["plan"] == number and len(found["drawn"]) == 2
    cases = office.sign_in("sg_section").get(f"/cases?power_item={INSPECTION}").get_json()["items"]
    return [one["number"] for one in cases if one["number"] != number]


def _officers(office: Office, number: str) -> list[str]:
    task = office.task(number, "inspect")
    known = office.sign_in("sg_section").get(f"/user-tasks/{task['id']}").get_json()["variables"]
    with reading(office.engine) as connection:
        people = [read_actor(connection, one, office.now) for one in range(1, 200)]
    by_name = {person.name: person.username for person in people if person is not None}
    return [by_name[known[key].split()[0]] for key in ("officer_a", "officer_b")]


def test_an_inspection_goes_from_the_plan_to_the_published_result(office: Office) -> None:
    number, *_ = _drawn(office)
    first, second = _officers(office, number)
    task = office.task(number, "inspect")
    stranger = next(
        f"sg_{one}" for one in ("officer", "officer2", "officer4", "officer5") if f"sg_{one}" not in (first, second)
    )
    refused = office.sign_in(stranger).post(f"/user-tasks/{task['id']}/claim")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")
    assert office.sign_in(first).post(f"/user-tasks/{task['id']}/claim").status_code == 200
    assert office.sign_in(second).post(f"/user-tasks/{task['id']}/sign").status_code == 200
    office.upload_all(number, "section_review", first)
    office.wait(minutes=21)
    done = office.complete(number, "inspect", first)
    assert done.status_code == 200, done.text
    office.wait(minutes=5)
    done = office.complete(number, "section_review", "sg_section")
    assert done.status_code == 200, done.text
    case = office.case(number)
    assert (case["status"], case["outcome"]) == ("completed", "inspected")
    told = office.client().get("/api/v1/public/inspections").get_json()["items"][0]["drawn"]
    assert sorted(str(one["result"]) for one in told) == ["None", "clean"]


def test_the_public_page_tells_the_commitment_first_and_the_seed_afterwards(office: Office) -> None:
    office.start(INSPECTION)
    page = visit(office).page("/public/inspections")
    before = office.client().get("/api/v1/public/inspections").get_json()["items"][0]
    assert before["commitment"] in page and "尚未抽取" in page and before["secret"] is None
    office.work(before["plan"], "approve_plan")
    office.wait(seconds=5)
    after = office.client().get("/api/v1/public/inspections").get_json()["items"][0]
    page = visit(office).page("/public/inspections")
    assert after["seed"] in page and after["secret"] in page
    assert sha256(after["secret"].encode()).hexdigest() == before["commitment"]
    assert "Random inspections" in visit(office, language="en").page("/public/inspections")
