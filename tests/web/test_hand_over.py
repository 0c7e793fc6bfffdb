"""Work in hand and its hand-over over the interface and on the pages; people who leave."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service_fixtures import Office
from tests.web.test_task_moves import at, grant, id_of, kinds
from tests.web.visiting import Page, told, visit


@pytest.fixture
def claimed(office: Office) -> tuple[str, str]:
    """A case whose formal check the clerk has claimed, with a draft: its number and the task."""
    number, task = at(office, "formal_check")
    clerk = office.sign_in("yj_clerk")
    clerk.post(f"/user-tasks/{task['id']}/claim")
    clerk.put(f"/user-tasks/{task['id']}/draft", {"answers": {"check_result": "accept"}})
    return number, task["id"]


def test_the_interface_names_the_work_and_hands_it_over(office: Office, claimed: tuple[str, str]) -> None:
    number, task = claimed
    clerk, other = id_of(office, "yj_clerk"), id_of(office, "yj_clerk2")
    secadmin = office.sign_in("secadmin").sure()
    (piece,) = secadmin.get(f"/people/{clerk}/work-in-hand").get_json()["items"]
    assert (piece["kind"], piece["id"], piece["case_number"], piece["has_draft"]) == ("task", task, number, True)
    assert [one["id"] for one in piece["receivers"]] == [other]
    gone = secadmin.post(f"/people/{clerk}/deactivate", {"reason": "调离"})
    assert (gone.status_code, gone.get_json()["code"]) == (409, "work_open")
    assert number in gone.get_json()["errors"][0]["message"]
    body: dict[str, Any] = {"tasks": [{"id": task, "to": id_of(office, "yj_officer")}], "reason": "调离"}
    refused = secadmin.post(f"/people/{clerk}/hand-over", body)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (403, f"/tasks/{task}")
    body["tasks"][0]["to"] = other
    assert secadmin.post(f"/people/{clerk}/hand-over", body).get_json() == {"tasks": 1, "opinions": 0}
    assert kinds(office, number)[-1] == "task_handed_over"
    assert office.sign_in("yj_clerk2").get(f"/user-tasks/{task}").get_json()["draft"] == {"check_result": "accept"}
    left = secadmin.post(f"/people/{clerk}/deactivate", {"reason": "调离"}).get_json()
    assert (left["active"], left["posts"]) == (False, [])
    assert office.sign_in("yj_clerk").get("/me").status_code == 401, "sessions end with the account"
    again = office.client().post("/api/v1/sessions", json={"username": "yj_clerk", "password": "mingjing-demo"})
    assert again.status_code == 401


def test_others_neither_see_nor_hand_over_the_work_of_a_department(office: Office, claimed: tuple[str, str]) -> None:
    clerk = id_of(office, "yj_clerk")
    for username, status in (("yj_clerk2", 403), ("sg_head", 403), ("auditor", 403), ("yj_section", 200)):
        assert office.sign_in(username).get(f"/people/{clerk}/work-in-hand").status_code == status, username
    assert office.sign_in("yj_section").get("/people/9999/work-in-hand").status_code == 404
    body = {"reason": "x"}
    assert office.sign_in("yj_head").sure().post(f"/people/{clerk}/deactivate", body).status_code == 403
    bare = office.sign_in("secadmin").post(f"/people/{clerk}/deactivate", body)
    assert bare.get_json()["code"] == "second_factor_required"


def test_the_page_hands_over_what_has_a_receiver_and_says_who_may_not(office: Office, claimed: tuple[str, str]) -> None:
    number, task = claimed
    clerk = id_of(office, "yj_clerk")
    head = visit(office, "yj_head")
    assert number not in head.page("/hand-over") and f"/hand-over/{clerk}" in head.page("/hand-over")
    page = head.page(f"/hand-over/{clerk}")
    assert number in page and "有草稿" in page
    offered = [one["value"] for one in Page(page).all("option") if one.get("value")]
    assert offered == [str(id_of(office, "yj_clerk2"))]
    wrong = {f"task-{task}": str(id_of(office, "yj_officer")), "reason": "调离"}
    refused = head.send(f"/hand-over/{clerk}", **wrong)
    assert refused.status_code == 403
    assert f'href="#task-{task}"' in refused.text and "全部未交接" in told(refused.text)
    right = {f"task-{task}": str(id_of(office, "yj_clerk2")), "reason": "调离"}
    assert "手上没有工作" in told(head.sent(f"/hand-over/{clerk}", **right))
    story = visit(office, "yj_clerk2").page(f"/cases/{number}")
    assert "交接给" in story


def test_the_page_of_a_person_leads_to_the_hand_over_before_the_account_ends(
    office: Office, claimed: tuple[str, str]
) -> None:
    _, task = claimed
    clerk = id_of(office, "yj_clerk")
    admin = visit(office, "secadmin").sure()
    refused = admin.sent(f"/people/{clerk}/deactivate", reason="调离", next=f"/people/{clerk}")
    assert "须先交接" in refused and f"task-{task}" in refused
    handed = {f"task-{task}": str(id_of(office, "yj_clerk2")), "reason": "调离"}
    admin.sent(f"/hand-over/{clerk}", **handed)
    assert "已停用" in told(admin.sent(f"/people/{clerk}/deactivate", reason="调离"))


def test_a_post_is_withdrawn_on_the_page_with_its_reason(office: Office) -> None:
    grant(office, "yj_officer", "clerk")
    officer = id_of(office, "yj_officer")
    admin = visit(office, "secadmin").sure()
    page = admin.page(f"/people/{officer}")
    actions = [one["action"] for one in Page(page).all("form") if one.get("action", "").endswith("/revoke")]
    assert len(actions) == 2
    assert admin.send(actions[-1], reason=" ").status_code == 422
    assert "已收回岗位" in admin.sent(actions[-1], reason="轮岗")


@pytest.mark.parametrize(("username", "name"), [("sysadmin", "系统管理员"), ("auditor", "审计管理员")])
def test_the_last_administrator_of_a_kind_stays(office: Office, username: str, name: str) -> None:
    secadmin = office.sign_in("secadmin").sure()
    who = next(one for one in secadmin.get("/people?limit=200").get_json()["items"] if one["username"] == username)
    (holding,) = secadmin.get(f"/people/{who['id']}").get_json()["posts"]
    for path in (f"/people/{who['id']}/deactivate", f"/post-holdings/{holding['id']}/withdraw"):
        refused = secadmin.post(path, {"reason": "调离"})
        assert (refused.status_code, refused.get_json()["code"]) == (409, "move_refused"), refused.text
        assert name in refused.get_json()["detail"]
    own = secadmin.get("/me").get_json()["user"]["id"]
    (mine,) = secadmin.get(f"/people/{own}").get_json()["posts"]
    assert secadmin.post(f"/post-holdings/{mine['id']}/withdraw", {"reason": "x"}).get_json()["code"] == "move_refused"
