"""Milestones of a key project over the interface and on the pages: the unit reports by its own account."""

from __future__ import annotations

from tests.service_fixtures import Office
from tests.web.visiting import visit

MILESTONES = "LJ-FG-EX-002"
UNIT = "xm1_project_unit"


def _waiting(office: Office) -> str:
    """A project whose plan is approved; its number."""
    number = str(office.start(MILESTONES)["number"])
    task = office.task(number, "make_plan")
    done = office.complete(number, "make_plan", UNIT)
    assert done.status_code == 422 and task["department"] == "XM1"  # the papers first
    office.upload_all(number, "approve_plan", UNIT)
    assert office.complete(number, "make_plan", UNIT).status_code == 200
    office.wait(minutes=6)
    assert office.complete(number, "approve_plan", "fg_vice").status_code == 200
    return number


def test_a_milestone_is_reported_verified_and_the_next_one_taken(office: Office) -> None:
    number = _waiting(office)
    body = {"kind": "milestone_report", "answers": {"report_note": "已完成。"}}
    refused = office.sign_in("fg_clerk").post(f"/cases/{number}/messages", body)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")
    told = office.sign_in(UNIT).post(f"/cases/{number}/messages", body)
    assert told.status_code == 200, told.text
    office.upload_all(number, "verify_on_site", UNIT)
    assert office.complete(number, "report_progress", UNIT).status_code == 200
    office.work(number, "verify_on_site")
    office.work(number, "section_review")
    case = office.case(number)
    assert case["user_tasks"] == [] and case["status"] == "open"
    events = office.sign_in("auditor").get(f"/cases/{number}/history?limit=200").get_json()["items"]
    taken = [one["payload"]["name"] for one in events if one["kind"] == "milestone_taken"]
    assert taken == ["施工许可", "主体封顶"]


def test_a_passed_milestone_is_the_county_leader_s_to_rule_upon(office: Office) -> None:
    number = _waiting(office)
    office.wait(days=35)
    assert office.complete(number, "explain_delay", UNIT).status_code == 200
    office.wait(minutes=5)
    done = office.complete(number, "rule_on_delay", "county_leader", delay_ruling="stop")
    assert done.status_code == 200, done.text
    assert office.case(number)["outcome"] == "stopped"
    alarms = office.sign_in("centre").get(f"/alarms?case={number}").get_json()["items"]
    assert {"blue", "yellow", "red"} <= {one["colour"] for one in alarms}


def test_the_unit_s_page_offers_the_report_and_other_units_know_of_nothing(office: Office) -> None:
    number = _waiting(office)
    offer = "节点已完成的，在这里报告"
    assert offer in visit(office, UNIT).page(f"/cases/{number}")
    assert offer not in visit(office, "fg_clerk").page(f"/cases/{number}")
    assert visit(office, "sg_dept_clerk").get(f"/cases/{number}").status_code == 404
