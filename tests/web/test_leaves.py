"""请假 on its page and over the interface."""

from __future__ import annotations

from tests.service_fixtures import Office
from tests.web.visiting import told, visit


def test_a_leave_entered_on_the_page_moves_the_task_and_ends_early(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    task = office.task(number, "site_survey")
    officer = office.sign_in("yj_officer")
    assert officer.post(f"/user-tasks/{task['id']}/claim").status_code == 200
    second = office.sign_in("yj_officer2").get("/me").get_json()["user"]["id"]
    page = visit(office, "yj_officer")
    wrong = page.send("/leaves", starts_on="2026-11-23", ends_on="x", reason="年休假", stand_in="")
    assert wrong.status_code == 422 and "请填日期" in told(wrong.text)
    after = page.sent("/leaves", starts_on="2026-11-23", ends_on="2026-11-25", reason="年休假", stand_in=str(second))
    assert "请假已登记" in told(after) and "请假中" in told(after)
    assert office.task(number, "site_survey")["assignee"]["id"] == second
    (mine,) = officer.get("/leaves").get_json()["items"]
    assert (mine["state"], mine["reason"]) == ("away", "年休假")
    story = told(visit(office, "yj_section").page(f"/cases/{number}"))
    assert "请假" in story
    assert "已销假" in told(page.sent(f"/leaves/{mine['id']}/end"))
    assert officer.get("/leaves").get_json()["items"][0]["state"] == "ended"
    assert officer.post(f"/leaves/{mine['id']}/end").status_code == 409


def test_a_leader_sees_and_enters_the_leave_of_the_department_and_nobody_elses(office: Office) -> None:
    clerk = office.sign_in("yj_clerk").get("/me").get_json()["user"]["id"]
    body = {"person": clerk, "starts_on": "2026-11-24", "ends_on": "2026-11-24", "reason": "病假"}
    assert office.sign_in("mz_head").post("/leaves", body).status_code == 403
    entered = office.sign_in("yj_section").post("/leaves", body)
    assert entered.status_code == 201, entered.text
    assert entered.get_json()["state"] == "to_come"
    seen = {who: office.sign_in(who).get("/leaves").get_json()["total"] for who in ("yj_head", "yj_clerk", "mz_head")}
    assert seen == {"yj_head": 1, "yj_clerk": 1, "mz_head": 0}
    assert office.sign_in("mz_head").post(f"/leaves/{entered.get_json()['id']}/end").status_code == 403
    assert office.sign_in("secadmin").get("/leaves").get_json()["total"] == 1
