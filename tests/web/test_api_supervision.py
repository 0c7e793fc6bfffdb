"""Alarms, orders, notices and the testing clock, which makes what fell due happen in its order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from service.web.api.clock import working_days_later
from tests.service_fixtures import MONDAY, Office


def move(office: Office, **body: Any) -> str:
    answer = office.client().open("/api/v1/clock", method="PUT" if "now" in body else "POST", json=body)
    assert answer.status_code == 200, answer.text
    now: str = answer.get_json()["now"]
    return now


def test_the_clock_is_read_put_and_moved_on(office: Office) -> None:
    assert office.client().get("/api/v1/clock").get_json() == {"now": "2026-11-23T09:00:00+08:00"}
    assert move(office, advance="PT31M") == "2026-11-23T09:31:00+08:00"
    assert move(office, advance="P1DT1H") == "2026-11-24T10:31:00+08:00"
    assert move(office, advance_working_days=4) == "2026-11-30T10:31:00+08:00"
    assert move(office, now="2026-11-30T04:00:00Z") == "2026-11-30T12:00:00+08:00"
    assert move(office, now="2026-11-23T09:00:00+08:00") == "2026-11-23T09:00:00+08:00"


def test_working_days_skip_weekends_and_count_make_up_days(office: Office) -> None:
    with office.engine.connect() as connection:
        calendar = office.services.calendars.get(connection)
    friday = datetime.fromisoformat("2026-10-09T16:00:00+08:00")
    assert working_days_later(friday, 1, calendar).isoformat() == "2026-10-10T16:00:00+08:00"
    assert working_days_later(friday, 2, calendar).isoformat() == "2026-10-12T16:00:00+08:00"
    assert working_days_later(friday, 0, calendar) == friday


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance": "soon"},
        {"advance": "PT1M", "advance_working_days": 1},
        {"advance_working_days": -1},
        {"advance": "P1000Y"},
        {"advance": "P99999999999999D"},
    ],
)
def test_a_move_that_makes_no_sense_is_refused(office: Office, body: dict[str, Any]) -> None:
    answer = office.client().post("/api/v1/clock", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")
    assert office.now == MONDAY


@pytest.mark.parametrize("now", ["2026-11-23T09:00:00", "2026-11-23", 7, "1999-01-01T00:00:00+08:00", None])
def test_an_instant_needs_an_offset_and_a_year_of_the_calendar(office: Office, now: Any) -> None:
    answer = office.client().put("/api/v1/clock", json={"now": now})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")


def test_warnings_come_in_the_order_in_which_they_fell_due(office: Office) -> None:
    office.start()
    move(office, advance_working_days=6)
    supervisor = office.sign_in("yj_sup1")
    alarms = supervisor.get("/alarms").get_json()["items"]
    assert [alarm["colour"] for alarm in alarms][::-1] == ["blue", "yellow", "red"]
    instants = [datetime.fromisoformat(alarm["raised_at"]) for alarm in alarms][::-1]
    assert instants == sorted(instants)
    assert instants[-1] - datetime.fromisoformat("2026-11-30T17:30:00+08:00") == timedelta(microseconds=1)


def halted(office: Office) -> str:
    number: str = office.start()["number"]
    office.walk(number, "site_survey")
    office.wait(seconds=58)
    assert office.complete(number, "site_survey", "yj_officer").get_json()["outcome"] == "halted"
    return number


def test_alarms_are_listed_by_their_marks_for_those_who_supervise(office: Office) -> None:
    number = halted(office)
    supervisor = office.sign_in("yj_sup1")

    def found(query: str) -> int:
        total: int = supervisor.get(f"/alarms?{query}").get_json()["total"]
        return total

    assert found("kind=too_early&colour=red&department=YJ") == 1
    assert found(f"case={number}") == 1
    assert found("colour=blue") == found("case=NO") == found("department=SG") == 0
    alarm = supervisor.get("/alarms").get_json()["items"][0]
    assert supervisor.get(f"/alarms/{alarm['id']}").get_json() == alarm
    assert (alarm["rule"], alarm["rule_version"], alarm["evidence"][0]["seconds"]) == (
        "too_early.minimum_duration",
        1,
        58,
    )
    assert office.sign_in("mz_sup1").get("/alarms").get_json()["total"] == 0
    assert office.sign_in("mz_sup1").get(f"/alarms/{alarm['id']}").status_code == 404
    assert office.sign_in("yj_clerk").get("/alarms").status_code == 403
    assert office.sign_in("yj_clerk").get(f"/alarms/{alarm['id']}").status_code == 200, "it is about a case they handle"


def test_a_red_alarm_has_an_order_with_its_ladder_and_its_messages(office: Office) -> None:
    number = halted(office)
    supervisor = office.sign_in("yj_sup1")
    listed = supervisor.get(f"/supervision-orders?case={number}").get_json()
    assert listed["total"] == 1
    order = supervisor.get(f"/supervision-orders/{listed['items'][0]['number']}").get_json()
    assert (order["about_case"], order["rung"]) == (number, 2)
    assert [alarm["kind"] for alarm in order["alarms"]] == ["too_early"]
    assert [message["recipient"] for message in order["messages"]] == ["yj_sup1"]
    assert len(order["user_tasks"]) == 1
    own = supervisor.get(f"/cases/{order['number']}").get_json()
    assert (own["kind"], own["power_item"]) == ("order", None)
    assert office.sign_in("yj_clerk").get(f"/cases/{order['number']}").status_code == 404
    assert office.sign_in("yj_clerk").get("/supervision-orders").status_code == 403
    assert office.sign_in("mz_sup1").get(f"/supervision-orders/{order['number']}").status_code == 404
    assert supervisor.get("/supervision-orders/NO").status_code == 404


def test_an_order_that_nobody_takes_up_climbs_to_level_2(office: Office) -> None:
    number = halted(office)
    move(office, advance_working_days=1)
    order = office.sign_in("sup2").get(f"/supervision-orders?case={number}&rung=3").get_json()
    assert order["total"] == 1
    told = office.sign_in("sup2").get("/notices?recipient=sup2").get_json()["items"]
    assert [notice["channel"] for notice in told] == ["sms"]


def test_everybody_reads_their_own_notices_and_supervisors_those_of_their_department(office: Office) -> None:
    number = halted(office)
    mine = office.sign_in("yj_sup1").get(f"/notices?case={number}").get_json()["items"]
    assert {notice["kind"] for notice in mine} >= {"applicant_received", "applicant_accepted"}
    assert {notice["address"] for notice in mine if notice["recipient"] is None} == {"138****8001"}
    assert office.sign_in("mz_sup1").get("/notices").get_json()["total"] == 0
    assert office.sign_in("yj_clerk").get("/notices").get_json()["total"] == 0


def test_the_clock_of_a_case_tells_what_is_counted_and_what_is_left(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    move(office, advance_working_days=3)
    promised, statutory = office.case(number)["clock"]["limits"]
    assert (promised["role"], promised["counted"], promised["remaining"]) == (
        "promised_limit",
        {"value": 3, "unit": "working_days"},
        {"value": 12, "unit": "working_days"},
    )
    assert promised["words"] == "剩 12 个工作日"
    assert statutory["limit"] == {"value": 45, "unit": "natural_days"}
    english = office.sign_in("auditor").get(f"/cases/{number}", headers={"Accept-Language": "en"}).get_json()
    assert english["clock"]["limits"][0]["words"] == "12 working days left"


def test_the_clock_stands_still_while_experts_review(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "expert_review", complex_process=True)
    before = office.case(number)["clock"]
    assert before["stopped"] is True
    assert [stop["element_id"] for stop in before["stops"]] == ["expert_review"]
    move(office, advance_working_days=2)
    after = office.case(number)["clock"]["limits"][0]
    assert (after["due_at"], after["remaining"]) == (None, before["limits"][0]["remaining"])
    assert after["words"].startswith("停表中，剩 ")
