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
        2,
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


def test_level_1_settles_no_red_alarm_but_the_county_does_and_the_order_goes_on(office: Office) -> None:
    alarm = burst(office)
    refused = office.sign_in("sg_sup1").post(f"/alarms/{alarm['id']}/result", HONEST)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")
    assert office.sign_in("mz_sup1").post(f"/alarms/{alarm['id']}/result", HONEST).status_code == 404
    assert office.sign_in("sg_clerk").post(f"/alarms/{alarm['id']}/result", HONEST).status_code == 404
    settled = office.sign_in("sup2").post(f"/alarms/{alarm['id']}/result", HONEST).get_json()
    assert (settled["result"], settled["ground"], settled["status"]) == ("excused", HONEST["ground"], "ordered")


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
    again = office.sign_in("centre").put("/alarm-rules/batch.burst", chosen | {"enabled": "no"}).get_json()
    assert [one["enabled"] for one in again["choices"]] == [False]


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
