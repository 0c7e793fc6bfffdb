"""The working calendar over the interface and its pages: seen before it is done, done with a reason, kept on record."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from service.commands.calendar_versions import fence
from service.database.session import transaction
from service.reads.calendar import read_version
from tests.service_fixtures import Office
from tests.web.visiting import Page, told, visit

CLOSED = [{"day": "2026-11-26", "kind": "rest", "name": "县庆"}]
# 国办 has not spoken yet when the tests run; the festivals of 2027 by law alone, in a form like the notice's.
FESTIVALS = {
    "from-0": "2027-01-01",
    "to-0": "2027-01-03",
    "from-1": "2027-02-05",
    "to-1": "2027-02-11",
    "worked-1": "2027-01-31，2027-02-20",
    "from-2": "2027-04-03",
    "to-2": "2027-04-05",
    "from-3": "2027-05-01",
    "to-3": "2027-05-05",
    "worked-3": "2027-05-08",
    "from-4": "2027-06-09",
    "from-5": "2027-09-15",
    "from-6": "2027-10-01",
    "to-6": "2027-10-07",
    "worked-6": "2027-09-26,2027-10-09",
}


def draft(**more: Any) -> dict[str, Any]:
    return {"days": CLOSED, **more}


def test_a_day_that_is_closed_moves_the_limits_of_open_cases_and_of_new_ones(office: Office) -> None:
    before = office.start()
    assert before["user_tasks"][0]["due_at"] == "2026-11-30T17:30:00+08:00"
    system = office.sign_in("sysadmin")
    put = system.put("/calendar/2026-11-30", {"kind": "rest", "name": "县庆"})
    assert put.get_json() == {
        "day": "2026-11-30",
        "kind": "rest",
        "name": "县庆",
        "is_workday": False,
        "provisional": False,
    }
    for number in (before["number"], office.start()["number"]):
        assert office.case(number)["user_tasks"][0]["due_at"] == "2026-12-01T17:30:00+08:00"
    system.put("/calendar/2026-11-30", {"kind": "ordinary", "name": "取消"})
    assert office.case(before["number"])["user_tasks"][0]["due_at"] == "2026-11-30T17:30:00+08:00"


def test_one_holiday_does_not_make_a_year_look_as_if_its_notice_were_in(office: Office) -> None:
    system = office.sign_in("sysadmin")
    before = system.get("/calendar/2028-10-02").get_json()
    assert (before["is_workday"], before["provisional"]) == (False, True)
    day = system.put("/calendar/2028-03-01", {"kind": "holiday", "name": "县庆"}).get_json()
    assert (day["is_workday"], day["provisional"]) == (False, True)
    assert system.get("/calendar/2028-10-02").get_json() == before


def test_only_the_system_administrator_edits_the_calendar(office: Office) -> None:
    body = {"kind": "rest", "name": "x"}
    assert office.sign_in("secadmin").put("/calendar/2026-11-30", body).status_code == 403
    assert office.sign_in("secadmin").post("/calendar/preview", draft()).status_code == 403
    assert office.sign_in("yj_head").post("/calendar/changes", draft(reason="县庆")).status_code == 403
    wrong = office.sign_in("sysadmin").put("/calendar/2026-11-30", {"kind": "party", "name": "x"})
    assert [e["code"] for e in wrong.get_json()["errors"]] == ["not_a_choice"]
    silent = office.sign_in("sysadmin").post("/calendar/changes", draft())
    assert [e["pointer"] for e in silent.get_json()["errors"]] == ["/reason"]


def test_the_preview_names_each_limit_and_the_change_moves_just_these(office: Office) -> None:
    numbers = sorted(office.start()["number"] for _ in range(3))
    system = office.sign_in("sysadmin")
    first = system.post("/calendar/preview?limit=2", draft()).get_json()
    assert (first["cases"], first["later"], len(first["items"])) == (3, first["total"], 2)
    rest = system.post(f"/calendar/preview?limit=200&cursor={first['next']}", draft()).get_json()
    items = first["items"] + rest["items"]
    assert len(items) == first["total"] and sorted({one["case_number"] for one in items}) == numbers
    named = {(one["case_number"], one["step_id"]): one["new_due_at"] for one in items}
    assert items[0]["step_name"] == "材料核对"
    done = system.post("/calendar/changes", draft(reason="县庆放假一天"))
    assert done.status_code == 201, done.text
    change = done.get_json()["change"]
    assert change["days"] == [{"day": "2026-11-26", "before": None, "after": {"kind": "rest", "name": "县庆"}}]
    for number in numbers:
        task = office.case(number)["user_tasks"][0]
        assert task["due_at"] == named[number, task["element_id"]]
        events = system.office.sign_in("auditor").get(f"/cases/{number}/history").get_json()["items"]
        assert [e["payload"]["reason"] for e in events if e["kind"] == "limits_recounted"] == ["县庆放假一天"]
    listed = office.sign_in("yj_clerk").get("/calendar/changes").get_json()
    assert [one["reason"] for one in listed["items"]] == ["县庆放假一天"]
    assert system.post("/calendar/preview", draft()).get_json()["total"] == 0


def test_the_page_shows_what_would_move_and_changes_it_once_confirmed(office: Office) -> None:
    number = office.start()["number"]
    admin = visit(office, "sysadmin")
    asked = {"day": "2026-11-26", "until": "2026-11-27", "kind": "rest", "name": "县庆", "reason": "县庆放假"}
    page = admin.page(f"/calendar/preview?{urlencode(asked)}")
    assert number in told(page) and "2026-12-02 17:30" in told(page) and "共 2 天" in told(page)
    assert office.case(number)["user_tasks"][0]["due_at"].startswith("2026-11-30")
    hidden = {one["name"]: one["value"] for one in Page(page).all("input", type="hidden")}
    after = admin.sent("/calendar", days=hidden["days"], reason=hidden["reason"])
    assert "日历已修改" in told(after)
    assert office.case(number)["user_tasks"][0]["due_at"] == "2026-12-02T17:30:00+08:00"
    story = told(visit(office, "yj_clerk").page(f"/cases/{number}"))
    assert "日历修改，时限重算" in story and "县庆放假" in story


def test_a_notice_is_entered_festival_by_festival(office: Office) -> None:
    admin = visit(office, "sysadmin")
    assert "2027-01-01" in admin.page("/calendar/notice?notice=2027")
    asked = {"notice": "2027", "reason": "国办发明电〔2026〕9号", **FESTIVALS}
    missing = admin.get(f"/calendar/preview?{urlencode({**asked, 'from-4': ''})}")
    assert missing.status_code == 422 and "端午节 2027-06-09" in told(missing.text)
    page = admin.page(f"/calendar/preview?{urlencode(asked)}")
    hidden = {one["name"]: one["value"] for one in Page(page).all("input", type="hidden")}
    admin.sent("/calendar", days=hidden["days"], reason=hidden["reason"], notice=hidden["notice"])
    system = office.sign_in("sysadmin")
    spring = system.get("/calendar/2027-02-09").get_json()
    assert (spring["kind"], spring["is_workday"], spring["provisional"]) == ("rest", False, False)
    assert system.get("/calendar/2027-02-20").get_json()["is_workday"]
    assert system.get("/calendar/changes").get_json()["items"][0]["notice"] == 2027


@pytest.mark.parametrize("days", ["2026-11-26", "2026-11-26 party x", "x rest y", "2026-02-30 rest y"])
def test_days_of_somebodys_own_making_are_refused(office: Office, days: str) -> None:
    answer = visit(office, "sysadmin").send("/calendar", days=days, reason="试")
    assert answer.status_code == 422


def test_a_hundred_years_at_once_are_refused(office: Office) -> None:
    asked = {"day": "2001-01-01", "until": "2060-01-01", "kind": "rest", "name": "x", "reason": "试"}
    assert visit(office, "sysadmin").get(f"/calendar/preview?{urlencode(asked)}").status_code == 422
    many = [{"day": f"20{y:02d}-{m:02d}-01", "kind": "rest", "name": "x"} for y in range(1, 60) for m in range(1, 13)]
    answer = office.sign_in("sysadmin").post("/calendar/changes", {"days": many, "reason": "试"})
    assert answer.status_code == 422
    assert json.loads(answer.text)["code"] == "invalid_request"


@pytest.mark.postgresql
def test_acts_that_count_by_the_old_calendar_end_before_it_changes(postgresql_office: Office) -> None:
    """Whoever has read the calendar holds it until he commits; who comes after counts by the new one."""
    engine, order = postgresql_office.engine, []
    fenced = threading.Event()

    def change() -> None:
        with transaction(engine) as connection:
            fenced.set()
            fence(connection)
            order.append("changed")

    with transaction(engine) as connection:
        read_version(connection)
        other = threading.Thread(target=change)
        other.start()
        assert fenced.wait(5)
        connection.execute(text("SELECT pg_sleep(0.5)"))
        order.append("acted")
    other.join(10)
    assert order == ["acted", "changed"]


def test_the_hours_of_a_window_are_set_on_the_page_and_kept_with_their_reason(office: Office) -> None:
    number = office.start()["number"]
    admin = visit(office, "sysadmin")
    form = {
        "department": "YJ",
        "place": "",
        "items": "",
        "effective_on": "2026-11-24",
        "hours": "09:00-12:00，13:00-19:00",
    }
    silent = admin.send("/office-hours", **form, reason=" ")
    assert silent.status_code == 422 and "须写明理由" in told(silent.text) and "13:00-19:00" in silent.text
    late = admin.send("/office-hours", **{**form, "effective_on": "2026-11-23"}, reason="延时服务")
    assert late.status_code == 422 and "自明日或以后起" in told(late.text)
    page = told(admin.sent("/office-hours", **form, reason="延时服务"))
    assert "13:00-19:00" in page and "延时服务" in page
    assert office.case(number)["user_tasks"][0]["due_at"] == "2026-11-30T19:00:00+08:00"
    assert visit(office, "yj_clerk").send("/office-hours", **form, reason="x").status_code == 403


def test_the_hours_are_set_over_the_interface(office: Office) -> None:
    body = {"effective_on": "2026-11-24", "hours": ["08:30-12:00", "14:00-18:00"], "reason": "冬季作息"}
    assert office.sign_in("secadmin").post("/office-hours", body).status_code == 403
    done = office.sign_in("sysadmin").post("/office-hours", body)
    assert done.status_code == 201, done.text
    assert [(one["department"], one["effective_on"]) for one in done.get_json()["items"]] == [
        ("", None),
        ("", "2026-11-24"),
    ]
    assert office.start()["user_tasks"][0]["due_at"] == "2026-11-30T18:00:00+08:00"
    wrong = office.sign_in("sysadmin").post("/office-hours", {**body, "hours": ["18:00-08:00"]})
    assert [e["code"] for e in wrong.get_json()["errors"]] == ["wrong_hours"]
    changes = office.sign_in("yj_clerk").get("/office-hours/changes").get_json()
    assert [(one["reason"], one["hours"]) for one in changes["items"]] == [("冬季作息", body["hours"])]


def test_what_hours_would_move_is_shown_before_they_are_set_and_is_what_then_moves(office: Office) -> None:
    number = office.start()["number"]
    admin = visit(office, "sysadmin")
    form = {"department": "YJ", "place": "", "items": "", "effective_on": "2026-11-24", "reason": "延时服务"}
    hours = {**form, "hours": "09:00-12:00，13:00-19:00"}
    page = told(admin.page(f"/office-hours/preview?{urlencode(hours)}"))
    assert number in page and "13:00-19:00" in page and "延时服务" in page
    body = {"department": "YJ", "effective_on": "2026-11-24", "hours": ["09:00-12:00", "13:00-19:00"]}
    shown = office.sign_in("sysadmin").post("/office-hours/preview", body).get_json()
    step = next(one for one in shown["items"] if one["role"] == "step_limit")
    assert (step["case_number"], step["new_due_at"]) == (number, "2026-11-30T19:00:00+08:00")
    assert office.case(number)["user_tasks"][0]["due_at"] == step["due_at"] == "2026-11-30T17:30:00+08:00"
    admin.sent("/office-hours", **hours)
    assert office.case(number)["user_tasks"][0]["due_at"] == step["new_due_at"]
    again = office.sign_in("sysadmin").post("/office-hours/preview", body).get_json()
    assert again["items"] == [] and again["total"] == 0
    other = office.sign_in("sysadmin").post("/office-hours/preview", {**body, "department": "SG"}).get_json()
    assert other["total"] == 0


def test_hours_that_cannot_be_set_have_no_preview(office: Office) -> None:
    admin = visit(office, "sysadmin")
    form = {"department": "YJ", "effective_on": "2026-11-24", "hours": "18:00-08:00", "reason": "延时服务"}
    wrong = admin.get(f"/office-hours/preview?{urlencode(form)}")
    assert wrong.status_code == 422 and "先后有序" in told(wrong.text) and "18:00-08:00" in wrong.text
    silent = admin.get(f"/office-hours/preview?{urlencode({**form, 'hours': '09:00-17:00', 'reason': ' '})}")
    assert silent.status_code == 422 and "须写明理由" in told(silent.text)
    body = {"department": "nowhere", "effective_on": "2026-11-24", "hours": ["09:00-17:00"]}
    refused = office.sign_in("sysadmin").post("/office-hours/preview", body)
    assert [one["code"] for one in refused.get_json()["errors"]] == ["unknown_department"]
    assert office.sign_in("yj_clerk").post("/office-hours/preview", body).status_code == 403


def test_a_date_of_a_year_without_its_notice_is_marked_wherever_it_shows(office: Office) -> None:
    office.stepping.move_to(office.now + timedelta(days=29))
    started = office.start()
    number = started["number"]
    case = office.walk(number, "site_survey")
    assert (case["due_provisional"], case["clock"]["limits"][0]["provisional"]) == (True, True)
    clerk = visit(office, "yj_clerk")
    assert "（暂计）" in told(clerk.page(f"/cases/{number}"))
    assert "（暂计）" in told(clerk.page("/cases"))
    assert "(provisional)" in told(visit(office, "yj_clerk", "en").page("/cases"))
    (row,) = office.sign_in("yj_clerk").get(f"/cases?q={number}").get_json()["items"]
    assert row["due_provisional"]
    public = visit(office)
    public.get(f"/public/cases/{number}?secret={started['secret']}")
    assert "（暂计）" in told(public.page(f"/public/cases/{number}"))
    known = office.client().get(f"/api/v1/public/cases/{number}?secret={started['secret']}").get_json()
    assert known["due_provisional"]


def test_the_case_page_and_the_public_page_show_the_sum_of_the_clock(office: Office) -> None:
    started = office.start()
    number = started["number"]
    office.walk(number, "site_survey")
    office.wait(days=2)
    (promised,) = [one for one in office.case(number)["clock"]["limits"] if one["role"] == "promised_limit"]
    assert promised["counted"]["value"] + promised["remaining"]["value"] == promised["limit"]["value"]
    assert (promised["counted"]["value"], promised["days_stopped"], promised["stops"]) == (2, 0, [])
    page = told(visit(office, "yj_clerk").page(f"/cases/{number}"))
    assert "时限计算" in page and "次日起计" in page
    public = visit(office)
    public.get(f"/public/cases/{number}?secret={started['secret']}")
    assert "承诺已计 2 / 15 个工作日" in told(public.page(f"/public/cases/{number}"))
