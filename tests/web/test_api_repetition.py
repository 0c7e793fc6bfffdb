"""The same request twice, and two people at once: one effect, and whoever comes late is told so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from service.clock import real_now
from service.commands.housekeeping import KEEP_ANSWERS, keep_house
from service.database.session import reading, transaction
from service.database.tables import attachment, case, event, idempotency
from service.web.idempotency import HEADER
from tests.service_fixtures import Office


def together(*acts: Callable[[], TestResponse]) -> list[TestResponse]:
    """Let them all go at the same moment, each in a thread of its own."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], TestResponse]) -> TestResponse:
        gate.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def count(office: Office, table: Any) -> int:
    with reading(office.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def post(office: Office, username: str, path: str, body: Any, **headers: str) -> Callable[[], TestResponse]:
    """An act with a client of its own, as another window of the same person would send it."""
    token = office.sign_in(username).sure().token
    head = {"Authorization": f"Bearer {token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return lambda: office.client().post(f"/api/v1{path}", json=body, headers=head)


def test_a_double_click_starts_one_case_even_when_both_arrive_at_once(office: Office) -> None:
    act = post(office, "yj_clerk", "/cases", office.application(), Idempotency_Key="click-1")
    answers = together(act, act, act, act)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert {answer.headers["ETag"] for answer in answers} == {'"1"'}
    assert count(office, case) == 1
    assert act().data == answers[0].data, "and so it is later"


def test_a_double_click_completes_a_task_once(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "section_review")
    task = office.task(number, "section_review")
    body = {"answers": office.answers("LJ-YJ-XK-001", "section_review")}
    office.wait(hours=1)
    office.upload_all(number, "section_review", "yj_officer")
    act = post(office, "yj_section", f"/user-tasks/{task['id']}/complete", body, Idempotency_Key="k")
    first, second = together(act, act)
    assert first.status_code == second.status_code == 200, first.text
    assert first.get_json() == second.get_json()
    history = office.sign_in("auditor").get(f"/cases/{number}/history").get_json()["items"]
    kinds = [e["kind"] for e in history if e["element_id"] == "section_review"]
    assert kinds.count("task_completed") == 1
    assert "act_refused" not in kinds


def test_without_a_key_the_second_click_is_told_that_the_task_is_done(office: Office) -> None:
    number = office.start()["number"]
    office.upload_all(number, "issue_acceptance", "yj_clerk")
    office.wait(minutes=2)
    task = office.task(number, "formal_check")
    body = {"answers": office.answers("LJ-YJ-XK-001", "formal_check")}
    act = post(office, "yj_clerk", f"/user-tasks/{task['id']}/complete", body)
    answers = sorted(together(act, act), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].get_json()["code"] == "task_taken"


def test_two_clerks_claim_one_task_at_once_and_one_gets_it(office: Office) -> None:
    number = office.start()["number"]
    path = f"/user-tasks/{office.task(number, 'formal_check')['id']}/claim"
    answers = together(post(office, "yj_clerk", path, None), post(office, "yj_clerk2", path, None))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    loser = next(answer for answer in answers if answer.status_code == 409).get_json()
    assert loser["code"] == "task_taken"
    assert loser["by"] == office.task(number, "formal_check")["assignee"]["name"]


def test_two_officers_complete_at_once_and_one_form_wins(office: Office) -> None:
    number = office.start()["number"]
    office.upload_all(number, "issue_acceptance", "yj_clerk")
    office.wait(minutes=2)
    path = f"/user-tasks/{office.task(number, 'formal_check')['id']}/complete"
    body = {"answers": office.answers("LJ-YJ-XK-001", "formal_check")}
    answers = together(post(office, "yj_clerk", path, body), post(office, "yj_clerk2", path, body))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert [t["element_id"] for t in office.case(number)["user_tasks"]] == ["site_survey"]


def test_many_start_cases_at_once_and_no_number_is_missing_or_given_twice(office: Office) -> None:
    acts = [post(office, "yj_clerk", "/cases", office.application(), Idempotency_Key=f"n{i}") for i in range(8)]
    numbers = sorted(answer.get_json()["number"] for answer in together(*acts))
    assert numbers == [f"YJ-XK-2026-{i:06d}" for i in range(1, 9)]


def test_the_same_key_with_another_body_is_a_conflict_and_no_event(office: Office) -> None:
    number = office.start()["number"]
    clerk, before = office.sign_in("yj_clerk"), count(office, event)
    path = f"/user-tasks/{office.task(number, 'formal_check')['id']}/draft"
    headers = {HEADER: "k"}
    assert clerk.put(path, {"answers": {"check_result": "accept"}}, headers=headers).status_code == 200
    refused = clerk.put(path, {"answers": {"check_result": "correction"}}, headers=headers)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "idempotency_conflict")
    assert clerk.get(path.removesuffix("/draft")).get_json()["draft"] == {"check_result": "accept"}
    assert count(office, event) == before


def test_a_key_is_ones_own_within_one_address(office: Office) -> None:
    case_number = office.start()["number"]
    task = office.task(case_number, "formal_check")["id"]
    headers = {HEADER: "same"}
    assert office.sign_in("yj_clerk").post(f"/user-tasks/{task}/claim", headers=headers).status_code == 200
    assert office.sign_in("yj_clerk").post(f"/user-tasks/{task}/release", headers=headers).status_code == 200
    mine = office.sign_in("yj_clerk2").post(f"/user-tasks/{task}/claim", headers=headers).get_json()
    assert mine["assignee"]["name"] == "周海涛"


def test_a_refusal_may_be_tried_again_with_the_same_key(office: Office) -> None:
    number = office.start()["number"]
    office.wait(minutes=2)
    clerk, task = office.sign_in("yj_clerk"), office.task(number, "formal_check")
    path, headers = f"/user-tasks/{task['id']}/complete", {HEADER: "again"}
    body = {"answers": office.answers("LJ-YJ-XK-001", "formal_check")}
    assert clerk.post(path, body, headers=headers).get_json()["code"] == "control_node_missing"
    assert count(office, idempotency) == 0
    office.upload_all(number, "issue_acceptance", "yj_clerk")
    assert clerk.post(path, body, headers=headers).status_code == 200
    assert clerk.post(path, body, headers=headers).status_code == 200


def test_an_upload_that_is_repeated_is_one_file_whatever_its_boundary(office: Office) -> None:
    number = office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    first = clerk.upload(number, "application_form", headers={HEADER: "u"})
    second = clerk.upload(number, "application_form", headers={HEADER: "u"})
    assert first.get_json() == second.get_json()
    assert count(office, attachment) == 1
    other = clerk.upload(number, "application_form", b"%PDF-1.7\nother\n%%EOF\n", headers={HEADER: "u"})
    assert other.get_json()["code"] == "idempotency_conflict"


@pytest.mark.parametrize("key", ["", " ", "a b", "钥匙", "x" * 121])
def test_what_is_no_key_is_refused(office: Office, key: str) -> None:
    refused = office.sign_in("yj_clerk").post(
        "/cases", office.application(), headers={HEADER: key.encode().decode("latin-1")}
    )
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_request")
    assert count(office, case) == 0


def test_answers_are_forgotten_after_their_time(office: Office) -> None:
    act = post(office, "yj_clerk", "/cases", office.application(), Idempotency_Key="old")
    act()
    with transaction(office.engine) as connection:
        connection.execute(update(idempotency).values(created_at=real_now() - KEEP_ANSWERS - timedelta(days=1)))
    swept = keep_house(office.engine, office.services, real_now())
    assert swept is not None and swept["answers"] == 1
    assert act().get_json()["number"] == "YJ-XK-2026-000002"
