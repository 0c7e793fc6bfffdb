"""The application as a whole: health, failures that nobody foresaw, a database that does not answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from service.commands import complete_task
from service.database.session import reading, transaction
from service.database.tables import case, incident, user_task
from service.engine import CaseRun, EngineFailure
from service.engine.peeking import read_variables
from service.web.api import tasks
from service.web.application import create_app
from tests.service_fixtures import Office


def test_health_and_readiness_are_told_to_anybody(office: Office) -> None:
    client = office.client()
    assert client.get("/healthz").get_json() == {"status": "alive"}
    assert client.get("/readyz").get_json() == {"status": "ready", "checks": ["database"]}


def test_readiness_names_what_does_not_answer(office: Office) -> None:
    app = create_app(office.engine, office.services, readiness={"broker": lambda: "connection refused"})
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["reasons"]) == (503, {"broker": "connection refused"})
    with transaction(office.engine) as connection:
        connection.execute(text("ALTER TABLE person RENAME TO gone"))
    assert "database" in app.test_client().get("/readyz").get_json()["reasons"]
    assert app.test_client().get("/healthz").status_code == 200


def test_the_clock_cannot_be_moved_where_the_service_was_not_started_for_testing(office: Office) -> None:
    client = create_app(office.engine, office.services).test_client()
    for method in ("GET", "PUT", "POST"):
        assert client.open("/api/v1/clock", method=method, json={}).status_code == 404


def test_a_failure_that_nobody_foresaw_is_an_incident_without_its_trace(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(tasks, "read_tasks", broken)
    answer = office.sign_in("yj_clerk").get("/user-tasks")
    assert (answer.status_code, answer.get_json()["code"]) == (500, "incident")
    assert "swordfish" not in answer.text
    assert answer.get_json()["request_id"] in answer.get_json()["detail"]


def test_an_engine_failure_leaves_the_task_open_and_the_key_free(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = office.start()["number"]
    office.upload_all(number, "issue_acceptance", "yj_clerk")
    office.wait(minutes=2)
    task = office.task(number, "formal_check")
    path = f"/user-tasks/{task['id']}/complete"
    body = {"answers": office.answers("LJ-YJ-XK-001", "formal_check")}

    def fails(*_: Any) -> None:
        raise EngineFailure("Expected a way out of the gateway, but no condition holds")

    with monkeypatch.context() as patch:
        patch.setattr(CaseRun, "complete", fails)
        answer = office.sign_in("yj_clerk").post(path, body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.get_json()["code"]) == (500, "incident")
    with reading(office.engine) as connection:
        assert connection.execute(select(incident.c.status)).scalars().all() == ["open"]
        assert connection.execute(select(user_task.c.status).where(user_task.c.id == task["id"])).scalar_one() == "open"
    again = office.sign_in("yj_clerk").post(path, body, headers={"Idempotency-Key": "k"})
    assert again.status_code == 200, "the same key may be used again"


def test_a_database_that_is_busy_asks_to_come_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(tasks, "claim_task", busy)
    number = office.start()["number"]
    answer = office.sign_in("yj_clerk").post(f"/user-tasks/{office.task(number, 'formal_check')['id']}/claim")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "not_ready")
    assert answer.headers["Retry-After"] == "2"


def test_an_act_is_followed_at_once_by_what_it_made_due(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    office.wait(seconds=58)
    office.complete(number, "site_survey", "yj_officer")
    assert office.sign_in("yj_sup1").get("/supervision-orders").get_json()["total"] == 1


def test_a_late_act_does_not_beat_a_timer_that_moves_the_case(office: Office) -> None:
    number = office.start()["number"]
    office.upload_all(number, "issue_acceptance", "yj_clerk")
    clock = office.services.clock
    clock.move(office.now + timedelta(days=30))  # type: ignore[attr-defined]
    refused = office.complete(number, "formal_check", "yj_clerk")
    assert refused.status_code in (200, 409)
    assert office.case(number)["accepted_on"] == "2026-11-23", "deemed accepted from the day of receipt"


def test_the_values_of_a_case_are_read_without_running_it(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "section_review")
    with reading(office.engine) as connection:
        state = connection.execute(select(case.c.state).where(case.c.number == number)).scalar_one()
    variables = read_variables(state)
    assert variables["accepted_on"] == variables["received_on"] == "2026-11-23"
    assert variables["survey_result"] == "pass"
    assert read_variables(b"") == {}
    assert complete_task.HALTING_GROUPS, "the module whose acts wrote these values"
