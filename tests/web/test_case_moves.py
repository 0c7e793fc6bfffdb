"""Suspension, extension, special procedures, termination and withdrawal over the interface and on the pages."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service.catalogue.suspension import cites_provision
from service.database.session import reading
from service.database.tables import case, due_row, notice
from service.enquiry.reference import secret_of
from service.web.pages.stop_words import STOP_GROUNDS, stop_ground
from tests.service_fixtures import Office
from tests.web.visiting import visit

YJ, MZ = "LJ-YJ-XK-001", "LJ-MZ-XK-001"
ENDING = {"legal_basis": "行政许可法实施细则 第三条", "reason": "须等待法院判决"}
GROUND = {"ground": "other", **ENDING}


def under_review(office: Office, item: str = YJ, **choices: Any) -> str:
    number: str = office.start(item, **choices)["number"]
    office.walk(number, "section_review", **choices)
    return number


def due(office: Office, number: str, role: str) -> tuple[datetime, int]:
    wanted = (
        select(due_row.c.due_at, due_row.c.state)
        .join(case, case.c.id == due_row.c.case_id)
        .where(case.c.number == number, due_row.c.role == role)
    )
    with reading(office.engine) as connection:
        row = connection.execute(wanted).first()
    assert row is not None
    return row.due_at, row.state


def told(office: Office, number: str, kind: str) -> str:
    wanted = select(notice.c.text).join(case, case.c.id == notice.c.case_id)
    with reading(office.engine) as connection:
        return str(connection.execute(wanted.where(case.c.number == number, notice.c.kind == kind)).scalar_one())


def kinds(office: Office, number: str) -> list[str]:
    return [e["kind"] for e in office.sign_in("auditor").get(f"/cases/{number}/history").get_json()["items"]]


def test_a_suspended_case_stands_still_and_says_why(office: Office) -> None:
    number = under_review(office)
    task = office.task(number, "section_review")
    before, _ = due(office, number, "promised_limit")
    step, _ = due(office, number, "step_limit")
    office.wait(days=1)
    head = office.sign_in("yj_vice").sure()
    suspended = head.post(f"/cases/{number}/suspend", GROUND)
    assert (suspended.status_code, suspended.get_json()["status"]) == (200, "suspended")
    assert due(office, number, "promised_limit")[1] == due(office, number, "step_limit")[1] == 1
    assert GROUND["legal_basis"] in told(office, number, "applicant_suspended")
    refused = office.sign_in("yj_section").post(f"/user-tasks/{task['id']}/claim")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "case_suspended")
    assert GROUND["legal_basis"] in refused.get_json()["detail"]
    office.wait(days=14)
    assert "limit_reached" not in kinds(office, number)
    resumed = head.post(f"/cases/{number}/resume", {"reason": "判决已生效"})
    assert (resumed.status_code, resumed.get_json()["status"]) == (200, "open")
    assert due(office, number, "promised_limit") == (before + timedelta(days=14), 0)
    assert due(office, number, "step_limit") == (step + timedelta(days=14), 0)
    assert datetime.fromisoformat(office.task(number, "section_review")["due_at"]) == step + timedelta(days=14)
    assert {"case_suspended", "clock_stopped", "case_resumed", "clock_resumed"} <= set(kinds(office, number))
    office.work(number, "section_review")


def test_what_is_left_of_a_clock_that_stands_still_is_said_alike_in_numbers_and_words(office: Office) -> None:
    """Two stops that take over from each other from the first day on: no day has counted, whatever day it is."""
    number: str = office.start("LJ-HB-XK-001")["number"]
    office.walk(number, "technical_review")
    for days in (0, 1, 9, 3):
        office.wait(days=days)
        clock = office.case(number)["clock"]
        assert clock["stopped"] and len(clock["limits"]) == 2
        for limit in clock["limits"]:
            assert (limit["counted"]["value"], limit["remaining"]) == (0, limit["limit"])
            assert limit["words"].startswith(f"停表中，剩 {limit['limit']['value']} ")
    assert any(stop["ended_at"] for stop in clock["stops"]), "one has taken over from the other"


def test_only_the_decider_suspends_and_only_with_a_ground(office: Office) -> None:
    number = under_review(office)
    for username in ("yj_clerk", "yj_officer", "yj_section"):
        refused = office.sign_in(username).post(f"/cases/{number}/suspend", GROUND)
        assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")
    assert office.sign_in("mz_vice").post(f"/cases/{number}/suspend", GROUND).status_code == 404
    vice = office.sign_in("yj_vice").sure()
    assert vice.post(f"/cases/{number}/suspend", {"reason": "等一等"}).status_code == 422
    assert vice.post(f"/cases/{number}/suspend", {**GROUND, "legal_basis": " "}).status_code == 422
    assert vice.post(f"/cases/{number}/resume", {"reason": "没有中止"}).get_json()["code"] == "move_refused"


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"ground": "other", "legal_basis": "领导出差"}, "/legal_basis", "citation"),
        ({"ground": "other", "legal_basis": "《行政许可法》"}, "/legal_basis", "citation"),
        ({"ground": "other", "legal_basis": "第四十五条"}, "/legal_basis", "citation"),
        ({"ground": "other", "legal_basis": ""}, "/legal_basis", "required"),
        ({"ground": "other", "legal_basis": "行政处罚法 第六十条"}, "/legal_basis", "citation"),
        ({"ground": "penalty_60"}, "/ground", "not_an_option"),
        ({"ground": "因故"}, "/ground", "not_an_option"),
        ({"ground": ""}, "/ground", "required"),
    ],
)
def test_a_suspension_is_on_a_ground_of_the_list_or_on_a_cited_provision(
    office: Office, given: dict[str, str], pointer: str, code: str
) -> None:
    number = under_review(office)
    vice = office.sign_in("yj_vice").sure()
    refused = vice.post(f"/cases/{number}/suspend", {**given, "reason": "须等待"})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_request"), refused.text
    (detail,) = refused.get_json()["errors"]
    assert (detail["pointer"], detail["code"]) == (pointer, code)
    assert office.case(number)["status"] == "open"


@pytest.mark.parametrize(
    "citation",
    ["《中华人民共和国民法典》第一千一百九十五条", "民法典 第一百九十四条", "行政许可法第４５条"],
)
def test_a_provision_is_cited_as_people_write_it(citation: str) -> None:
    assert cites_provision(citation)


def test_a_ground_of_the_list_is_written_out_on_papers_and_in_the_history(office: Office) -> None:
    number = under_review(office)
    vice = office.sign_in("yj_vice").sure()
    body = {"ground": "licensing_45", "reason": "须等待检验结论"}
    assert vice.post(f"/cases/{number}/suspend", body).status_code == 200
    assert "《中华人民共和国行政许可法》第四十五条" in told(office, number, "applicant_suspended")
    events = office.sign_in("auditor").get(f"/cases/{number}/history").get_json()["items"]
    (event,) = [one for one in events if one["kind"] == "case_suspended"]
    assert event["payload"]["legal_basis"] == "《中华人民共和国行政许可法》第四十五条"


def test_the_page_offers_the_grounds_of_the_item_and_takes_another_with_its_citation(office: Office) -> None:
    number = under_review(office)
    vice = visit(office, "yj_vice").sure()
    page = vice.page(f"/cases/{number}")
    assert 'value="licensing_45"' in page and 'value="other"' in page and 'value="penalty_60"' not in page
    refused = vice.send(f"/cases/{number}/moves/suspend", ground="other", legal_basis="领导出差", reason="等")
    assert refused.status_code == 422 and "须写明法律名称和条款" in refused.text
    after = vice.sent(f"/cases/{number}/moves/suspend", ground="licensing_45", legal_basis="", reason="等待检验")
    assert "《中华人民共和国行政许可法》第四十五条" in after


def test_grounds_of_stops_are_chinese_on_chinese_pages(office: Office) -> None:
    number = office.start(YJ, complex_process=True)["number"]
    office.walk(number, "expert_review", complex_process=True)
    page = visit(office, "yj_section").page(f"/cases/{number}")
    assert "《中华人民共和国行政许可法》第四十五条，已书面告知" in page
    assert "Art. 45" not in page


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("expert view (行政许可法 Art. 45)", "行政许可法 第 45 条"),
        ("行政许可法 第四十五条", "行政许可法 第四十五条"),
        ("nobody knows", "nobody knows"),
        (None, ""),
    ],
)
def test_of_the_ground_of_another_diagram_a_chinese_page_keeps_the_law(
    office: Office, source: str | None, shown: str
) -> None:
    with office.app.test_request_context("/"):
        assert stop_ground(source) == shown


def test_every_ground_of_the_shipped_diagrams_has_chinese_words() -> None:
    found = set()
    for path in (Path(__file__).parents[2] / "processes").rglob("*.bpmn"):
        found |= set(re.findall(r'name="stopBasis" value="([^"]*)"', path.read_text(encoding="utf-8")))
    grounds = {html.unescape(one) for one in found}
    assert len(grounds) >= 8
    for ground in grounds:
        assert not re.search("[A-Za-z]{2,}", STOP_GROUNDS.get(ground, ground)), ground


def test_before_acceptance_there_is_no_clock_to_suspend(office: Office) -> None:
    number = office.start()["number"]
    refused = office.sign_in("yj_vice").sure().post(f"/cases/{number}/suspend", GROUND)
    assert refused.get_json()["code"] == "move_refused"


def test_the_limit_is_extended_once_by_the_approver_whom_the_item_names(office: Office) -> None:
    number = under_review(office, MZ, change_items=["name"])
    before, _ = due(office, number, "promised_limit")
    why = {"reason": "材料复杂，需向上级请示"}
    assert office.sign_in("mz_vice").post(f"/cases/{number}/extend", why).get_json()["code"] == "not_permitted"
    extended = office.sign_in("mz_head").sure().post(f"/cases/{number}/extend", why)
    assert extended.status_code == 200, extended.text
    after, _ = due(office, number, "promised_limit")
    assert after == before + timedelta(days=14)
    assert datetime.fromisoformat(extended.get_json()["due_at"]) == after
    assert [one["limit"]["value"] for one in extended.get_json()["clock"]["limits"]] == [20, 30]
    assert "10 个工作日" in told(office, number, "applicant_extended")
    again = office.sign_in("mz_head").sure().post(f"/cases/{number}/extend", why)
    assert again.get_json()["code"] == "move_refused"
    none = under_review(office)
    assert office.sign_in("yj_head").sure().post(f"/cases/{none}/extend", why).get_json()["code"] == "move_refused"


def test_a_special_step_of_the_reviewer_is_not_counted_and_ends_as_planned(office: Office) -> None:
    number = under_review(office)
    before, _ = due(office, number, "promised_limit")
    reviewer = office.sign_in("yj_section")
    body: dict[str, Any] = {"kind": "appraisal", "planned_working_days": 5, "reason": "送检储罐"}
    assert reviewer.post(f"/cases/{number}/special-step", body).get_json()["code"] == "not_permitted"
    assert reviewer.post(f"/user-tasks/{office.task(number, 'section_review')['id']}/claim").status_code == 200
    for wrong in ("5", "５", True, 5.5):
        said = reviewer.post(f"/cases/{number}/special-step", {**body, "planned_working_days": wrong})
        assert (said.status_code, said.get_json()["code"]) == (422, "invalid_request"), wrong
    begun = reviewer.post(f"/cases/{number}/special-step", body)
    assert begun.status_code == 200, begun.text
    assert begun.get_json()["clock"]["stopped"] is True
    assert "鉴定" in told(office, number, "applicant_special_step")
    assert reviewer.post(f"/cases/{number}/special-step", body).get_json()["code"] == "move_refused"
    office.wait(days=14)
    after, state = due(office, number, "promised_limit")
    assert (after, state) == (before + timedelta(days=7), 0)
    assert reviewer.post(f"/cases/{number}/special-step", body).status_code == 200
    office.wait(days=1)
    ended = reviewer.post(f"/cases/{number}/special-step/end")
    assert ended.get_json()["clock"]["stopped"] is False
    assert due(office, number, "promised_limit")[0] == before + timedelta(days=8)


def test_a_suspension_during_a_special_step_counts_once(office: Office) -> None:
    number = under_review(office)
    before, _ = due(office, number, "promised_limit")
    office.wait(days=1)
    reviewer, vice = office.sign_in("yj_section"), office.sign_in("yj_vice").sure()
    reviewer.post(f"/user-tasks/{office.task(number, 'section_review')['id']}/claim")
    body = {"kind": "testing", "planned_working_days": 3, "reason": "检测"}
    assert reviewer.post(f"/cases/{number}/special-step", body).status_code == 200
    office.wait(days=1)
    assert vice.post(f"/cases/{number}/suspend", GROUND).status_code == 200
    office.wait(days=6)
    assert due(office, number, "step_limit")[1] == 1
    assert vice.post(f"/cases/{number}/resume", {"reason": "已消除"}).status_code == 200
    assert due(office, number, "promised_limit") == (before + timedelta(days=7), 0)
    assert due(office, number, "step_limit")[1] == 0


def test_a_terminated_case_is_over_and_its_clocks_with_it(office: Office) -> None:
    number = under_review(office)
    vice = office.sign_in("yj_vice").sure()
    assert vice.post(f"/cases/{number}/suspend", GROUND).status_code == 200
    for vague in ("x", "有关规定", "行政处罚法 第六十条"):
        refused = vice.post(f"/cases/{number}/terminate", {**ENDING, "legal_basis": vague})
        assert [(one["pointer"], one["code"]) for one in refused.get_json()["errors"]] == [("/legal_basis", "citation")]
    ended = vice.post(f"/cases/{number}/terminate", ENDING)
    assert ended.status_code == 200, ended.text
    one = ended.get_json()
    assert (one["status"], one["outcome"]) == ("terminated", "terminated")
    assert not [task for task in one["user_tasks"] if task["status"] == "open"]
    with reading(office.engine) as connection:
        left = connection.execute(select(due_row).join(case).where(case.c.number == number)).all()
    assert left == []
    assert GROUND["reason"] in told(office, number, "applicant_terminated")
    office.wait(days=60)
    assert vice.post(f"/cases/{number}/terminate", ENDING).get_json()["code"] == "case_closed"


def test_the_applicant_withdraws_with_the_secret_alone(office: Office) -> None:
    number = under_review(office)
    secret = secret_of(office.services.settings.secret_key, number)
    stranger = office.client()
    path = f"/api/v1/public/cases/{number}/withdraw"
    assert stranger.post(path, json={"secret": "0000-0000"}).status_code == 404
    answer = stranger.post(path, json={"secret": secret, "reason": "改在外地办"})
    assert (answer.status_code, answer.get_json()["status"]) == (200, "terminated")
    assert (office.case(number)["status"], office.case(number)["outcome"]) == ("terminated", "withdrawn")
    assert stranger.post(path, json={"secret": secret}).get_json()["code"] == "case_closed"


def test_the_window_enters_a_withdrawal_before_acceptance(office: Office) -> None:
    number = office.start()["number"]
    assert office.sign_in("yj_officer").post(f"/cases/{number}/withdraw", {}).get_json()["code"] == "not_permitted"
    done = office.sign_in("yj_clerk").post(f"/cases/{number}/withdraw", {"reason": "申请人电话要求"})
    assert (done.status_code, done.get_json()["outcome"]) == (200, "withdrawn")


def test_a_halted_case_is_neither_suspended_nor_withdrawn(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    office.upload_all(number, "site_survey", "yj_clerk")
    task = office.task(number, "site_survey")
    assert office.sign_in("yj_officer").post(f"/user-tasks/{task['id']}/claim").status_code == 200
    halted = office.complete(number, "site_survey", "yj_officer")
    assert halted.get_json()["outcome"] == "halted", halted.text
    assert office.sign_in("yj_vice").sure().post(f"/cases/{number}/suspend", GROUND).get_json()["code"] == "case_halted"
    assert office.sign_in("yj_clerk").post(f"/cases/{number}/withdraw", {}).get_json()["code"] == "case_halted"


def test_the_page_shows_each_way_to_those_alone_who_may(office: Office) -> None:
    number = under_review(office)
    assert "/moves/suspend" not in visit(office, "yj_section").page(f"/cases/{number}")
    assert "/moves/withdraw" in visit(office, "yj_clerk").page(f"/cases/{number}")
    vice = visit(office, "yj_vice").sure()
    page = vice.page(f"/cases/{number}")
    assert "/moves/suspend" in page and "/moves/terminate" in page and "/moves/extend" not in page
    after = vice.sent(f"/cases/{number}/moves/suspend", **GROUND)
    assert "依法中止" in after and GROUND["legal_basis"] in after
    assert "/moves/resume" in after and "/moves/suspend" not in after
    assert office.case(number)["status"] == "suspended"
    assert "/moves/suspend" in vice.sent(f"/cases/{number}/moves/resume", reason="已消除")


def test_the_applicant_withdraws_on_the_public_page(office: Office) -> None:
    number = under_review(office)
    secret = secret_of(office.services.settings.secret_key, number)
    browser = visit(office)
    page = browser.client.get(f"/public/cases/{number}?secret={secret}", follow_redirects=True).text
    assert f"/public/cases/{number}/withdraw" in page
    browser.token = page.split('name="csrf_token" value="')[1].split('"')[0]
    after = browser.sent(f"/public/cases/{number}/withdraw", reason="不办了")
    assert f"/public/cases/{number}/withdraw" not in after
    assert office.case(number)["outcome"] == "withdrawn"
    assert visit(office).send(f"/public/cases/{number}/withdraw", reason="x").status_code in (403, 404)


def test_a_suspended_case_has_no_due_day_until_it_is_resumed(office: Office) -> None:
    number = under_review(office)
    vice, clerk = office.sign_in("yj_vice").sure(), visit(office, "yj_clerk")
    before = datetime.fromisoformat(office.case(number)["due_at"])
    assert vice.post(f"/cases/{number}/suspend", GROUND).get_json()["due_at"] is None
    assert "停表" in clerk.page("/cases")
    office.wait(days=7)
    resumed = vice.post(f"/cases/{number}/resume", {"reason": "已消除"}).get_json()
    after = datetime.fromisoformat(resumed["due_at"])
    assert after == due(office, number, "promised_limit")[0] > before
    assert "停表" not in clerk.page("/cases")
