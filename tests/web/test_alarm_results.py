"""What an alarm came to and what a county chooses for its rules, over the interface and on the alarm's page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.service_fixtures import Office
from tests.web.visiting import visit

HONEST = {"result": "excused", "ground": "集市日集中受理，窗口增派两人"}


def burst(office: Office) -> dict[str, Any]:
    """Five cases of one clerk in five minutes, and the pass that follows."""
    for _ in range(5):
        office.start("LJ-SG-XK-001")
        office.wait(minutes=1)
    office.wait(minutes=2)
    found = office.sign_in("sup2").get("/alarms?kind=batch").get_json()["items"]
    assert len(found) == 1
    alarm: dict[str, Any] = found[0]
    return alarm


def test_a_burst_is_an_alarm_of_no_case_with_a_row_for_each_that_one_can_open(office: Office) -> None:
    alarm = burst(office)
    assert (alarm["case_number"], alarm["colour"], alarm["rule"], alarm["rule_version"]) == (
        None,
        "red",
        "batch.burst",
        3,
    )
    assert alarm["act_by"] and alarm["order_number"] and alarm["cause"].startswith("person/")
    supervisor = visit(office, "sg_sup1")
    page = supervisor.get(f"/alarms/{alarm['id']}")
    for row in alarm["evidence"]:
        assert f'href="/cases/{row["case"]}"' in page.text
    assert "涉及多件" in supervisor.get("/alarms").text
    order = supervisor.get(f"/orders/{alarm['order_number']}").text
    assert alarm["order_number"] in order
    listed = office.sign_in("sg_sup1").get(f"/supervision-orders/{alarm['order_number']}").get_json()
    assert listed["about_case"] is None and [one["kind"] for one in listed["alarms"]] == ["batch"]


def test_an_alarm_tells_who_must_act_and_its_rows_are_opened_whatever_they_are_about(office: Office) -> None:
    red = burst(office)
    assert red["act_post"] == "sup1"
    assert "一级监察员" in visit(office, "sg_sup1").get(f"/alarms/{red['id']}").text
    office.wait(hours=8)
    late = office.sign_in("sup2").get("/alarms?kind=supervision&rule=supervision.unopened").get_json()["items"]
    order = late[0]["evidence"][0]["order"]
    assert f'href="/orders/{order}"' in visit(office, "sup2").get(f"/alarms/{late[0]['id']}").text
    idle = office.sign_in("sup2").get("/alarms?rule=supervision.sign_idle").get_json()["items"][0]
    assert (idle["act_post"], late[0]["act_post"]) == ("sup2", None)


def test_level_1_settles_no_red_alarm_but_the_county_does_and_the_order_goes_on(office: Office) -> None:
    alarm = burst(office)
    refused = office.sign_in("sg_sup1").post(f"/alarms/{alarm['id']}/result", HONEST)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")
    assert office.sign_in("mz_sup1").post(f"/alarms/{alarm['id']}/result", HONEST).status_code == 404
    assert office.sign_in("sg_clerk").post(f"/alarms/{alarm['id']}/result", HONEST).status_code == 404
    settled = office.sign_in("sup2").post(f"/alarms/{alarm['id']}/result", HONEST).get_json()
    assert (settled["result"], settled["ground"], settled["status"]) == ("excused", HONEST["ground"], "ordered")


def test_the_alarm_of_a_case_shows_its_step_on_the_diagram(office: Office) -> None:
    number = office.start()["number"]
    office.wait(days=9)
    (late,) = office.sign_in("sup2").get("/alarms?colour=red&rule=overdue.step_limit").get_json()["items"]
    supervisor, path = visit(office, "yj_sup1"), f"/alarms/{late['id']}"
    page = supervisor.get(path).text
    assert f'data-state="{path}/diagram.json"' in page and f'data-xml="/cases/{number}/diagram.bpmn"' in page
    assert "办理步骤" in page and "材料核对" in page
    state = supervisor.get(f"{path}/diagram.json").get_json()
    shown = state["elements"]["formal_check"]
    assert (state["focus"], shown["state"], shown["label"]) == ("formal_check", "overdue", "超期")
    assert visit(office, "mz_sup1").get(f"{path}/diagram.json").status_code == 404
    burst_alarm = burst(office)
    assert "办理步骤" not in visit(office, "sg_sup1").get(f"/alarms/{burst_alarm['id']}").text
    assert visit(office, "sg_sup1").get(f"/alarms/{burst_alarm['id']}/diagram.json").status_code == 404


def test_what_an_alarm_of_no_case_came_to_is_not_changed_without_a_trace(office: Office) -> None:
    alarm = burst(office)
    path = f"/alarms/{alarm['id']}/result"
    assert office.sign_in("sup2").post(path, HONEST).status_code == 200
    second = {"result": "confirmed", "ground": "集市日并无增派人员"}
    assert office.sign_in("centre").post(path, second).status_code == 200
    (noted,) = office.sign_in("auditor").get("/office-changes?kind=alarm_resettled").get_json()["items"]
    assert noted["subject"] == f"alarm/{alarm['id']}" and noted["before"]["ground"] == HONEST["ground"]
    assert (noted["before"]["result"], noted["after"]["result"]) == ("excused", "confirmed")
    assert "更改报警认定结果" in visit(office, "auditor").get("/office-changes?kind=alarm_resettled").text


def test_a_false_alarm_needs_its_ground_and_a_yellow_one_is_closed_by_level_1_once(office: Office) -> None:
    number = office.start()["number"]
    task = office.task(number, "formal_check")["id"]
    filled = office.answers("LJ-YJ-XK-001", "formal_check")
    for _ in range(3):
        refused = office.sign_in("yj_clerk").post(f"/user-tasks/{task}/complete", {"answers": filled})
        assert refused.get_json()["code"] == "control_node_missing"
        office.wait(minutes=1)
    office.wait(minutes=2)
    (alarm,) = office.sign_in("yj_sup1").get("/alarms?kind=material").get_json()["items"]
    assert (alarm["rule"], alarm["case_number"]) == ("material.refused", number)
    path = f"/alarms/{alarm['id']}/result"
    assert office.sign_in("yj_sup1").post(path, {"result": "false"}).status_code == 422
    given = visit(office, "yj_sup1").sent(f"/alarms/{alarm['id']}/result", result="false", ground="材料当天补齐")
    assert "认定结果已登记" in given and "误报" in given
    again = office.sign_in("yj_sup1").post(path, {"result": "confirmed"})
    assert again.get_json()["code"] == "move_refused"
    events = [one["kind"] for one in office.sign_in("auditor").get(f"/cases/{number}/history").get_json()["items"]]
    assert "alarm_settled" in events
    rules = {one["code"]: one for one in office.sign_in("sup2").get("/alarm-rules").get_json()["items"]}
    assert (rules["material.refused"]["raised"], rules["material.refused"]["false_alarms"]) == (1, 1)


def test_the_county_chooses_other_figures_for_a_department_with_its_reason(office: Office) -> None:
    chosen = {"scope": "department", "value": "SG", "figures": {"cases": 6}, "enabled": "yes", "reason": "集市日"}
    rule = office.sign_in("sup2").put("/alarm-rules/batch.burst", chosen).get_json()
    assert [(one["scope"], one["value"], one["figures"]) for one in rule["choices"]] == [
        ("department", "SG", {"cases": 6})
    ]
    for _ in range(5):
        office.start("LJ-SG-XK-001")
    office.wait(minutes=5)
    assert office.sign_in("sup2").get("/alarms?kind=batch").get_json()["total"] == 0


def test_to_switch_a_rule_off_takes_two_people_and_holds_from_the_next_pass(office: Office) -> None:
    off = {"scope": "department", "value": "SG", "figures": {}, "enabled": "no", "reason": "集市日"}
    alone = office.sign_in("sup2").put("/alarm-rules/batch.burst", off)
    assert (alone.status_code, alone.get_json()["code"]) == (409, "move_refused")
    asked = {"scope": "department", "value": "SG", "reason": "集市日"}
    proposal = office.sign_in("sup2").post("/alarm-rules/batch.burst/proposals", asked).get_json()
    own = office.sign_in("sup2").sure().post(f"/proposals/{proposal['id']}/approve", {"ground": "同意"})
    assert own.get_json()["code"] == "separation_of_duty"
    assert office.sign_in("yj_sup1").post("/alarm-rules/batch.burst/proposals", asked).status_code == 403
    assert (
        office.sign_in("centre").sure().post(f"/proposals/{proposal['id']}/approve", {"ground": "同意"}).status_code
        == 200
    )
    burst_of_five(office)
    assert office.sign_in("sup2").get("/alarms?kind=batch").get_json()["total"] == 0
    rules = {one["code"]: one for one in office.sign_in("sup2").get("/alarm-rules").get_json()["items"]}
    assert [one["enabled"] for one in rules["batch.burst"]["choices"]] == [False]


def burst_of_five(office: Office) -> None:
    for _ in range(5):
        office.start("LJ-SG-XK-001")
    office.wait(minutes=5)


def test_a_preview_tells_what_a_change_would_have_raised_and_changes_nothing(office: Office) -> None:
    burst_of_five(office)
    wanted = {"scope": "county", "figures": {"cases": 6}, "enabled": "yes"}
    seen = office.sign_in("sup2").post("/alarm-rules/batch.burst/preview", wanted).get_json()
    assert (seen["before"], seen["after"], len(seen["dropped"]), seen["added"]) == (1, 0, 1, [])
    assert seen["dropped"][0]["department"] == "SG" and "5 件" in seen["dropped"][0]["summary_zh"]
    narrower = wanted | {"figures": {"cases": 3}, "scope": "department", "value": "YJ"}
    same = office.sign_in("sup2").post("/alarm-rules/batch.burst/preview", narrower).get_json()
    assert (same["before"], same["after"]) == (1, 1)
    rules = {one["code"]: one for one in office.sign_in("sup2").get("/alarm-rules").get_json()["items"]}
    assert rules["batch.burst"]["choices"] == []
    page = visit(office, "sup2").send("/rules/batch.burst/preview", scope="county", **{"figure-cases": "6"})
    assert page.status_code == 200 and "会不再报的" in page.text and "5 件" in page.text


def test_rules_of_acts_stand_in_the_book_and_are_not_the_countys_to_change(office: Office) -> None:
    rules = {one["code"]: one for one in office.sign_in("sup2").get("/alarm-rules").get_json()["items"]}
    assert not rules["overdue.step_limit"]["adjustable"] and rules["bunched.minimum"]["adjustable"]
    chosen = {"scope": "county", "figures": {}, "enabled": "yes", "reason": "试"}
    refused = office.sign_in("sup2").put("/alarm-rules/overdue.step_limit", chosen)
    assert refused.get_json()["code"] == "move_refused"


def test_a_rule_is_changed_on_its_page_with_its_reason_and_the_book_tells(office: Office) -> None:
    sup2 = visit(office, "sup2")
    refused = sup2.send("/rules/batch.burst", scope="county", enabled="yes", reason="", **{"figure-cases": "7"})
    assert refused.status_code == 422
    page = sup2.sent("/rules/batch.burst", scope="county", enabled="yes", reason="试行", **{"figure-cases": "7"})
    assert "规则已修改" in page and "本县的调整" in page and "试行" in page
    asked = sup2.sent(
        "/rules/batch.burst", scope="item", enabled="no", reason="不适用", **{"value-item": "LJ-SG-XK-001"}
    )
    assert "等待另一人批准" in asked and "LJ-SG-XK-001" in asked
    assert "预览上月" not in visit(office, "yj_sup1").page("/rules/batch.burst")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"figures": {"cases": 2}}, 422),
        ({"figures": {"speed": 9}}, 422),
        ({"value": "nowhere"}, 422),
        ({"scope": "county"}, 422),
        ({"reason": " "}, 422),
    ],
    ids=["out of bounds", "no figure of the rule", "no department", "a value where none belongs", "no reason"],
)
def test_choices_that_make_no_sense_are_refused(office: Office, given: dict[str, Any], status: int) -> None:
    chosen = {"scope": "department", "value": "SG", "figures": {"cases": 6}, "enabled": "yes", "reason": "集市日"}
    assert office.sign_in("sup2").put("/alarm-rules/batch.burst", chosen | given).status_code == status
    assert office.sign_in("yj_sup1").put("/alarm-rules/batch.burst", chosen).status_code == 403
    assert office.sign_in("sup2").put("/alarm-rules/no.rule", chosen).status_code == 404


def test_nights_are_counted_over_the_interface_as_well(office: Office) -> None:
    office.stepping.move_to(office.now + timedelta(hours=14))  # 23:00.
    for _ in range(3):
        number = office.start()["number"]
        office.complete(number, "formal_check", "yj_clerk", check_result="correction")
        office.wait(minutes=15)
    (alarm,) = office.sign_in("yj_sup1").get("/alarms?kind=odd_hours").get_json()["items"]
    assert (alarm["colour"], alarm["person"]["name"]) == ("yellow", alarm["evidence"][0]["person"])
