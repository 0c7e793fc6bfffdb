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


def test_a_head_recuses_an_officer_on_the_page_and_the_public_sees_who_was_drawn_again(office: Office) -> None:
    number, *_ = _drawn(office)
    head = visit(office, "sg_head")
    page = head.page(f"/cases/{number}")
    assert "决定检查人员回避" in page and "检查任务或对象" in page
    assert "决定检查人员回避" not in visit(office, "sg_section").page(f"/cases/{number}")
    officer = page.partition('id="recuse-officer"')[2].partition('<option value="')[2].partition('"')[0]
    shown = head.sent(f"/cases/{number}/moves/recuse", officer=officer, reason="与检查对象有亲属关系")
    assert "已回避" in shown
    public = visit(office).page("/public/inspections")
    assert f"{officer} 回避，重新抽取" in public and "亲属" not in public
    drawn = office.client().get("/api/v1/public/inspections").get_json()["items"][0]["drawn"]
    (told,) = next(one["recusals"] for one in drawn if one["recusals"])
    assert told["officer"] == officer and len(told["seed"]) == 64


def test_a_recusal_over_the_interface_needs_its_post_and_a_drawn_officer(office: Office) -> None:
    number, *_ = _drawn(office)
    body = {"officer": "0", "reason": "亲属"}
    assert office.sign_in("sg_section").post(f"/cases/{number}/recusals", body).status_code == 403
    refused = office.sign_in("sg_head").post(f"/cases/{number}/recusals", body)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/officer")
    drawn = office.client().get("/api/v1/public/inspections").get_json()["items"][0]["drawn"]
    done = [
        office.sign_in("sg_head").post(f"/cases/{number}/recusals", {"officer": one, "reason": "亲属"}).status_code
        for officers in (one["officers"] for one in drawn)
        for one in officers
    ]
    assert 200 in done
    assert office.sign_in("yj_head").post(f"/cases/{number}/recusals", body).status_code == 404
