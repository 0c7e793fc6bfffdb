"""Orders that people issue, alarms that they gather and assign, and that nobody ends what concerns himself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from service.certificates import signature_digest
from tests.service_fixtures import Office
from tests.unit.test_documents import text
from tests.web.visiting import visit

NOTE = {"source": "leader", "department": "YJ", "demand": "核查某企业许可办理是否超期并报结果"}
ANSWERS: dict[str, dict[str, Any]] = {
    "sign": {"sign_note": "已签收，立即核查。"},
    "answer": {
        "cause": "clerk",
        "explanation": "经核查，窗口人员解释不到位，群众等待时间较长。",
        "measure": "已对当事人批评教育，增开窗口，延长服务时间。",
        "evidence": "窗口录像和谈话记录，当日已补办。",
    },
    "handler_sign": {"sign_note": "已签收。"},
    "judge": {"judge_result": "accepted", "judge_opinion": "原因属实，已整改到位，同意销号。"},
    "confirm": {"confirm_result": "accepted", "confirm_opinion": "原因清楚，措施到位，同意销号。"},
}


def yellow(office: Office) -> list[dict[str, Any]]:
    """Two yellow alarms of one department: bad ratings."""
    for _ in range(2):
        case = office.start()
        body = {"secret": case["secret"], "kind": "rating", "stars": 1}
        assert office.client().post(f"/api/v1/public/cases/{case['number']}/feedback", json=body).status_code == 201
    office.wait(minutes=2)
    found: list[dict[str, Any]] = office.sign_in("sup2").get("/alarms?kind=service").get_json()["items"]
    assert len(found) == 2
    return found


def issue(office: Office, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = office.sign_in("sup2").post("/supervision-orders", NOTE | more).get_json()
    return found


def do(office: Office, number: str, element: str, by: str) -> Any:
    """One step of the order by this person, who claims it where he may."""
    tasks = office.sign_in("sup2").get(f"/supervision-orders/{number}").get_json()["user_tasks"]
    (task,) = [task["id"] for task in tasks if task["element_id"] == element]
    answers = ANSWERS["answer" if element == "handler_answer" else element]
    return office.sign_in(by).sure().post(f"/user-tasks/{task}/complete", {"answers": answers})


def test_a_leaders_note_becomes_an_order_that_level_1_is_told_of_by_sms(office: Office) -> None:
    order = issue(office)
    assert (order["source"], order["rung"], order["status"], order["about_case"]) == ("leader", 2, "open", None)
    assert order["issued_by"] and [task["element_id"] for task in order["user_tasks"]] == ["sign"]
    assert {one["kind"] for one in order["messages"] if one["channel"] == "sms"} == {"order_level1"}
    sup2 = office.sign_in("sup2")
    assert office.sign_in("yj_sup1").post("/supervision-orders", NOTE).status_code == 403
    assert sup2.post("/supervision-orders", NOTE | {"department": "XX"}).status_code == 404
    assert sup2.post("/supervision-orders", NOTE | {"about_case": "YJ-1"}).status_code == 404
    assert sup2.post("/supervision-orders", NOTE | {"demand": "查"}).status_code == 422


def test_alarms_of_one_department_are_gathered_in_one_order_and_in_no_second(office: Office) -> None:
    one, other = yellow(office)
    sup2 = office.sign_in("sup2")
    given = NOTE | {"source": "alarm", "alarms": [one["id"]]}
    order = sup2.post("/supervision-orders", given).get_json()
    assert sup2.post("/supervision-orders", given).get_json()["code"] == "move_refused"
    elsewhere = sup2.post("/supervision-orders", given | {"department": "SG", "alarms": [other["id"]]})
    assert elsewhere.get_json()["code"] == "move_refused"
    joined = sup2.post(f"/supervision-orders/{order['number']}/alarms", {"alarms": [other["id"]]}).get_json()
    assert [a["id"] for a in joined["alarms"]] == sorted([one["id"], other["id"]])
    assert {a["status"] for a in joined["alarms"]} == {"ordered"}


def test_orders_are_listed_by_their_limit_the_soonest_due_first(office: Office) -> None:
    centre = office.sign_in("sup2")

    def listed(due: str, cursor: str = "") -> list[str]:
        page = centre.get(f"/supervision-orders?due={due}&limit=1{cursor}").get_json()
        rest = listed(due, f"&cursor={page['next']}") if page["next"] else []
        return [*(one["number"] for one in page["items"]), *rest]

    first = issue(office)["number"]
    office.wait(hours=1)
    second, third = issue(office)["number"], issue(office, department="MZ")["number"]
    assert (listed("late"), listed("today"), listed("later")) == ([], [first, second, third], [])
    office.wait(hours=4, minutes=40)
    assert listed("late") == [first]
    assert listed("today")[:2] == [second, third]
    assert centre.get("/supervision-orders?due=soon").status_code == 422
    page = visit(office, "sup2").page("/orders?due=late")
    assert first in page and second not in page and "已超过时限" in page
    assert "没有符合条件的督办单" in visit(office, "sup2").page("/orders?due=later&case=X")


def test_when_somebody_who_was_told_opens_the_order_is_kept(office: Office) -> None:
    number = issue(office)["number"]
    sent = office.sign_in("sup2").get(f"/notices?case={number}").get_json()["items"]
    assert sent and {one["opened_at"] for one in sent} == {None}
    office.sign_in("yj_sup1").get(f"/supervision-orders/{number}")
    told = office.sign_in("sup2").get(f"/supervision-orders/{number}").get_json()["messages"]
    assert all(one["opened_at"] for one in told if one["recipient"] == "yj_sup1")


def test_an_order_goes_from_signing_to_closing_and_is_opened_again_with_its_alarms(office: Office) -> None:
    one, _ = yellow(office)
    sup2 = office.sign_in("sup2")
    number = issue(office, alarms=[one["id"]])["number"]
    early = sup2.post(f"/supervision-orders/{number}/reopen", {"reason": "未改"})
    assert early.get_json()["code"] == "move_refused"
    for element in ("sign", "answer"):
        done = do(office, number, element, "yj_sup1")
        assert done.status_code == 200, done.text
    own = do(office, number, "confirm", "yj_sup1")
    assert own.status_code in (403, 404, 409), "level 1 closes nothing that it has answered"
    closed = do(office, number, "confirm", "sup2")
    assert closed.status_code == 200, closed.text
    assert sup2.get(f"/alarms/{one['id']}").get_json()["status"] == "closed"
    again = sup2.post(f"/supervision-orders/{number}/reopen", {"reason": "同类问题仍在发生"}).get_json()
    assert (again["reopens"], [a["id"] for a in again["alarms"]]) == (number, [one["id"]])
    assert sup2.get(f"/supervision-orders/{number}").get_json()["reopened_as"] == again["number"]
    assert sup2.get(f"/alarms/{one['id']}").get_json()["status"] == "ordered"
    twice = sup2.post(f"/supervision-orders/{number}/reopen", {"reason": "再来一次"})
    assert twice.get_json()["code"] == "move_refused"


def test_neither_handler_nor_level_1_settles_away_or_closes_what_concerns_them(office: Office) -> None:
    one, _ = yellow(office)
    number = issue(office, alarms=[one["id"]])["number"]
    for who in ("yj_clerk", "yj_officer", "yj_sup1"):
        person = office.sign_in(who)
        assert person.post(f"/supervision-orders/{number}/reopen", {"reason": "试"}).status_code == 403
        assert person.post(f"/supervision-orders/{number}/alarms", {"alarms": [1]}).status_code == 403
    for who in ("yj_clerk", "yj_officer"):
        person = office.sign_in(who)
        assert person.post(f"/alarms/{one['id']}/result", {"result": "false", "ground": "无"}).status_code == 404
        assert person.post(f"/alarms/{one['id']}/assignment", {"username": "yj_sup1"}).status_code == 404
        assert person.get(f"/supervision-orders/{number}").status_code == 404
    word = office.sign_in("yj_sup1").post(f"/alarms/{one['id']}/result", {"result": "false", "ground": "无"})
    assert word.get_json()["status"] == "ordered", "a word of level 1 ends no order"
    assert office.sign_in("sup2").get(f"/supervision-orders/{number}").get_json()["status"] == "open"


def test_an_alarm_is_assigned_to_a_supervisor_of_its_department_who_finds_it(office: Office) -> None:
    one, _ = yellow(office)
    path = f"/alarms/{one['id']}/assignment"
    assert office.sign_in("sup2").post(path, {"username": "mz_sup1"}).get_json()["code"] == "move_refused"
    assert office.sign_in("sup2").post(path, {"username": "yj_clerk"}).get_json()["code"] == "move_refused"
    assert office.sign_in("sup2").post(path, {"username": "yj_sup1"}).get_json()["assigned_to"]
    mine = office.sign_in("yj_sup1").get("/alarms?assigned=me").get_json()["items"]
    assert [a["id"] for a in mine] == [one["id"]]
    assert office.sign_in("sup2").get("/alarms?assigned=me").get_json()["total"] == 0


def test_filters_are_kept_for_the_person_alone(office: Office) -> None:
    sup2 = office.sign_in("sup2")
    kept = sup2.post("/alarms/filters", {"name": "红色", "query": {"colour": "red"}}).get_json()
    again = sup2.post("/alarms/filters", {"name": "红色", "query": {"colour": "red", "status": "open"}}).get_json()
    assert (kept["total"], again["total"]) == (1, 1)
    assert office.sign_in("centre").get("/alarms/filters").get_json()["total"] == 0
    number = again["items"][0]["id"]
    assert office.sign_in("centre").call("DELETE", f"/alarms/filters/{number}").status_code == 404
    assert sup2.call("DELETE", f"/alarms/filters/{number}").status_code == 204


def test_the_rungs_are_counted_as_the_lists_behind_them(office: Office) -> None:
    issue(office)
    office.stepping.move_to(office.now + timedelta(hours=6))
    (row,) = office.sign_in("sup2").get("/supervision-orders/statistics").get_json()["items"]
    assert (row["department"], row["orders"], row["to_level2"], row["closed"]) == ("YJ", 1, 1, 0)
    assert (row["level1_messages"], row["level2_messages"]) == (1, 1)
    earlier = office.sign_in("sup2").get("/supervision-orders/statistics?from=2026-01-01&to=2026-01-31").get_json()
    assert earlier["items"] == []
    page = visit(office, "sup2").page("/orders/statistics")
    assert "一级催办短信 1 条，二级督办短信 1 条" in page


def test_the_list_of_alarms_does_one_act_on_many_and_tells_what_it_did_not(office: Office) -> None:
    one, other = yellow(office)
    sup2 = visit(office, "sup2")
    both = {"alarm": [str(one["id"]), str(other["id"])]}
    bare = sup2.sent("/alarms/bulk", act="excused", ground="", **both)
    assert "已处理 0 条" in bare and "须写明理由" in bare
    page = sup2.sent("/alarms/bulk", act="issue", ground="两件差评一并核查", **both)
    assert "督办单已签发" in page and "两件差评一并核查" in page
    kept = sup2.sent("/alarms/filters", name="差评", kind="service")
    assert "筛选已保存" in kept and "差评" in kept
    number = office.sign_in("sup2").get("/supervision-orders").get_json()["items"][0]["number"]
    paper = sup2.get(f"/orders/{number}/paper.pdf")
    assert paper.status_code == 200 and signature_digest(paper.data), "the paper bears the centre's seal"
    said = text(paper.data)
    assert "临江县行政权力网上公开透明运行控制中心" in said and "被督办单位临江县应急管理局" in said


def test_level_1_sends_an_alarm_to_the_handler_who_asks_for_time_mends_and_is_judged(office: Office) -> None:
    one, _ = yellow(office)
    level1 = visit(office, "yj_sup1")
    assert "督办经办人" in level1.page(f"/alarms/{one['id']}")
    page = level1.sent(f"/alarms/{one['id']}/handler-order", handler="yj_clerk", demand="说明差评原因并整改")
    number = office.sign_in("sup2").get("/supervision-orders").get_json()["items"][0]["number"]
    assert number in page and "由哪位经办人说明和整改" in page
    handler = visit(office, "yj_clerk")
    assert "申请延期" in handler.page(f"/orders/{number}")
    assert office.sign_in("yj_officer").get(f"/supervision-orders/{number}").status_code == 404
    task = office.sign_in("yj_clerk").get(f"/supervision-orders/{number}").get_json()["user_tasks"][0]
    until = (office.now + timedelta(days=2)).date().isoformat()
    asked = {"task": task["id"], "until": until, "reason": "须向当事人核实"}
    assert "待批准" in handler.sent(f"/orders/{number}/extensions", **asked)
    order = office.sign_in("yj_sup1").get(f"/supervision-orders/{number}").get_json()
    (extension,) = order["extensions"]
    path = f"/supervision-orders/{number}/extensions/{extension['id']}/decision"
    given = {"decision": "granted", "opinion": "情况属实"}
    assert office.sign_in("yj_clerk").post(path, given).get_json()["code"] == "not_permitted"
    assert "已批准" in level1.sent(f"/orders/{number}/extensions/{extension['id']}", **given)
    assert office.sign_in("sup2").post(path, given).status_code == 403
    for element in ("handler_sign", "handler_answer"):
        done = do(office, number, element, "yj_clerk")
        assert done.status_code == 200, done.text
    own = do(office, number, "judge", "yj_clerk")
    assert own.status_code in (403, 404), "no handler closes what concerns him"
    assert do(office, number, "judge", "yj_sup1").status_code == 200
    closed = office.sign_in("yj_clerk").get(f"/supervision-orders/{number}").get_json()
    assert (closed["status"], closed["handler"]) == ("closed", order["handler"])
    (row,) = office.sign_in("sup2").get("/supervision-orders/statistics").get_json()["items"]
    assert (row["handler_messages"], row["level1_messages"], row["closed_at_level1"]) == (1, 0, 1)
    paper = visit(office, "sup2").get(f"/orders/{number}/paper.pdf")
    assert paper.status_code == 200
    said = text(paper.data)
    assert "一级认定" in said and "监察审核意见" not in said, "a closed order leaves no blank"


def test_level_1_issues_to_handlers_of_its_own_department_alone(office: Office) -> None:
    level1 = office.sign_in("yj_sup1")
    assert level1.post("/supervision-orders", NOTE).status_code == 403
    elsewhere = NOTE | {"department": "MZ", "handler": "mz_clerk"}
    assert level1.post("/supervision-orders", elsewhere).status_code == 403
    assert level1.post("/supervision-orders", NOTE | {"handler": "mz_clerk"}).status_code == 404
    order = level1.post("/supervision-orders", NOTE | {"handler": "yj_officer"}).get_json()
    assert [task["element_id"] for task in order["user_tasks"]] == ["handler_sign"]
    named = level1.post(f"/supervision-orders/{order['number']}/handler", {"username": "yj_clerk"}).get_json()
    assert named["handler"] != order["handler"]
    office_clerk = office.sign_in("yj_clerk").post(
        f"/supervision-orders/{order['number']}/handler", {"username": "yj_officer"}
    )
    assert office_clerk.status_code == 403


def test_the_centre_faces_what_has_climbed_the_most_urgent_first_and_nothing_that_was_settled_below(
    office: Office,
) -> None:
    one, other = yellow(office)
    desk = office.sign_in("centre").get("/centre-desk").get_json()
    assert (desk["items"], desk["decided"]["decisions"]) == ([], 0), "what level 1 may settle never faces the centre"
    number = issue(office, alarms=[one["id"]])["number"]
    small = issue(office)["number"]
    office.stepping.move_to(office.now + timedelta(days=4))
    found = office.sign_in("centre").get("/centre-desk").get_json()["items"]
    assert [row["order"] for row in found] == [number, small]
    assert found[0]["points"] > found[1]["points"] and "colour" in {ground["code"] for ground in found[0]["grounds"]}
    assert office.sign_in("yj_sup1").get("/centre-desk").status_code == 403
    page = visit(office, "centre").page("/centre")
    assert page.index(number) < page.index(small) and "控制中心待决事项" in page
    tasks = office.sign_in("centre").get(f"/supervision-orders/{number}").get_json()["user_tasks"]
    (demand,) = [task["id"] for task in tasks if task["element_id"] == "centre_demand"]
    answers = {"centre_demand": "责成主要负责人当面说明情况并限期整改。", "proposal": "none"}
    done = office.sign_in("centre").sure().post(f"/user-tasks/{demand}/complete", {"answers": answers})
    assert done.status_code == 200, done.text
    after = office.sign_in("centre").get("/centre-desk").get_json()
    assert ([row["order"] for row in after["items"]], after["decided"]["p95"]) == ([small], 1)
    assert other["status"] == "open"
