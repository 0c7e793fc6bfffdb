"""Joint review by several departments (并联审批): one task a department, each with its own people and clock."""

from __future__ import annotations

from typing import Any

from tests.commands.variants import Variant
from tests.service_fixtures import Office
from tests.web.test_api_definitions import deploy
from tests.web.visiting import visit

ITEM = "LJ-HB-XK-001"


def joint(office: Office) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A case at the technical review of two departments: its number, the home department's task and the other's."""
    diagram = Variant("environmental_impact_approval")
    diagram.double("technical_review", "second_review")
    diagram.set("second_review", "department", "YJ")
    diagram.duration("second_review_limit", "working_days(9)")
    assert deploy(office.sign_in("designer"), diagram.xml).status_code == 201
    number = office.start(ITEM)["number"]
    office.walk(number, "technical_review")
    return number, office.task(number, "technical_review"), office.task(number, "second_review")


def test_each_department_has_its_own_task_with_its_own_people_and_clock(office: Office) -> None:
    number, own, other = joint(office)
    assert (own["department"], other["department"]) == ("HB", "YJ")
    assert own["due_at"] != other["due_at"]
    safety, home = office.sign_in("yj_officer"), office.sign_in("hb_officer")
    assert home.post(f"/user-tasks/{other['id']}/claim").get_json()["code"] == "not_found"
    assert safety.post(f"/user-tasks/{other['id']}/claim").status_code == 200
    assert [t["id"] for t in safety.get("/user-tasks?view=mine").get_json()["items"]] == [other["id"]]
    assert safety.post(f"/user-tasks/{own['id']}/claim").get_json()["code"] == "not_found"
    assert "并联审批" in visit(office, "hb_section").page(f"/cases/{number}")
    page = visit(office, "yj_officer").page(f"/cases/{number}")
    assert "并联审批" in page and "县应急管理局" in page


def test_separation_holds_across_the_departments(office: Office) -> None:
    number, _, other = joint(office)
    safety = office.sign_in("yj_section")
    body = {"person": office.sign_in("yj_officer2").get("/me").get_json()["user"]["id"], "reason": "请假"}
    assert safety.post(f"/user-tasks/{other['id']}/transfer", body).status_code == 200, "its own head hands it on"
    stranger = office.sign_in("hb_section").post(f"/user-tasks/{other['id']}/transfer", body)
    assert stranger.get_json()["code"] == "not_found"
    assert office.task(number, "second_review")["assignee"]["id"] == body["person"]
