"""Papers are signed for in bulk, each in a transaction of its own; whatever the client sends, nothing is decided so."""

from __future__ import annotations

import pytest

from tests.service_fixtures import Office
from tests.web.test_task_moves import id_of, kinds
from tests.web.visiting import told, visit


def tasks_of(office: Office, count: int) -> list[str]:
    return [office.task(office.start()["number"], "formal_check")["id"] for _ in range(count)]


def test_each_task_is_claimed_for_itself_and_says_what_came_of_it(office: Office) -> None:
    ids = tasks_of(office, 3)
    assert office.sign_in("yj_clerk2").post(f"/user-tasks/{ids[1]}/claim").status_code == 200
    answer = office.sign_in("yj_clerk").post("/user-tasks/claims", {"tasks": [*ids, ids[0], "0" * 32]})
    assert answer.status_code == 200, answer.text
    found = answer.get_json()["items"]
    assert [one["id"] for one in found] == [*ids, "0" * 32]
    assert [(one["outcome"], one["code"]) for one in found] == [
        ("claimed", None),
        ("refused", "task_taken"),
        ("claimed", None),
        ("refused", "not_found"),
    ]
    assert found[0]["name"] == "材料核对" and found[3]["case_number"] is None
    mine = office.sign_in("yj_clerk").get("/user-tasks?view=mine").get_json()["items"]
    assert {one["id"] for one in mine} == {ids[0], ids[2]}
    assert "task_claimed" in kinds(office, found[0]["case_number"])
    assert "act_refused" in kinds(office, found[1]["case_number"])


@pytest.mark.parametrize("act", ["complete", "decide", "review", "sign", "release"])
def test_nothing_but_receiving_is_done_in_bulk(office: Office, act: str) -> None:
    ids = tasks_of(office, 2)
    clerk = office.sign_in("yj_clerk").sure()
    for given in ({"tasks": ids, "act": act}, {"tasks": ids, "act": act, "answers": {"check_result": "accept"}}):
        assert clerk.post("/user-tasks/claims", given).status_code in (403, 422)
    assert clerk.post("/user-tasks/claims", {"tasks": ids, "act": act}).get_json()["code"] == "not_permitted"
    assert clerk.post("/user-tasks/complete", {"tasks": ids}).status_code in (404, 405)
    page = visit(office, "yj_clerk").sure().send("/work/claim", task=ids, act=act, decision="grant")
    assert "不能批量审核、审批或者办结" in told(page.text)
    assert all(clerk.get(f"/user-tasks/{one}").get_json()["status"] == "open" for one in ids)
    assert all(clerk.get(f"/user-tasks/{one}").get_json()["assignee"] is None for one in ids)


def test_a_stranger_learns_nothing_of_what_he_names(office: Office) -> None:
    ids = tasks_of(office, 1)
    (one,) = office.sign_in("sg_clerk").post("/user-tasks/claims", {"tasks": ids}).get_json()["items"]
    assert (one["outcome"], one["case_number"], one["name"]) == ("refused", None, "")


def test_too_many_and_none_are_refused(office: Office) -> None:
    clerk = office.sign_in("yj_clerk")
    assert clerk.post("/user-tasks/claims", {"tasks": []}).status_code == 422
    assert clerk.post("/user-tasks/claims", {"tasks": [f"{n:032x}" for n in range(51)]}).status_code == 422


def test_the_receipt_of_copies_is_confirmed_together(office: Office) -> None:
    head = id_of(office, "yj_head")
    for task in tasks_of(office, 2):
        office.sign_in("yj_clerk").post(f"/user-tasks/{task}/claim")
        office.sign_in("yj_clerk").post(f"/user-tasks/{task}/copies", {"people": [head], "note": "请阅"})
    copies = office.sign_in("yj_head").get("/copies").get_json()["items"]
    ids = [one["id"] for one in copies]
    (other,) = office.sign_in("yj_vice").post("/copies/receipts", {"copies": ids[:1]}).get_json()["items"]
    assert (other["outcome"], other["code"], other["case_number"]) == ("refused", "not_found", None)
    done = visit(office, "yj_head").send("/copies/read", copy=[str(one) for one in ids], act="read")
    assert "已签收 2 件" in told(done.text)
    assert office.sign_in("yj_head").get("/copies").get_json()["total"] == 0
    assert office.sign_in("yj_head").post("/copies/receipts", {"copies": ids, "act": "claim_all"}).status_code == 403
