"""Taking back one's last act: the case is as it was before, or it is said what stands in the way."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from service.database.session import reading
from service.database.tables import case, due_row
from service.engine.peeking import read_memory, read_variables
from tests.service_fixtures import Office
from tests.web.test_task_moves import at, case_clock, kinds
from tests.web.visiting import visit


def due_rows(office: Office) -> list[Any]:
    wanted = (due_row.c.timer_id, due_row.c.role, due_row.c.due_at, due_row.c.state, due_row.c.counted_from)
    with reading(office.engine) as connection:
        return [tuple(r) for r in connection.execute(select(*wanted).order_by(due_row.c.timer_id, due_row.c.role))]


def state_of(office: Office) -> bytes:
    with reading(office.engine) as connection:
        return bytes(connection.execute(select(case.c.state)).scalar_one())


def reviewed(office: Office) -> tuple[str, dict[str, Any]]:
    """A case whose review has just been done; the task of the review."""
    number, task = at(office, "section_review")
    office.work(number, "section_review")
    return number, task


def test_the_last_act_is_taken_back_and_everything_is_as_it_was(office: Office) -> None:
    number, task = at(office, "section_review")
    office.wait(minutes=11)
    rows, state, clock = due_rows(office), state_of(office), case_clock(office, number)
    section = office.sign_in("yj_section").sure()
    filled = office.answers("LJ-YJ-XK-001", "section_review")
    assert section.post(f"/user-tasks/{task['id']}/complete", {"answers": filled}).status_code == 200
    decide = office.task(number, "decide")
    assert due_rows(office) != rows
    office.wait(minutes=3)
    back = section.post(f"/user-tasks/{task['id']}/take-back", {"reason": "漏写意见"}).get_json()
    assert "detail" not in back, back
    assert (back["status"], back["draft"], back["answers"]) == ("open", filled, None)
    assert [back[k] for k in ("entered_at", "earliest_at", "due_at")] == [
        task[k] for k in ("entered_at", "earliest_at", "due_at")
    ]
    assert due_rows(office) == rows, "no timer is restarted"
    assert read_variables(state_of(office)) == read_variables(state)
    # The next step was cut off: entered again it goes on with what is left of its term.
    assert read_memory(state_of(office)) == read_memory(state) | {"visits": {"decide": [decide["id"]]}}
    assert case_clock(office, number) == clock
    assert [t["element_id"] for t in office.case(number)["user_tasks"]] == ["section_review"]
    assert kinds(office, number)[-1] == "task_taken_back"
    vice = office.sign_in("yj_vice")
    assert vice.post(f"/user-tasks/{decide['id']}/claim").get_json()["code"] == "task_taken"
    office.walk(number, "the end")
    assert office.case(number)["status"] == "completed"


def test_what_warned_before_the_act_does_not_warn_again_after_it_is_taken_back(office: Office) -> None:
    number, task = at(office, "section_review")
    office.wait(days=1, hours=10)
    told = kinds(office, number).count("limit_reached")
    assert told, "the blue share of two working days has gone"
    filled = office.answers("LJ-YJ-XK-001", "section_review")
    section = office.sign_in("yj_section").sure()
    section.post(f"/user-tasks/{task['id']}/complete", {"answers": filled})
    assert section.post(f"/user-tasks/{task['id']}/take-back", {"reason": "漏写"}).status_code == 200
    office.wait(minutes=5)
    assert kinds(office, number).count("limit_reached") == told


def test_what_somebody_has_claimed_since_is_not_taken_back(office: Office) -> None:
    number, task = reviewed(office)
    decide = office.task(number, "decide")
    office.sign_in("yj_vice").post(f"/user-tasks/{decide['id']}/claim")
    answer = (
        office.sign_in("yj_section").sure().post(f"/user-tasks/{task['id']}/take-back", {"reason": "漏写"}).get_json()
    )
    assert answer["code"] == "cannot_take_back" and "已办理" in answer["detail"]
    assert kinds(office, number)[-1] == "act_refused"


def test_an_act_that_made_a_document_or_told_the_applicant_is_not_taken_back(office: Office) -> None:
    number = office.start()["number"]
    task = office.task(number, "formal_check")
    office.work(number, "formal_check")
    answer = (
        office.sign_in("yj_clerk").sure().post(f"/user-tasks/{task['id']}/take-back", {"reason": "误点"}).get_json()
    )
    assert answer["code"] == "cannot_take_back"
    said = {line["message"] for line in answer["errors"]}
    assert {"已生成文书并编号", "已受理", "已通知申请人"} <= said


def test_nobody_takes_back_what_another_did_nor_an_act_before_the_last(office: Office) -> None:
    number, task = reviewed(office)
    path = f"/user-tasks/{task['id']}/take-back"
    assert office.sign_in("yj_vice").post(path, {"reason": "x"}).get_json()["code"] == "not_permitted"
    assert office.sign_in("yj_section").post(path, {}).status_code == 422
    office.work(number, "decide")
    answer = office.sign_in("yj_section").post(path, {"reason": "x"}).get_json()
    assert answer["code"] == "cannot_take_back"


def test_who_has_reviewed_and_taken_it_back_still_may_not_decide(office: Office) -> None:
    number, task = reviewed(office)
    office.sign_in("yj_section").sure().post(f"/user-tasks/{task['id']}/take-back", {"reason": "x"})
    with reading(office.engine) as connection:
        actors = connection.execute(select(case.c.actors).where(case.c.number == number)).scalar_one()
    assert actors["review"] == [task["assignee"]["id"]] if task["assignee"] else actors["review"]


def test_a_second_officer_signs_anew_what_was_taken_back(office: Office) -> None:
    number, survey = at(office, "site_survey")
    office.work(number, "site_survey")
    answer = (
        office.sign_in("yj_officer")
        .sure()
        .post(f"/user-tasks/{survey['id']}/take-back", {"reason": "补照片"})
        .get_json()
    )
    assert answer["signed_by"] is None and answer["draft"]


def test_the_page_takes_back(office: Office) -> None:
    number, task = reviewed(office)
    section = visit(office, "yj_section").sure()
    assert f"/tasks/{task['id']}/moves/take_back" in section.page(f"/cases/{number}")
    assert "/moves/take_back" not in visit(office, "yj_vice").page(f"/cases/{number}")
    assert "已撤回" in section.sent(f"/tasks/{task['id']}/moves/take_back", reason="漏写")
