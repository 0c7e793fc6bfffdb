"""Cases and tasks over the interface: who sees and does what, and what each refusal says."""

from __future__ import annotations

from tests.service_fixtures import Office


def test_a_case_that_was_started_shows_its_first_task_and_its_secret(office: Office) -> None:
    case = office.start()
    assert case["number"] == "YJ-XK-2026-000001"
    assert case["status"] == "open"
    assert len(case["secret"]) == 10
    assert [task["element_id"] for task in case["user_tasks"]] == ["formal_check"]
    assert case["user_tasks"][0]["earliest_at"] == "2026-11-23T09:01:00+08:00"
    apply = case["steps_done"][0]
    assert apply["answers"]["legal_rep_id"] == "329901********2015"
