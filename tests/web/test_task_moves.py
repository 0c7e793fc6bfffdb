"""Transfer, delegation and urging of a task over the interface and on the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from service.commands.post_people import GrantPost, grant_post
from service.database.session import reading, transaction
from service.database.tables import due_row, notice, person, post_holding
from tests.service_fixtures import Office
from tests.web.visiting import visit


def id_of(office: Office, username: str) -> int:
    with reading(office.engine) as connection:
        return int(connection.execute(select(person.c.id).where(person.c.username == username)).scalar_one())


def grant(office: Office, username: str, post: str, department: str = "YJ") -> None:
    with transaction(office.engine) as connection:
        grant_post(connection, None, GrantPost(id_of(office, username), post, department, "轮岗"), office.now)


def timers(office: Office) -> list[Any]:
    with reading(office.engine) as connection:
        return [tuple(row) for row in connection.execute(select(due_row).order_by(due_row.c.timer_id, due_row.c.role))]


def told(office: Office, kind: str) -> list[tuple[str, str]]:
    """(name, channel) of those whom a notice of a kind went to."""
    with reading(office.engine) as connection:
        rows = connection.execute(select(notice).where(notice.c.kind == kind).order_by(notice.c.id))
        return [(row.recipient_name, row.channel) for row in rows]


def kinds(office: Office, number: str) -> list[str]:
    history = office.sign_in("auditor").get(f"/cases/{number}/history").get_json()
    return [event["kind"] for event in history["items"]]


def at(office: Office, step: str) -> tuple[str, dict[str, Any]]:
    number = office.start()["number"]
    office.walk(number, step)
    return number, office.task(number, step)


def test_the_head_of_section_hands_a_task_on_and_nothing_else_of_it_changes(office: Office) -> None:
    number, task = at(office, "formal_check")
    clerk, section = office.sign_in("yj_clerk"), office.sign_in("yj_section")
    clerk.post(f"/user-tasks/{task['id']}/claim")
    clerk.put(f"/user-tasks/{task['id']}/draft", {"answers": {"check_result": "accept"}})
    office.wait(minutes=5)
    before, body = timers(office), {"person": id_of(office, "yj_clerk2"), "reason": "原承办人请假"}
    moved = section.post(f"/user-tasks/{task['id']}/transfer", body).get_json()
    assert moved["assignee"]["id"] == body["person"]
    assert moved["draft"] == {"check_result": "accept"}
    assert [moved[k] for k in ("entered_at", "earliest_at", "due_at")] == [
        task[k] for k in ("entered_at", "earliest_at", "due_at")
    ]
    assert timers(office) == before
    assert kinds(office, number)[-1] == "task_transferred"
    assert told(office, "task_transferred")[0][1] == "sms" and len(told(office, "task_transferred")) == 2
    assert clerk.post(f"/user-tasks/{task['id']}/claim").get_json()["code"] == "task_taken"


def test_a_task_is_handed_on_by_the_head_of_section_alone_and_with_a_reason(office: Office) -> None:
    _, task = at(office, "formal_check")
    body = {"person": id_of(office, "yj_clerk2"), "reason": "请假"}
    for username in ("yj_clerk", "yj_vice", "mz_section"):
        answer = office.sign_in(username).post(f"/user-tasks/{task['id']}/transfer", body)
        assert answer.get_json()["code"] in ("not_permitted", "not_found"), username
    section = office.sign_in("yj_section")
    answer = section.post(f"/user-tasks/{task['id']}/transfer", {**body, "reason": "  "})
    assert answer.status_code == 422
    assert office.sign_in("yj_clerk").post(f"/user-tasks/{task['id']}/claim").status_code == 200


def test_who_may_not_do_a_task_is_not_handed_it(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    task, section = office.task(number, "site_survey"), office.sign_in("yj_section")
    for username in ("yj_clerk2", "yj_vice"):
        body = {"person": id_of(office, username), "reason": "请假"}
        assert section.post(f"/user-tasks/{task['id']}/transfer", body).get_json()["code"] == "not_permitted"
    officer, second = office.sign_in("yj_officer"), office.sign_in("yj_officer2")
    officer.post(f"/user-tasks/{task['id']}/claim")
    second.post(f"/user-tasks/{task['id']}/sign")
    body = {"person": id_of(office, "yj_officer2"), "reason": "请假"}
    assert section.post(f"/user-tasks/{task['id']}/transfer", body).get_json()["code"] == "separation_of_duty"


def test_a_holder_has_a_task_done_until_a_day_and_both_count(office: Office) -> None:
    number, task = at(office, "section_review")
    section, printer = office.sign_in("yj_section"), office.sign_in("yj_printer")
    section.post(f"/user-tasks/{task['id']}/claim")
    until = (office.now + timedelta(days=2)).isoformat()
    body = {"person": id_of(office, "yj_printer"), "reason": "开会", "until": until}
    assert section.post(f"/user-tasks/{task['id']}/delegate", body).status_code == 200
    assert kinds(office, number)[-1] == "task_delegated"
    mine = printer.get("/user-tasks?view=mine").get_json()["items"]
    assert [one["id"] for one in mine] == [task["id"]]
    filled = office.answers("LJ-YJ-XK-001", "section_review")
    assert printer.sure().post(f"/user-tasks/{task['id']}/complete", {"answers": filled}).status_code == 200
    history = office.sign_in("auditor").get(f"/cases/{number}/history").get_json()["items"]
    done = next(e for e in reversed(history) if e["kind"] == "task_completed")
    assert (done["actor"]["id"], done["principal"]) == (body["person"], id_of(office, "yj_section"))
    office.walk(number, "print_certificate")
    printing = office.task(number, "print_certificate")
    assert printer.post(f"/user-tasks/{printing['id']}/claim").get_json()["code"] == "separation_of_duty"


def test_a_lent_task_is_the_delegates_for_no_longer_than_was_said_and_no_other_task_is(office: Office) -> None:
    _, task = at(office, "section_review")
    other = office.start()["number"]
    office.walk(other, "section_review")
    section, printer = office.sign_in("yj_section"), office.sign_in("yj_printer")
    section.post(f"/user-tasks/{task['id']}/claim")
    body = {"person": id_of(office, "yj_printer"), "reason": "开会"}
    for days in (-1, 0, 91):
        until = (office.now + timedelta(days=days)).isoformat()
        assert section.post(f"/user-tasks/{task['id']}/delegate", {**body, "until": until}).status_code == 422
    assert section.post(f"/user-tasks/{task['id']}/delegate", body).status_code == 422
    until = (office.now + timedelta(days=1)).isoformat()
    section.post(f"/user-tasks/{task['id']}/delegate", {**body, "until": until})
    elsewhere = office.task(other, "section_review")
    assert printer.post(f"/user-tasks/{elsewhere['id']}/claim").get_json()["code"] == "not_permitted"
    office.wait(days=1)
    filled = office.answers("LJ-YJ-XK-001", "section_review")
    late = printer.post(f"/user-tasks/{task['id']}/complete", {"answers": filled})
    assert late.get_json()["code"] == "not_permitted"
    assert section.sure().post(f"/user-tasks/{task['id']}/complete", {"answers": filled}).status_code == 200


def test_who_took_in_a_case_is_not_lent_its_review(office: Office) -> None:
    _, task = at(office, "section_review")
    section = office.sign_in("yj_section")
    section.post(f"/user-tasks/{task['id']}/claim")
    until = (office.now + timedelta(days=1)).isoformat()
    body = {"person": id_of(office, "yj_clerk"), "reason": "开会", "until": until}
    assert section.post(f"/user-tasks/{task['id']}/delegate", body).get_json()["code"] == "separation_of_duty"
    watcher = {**body, "person": id_of(office, "yj_sup1")}
    assert section.post(f"/user-tasks/{task['id']}/delegate", watcher).get_json()["code"] == "not_permitted"


def test_anyone_above_urges_a_task_once_a_day(office: Office) -> None:
    number, task = at(office, "formal_check")
    path = f"/user-tasks/{task['id']}/urge"
    assert office.sign_in("yj_clerk2").post(path, {}).get_json()["code"] == "not_permitted"
    assert office.sign_in("yj_vice").post(path, {"reason": "请今天办结"}).status_code == 200
    assert {channel for _, channel in told(office, "task_urged")} == {"sms"}
    assert len(told(office, "task_urged")) == 2, "nobody has claimed it: both clerks are told"
    assert office.sign_in("sup2").post(path, {}).get_json()["code"] == "already_urged"
    office.wait(days=1)
    assert office.sign_in("sup2").post(path, {}).status_code == 200
    assert kinds(office, number).count("task_urged") == 2


def test_the_page_offers_the_ways_that_are_open_and_takes_their_forms(office: Office) -> None:
    number, task = at(office, "formal_check")
    section, clerk = visit(office, "yj_section"), visit(office, "yj_clerk")
    page = section.page(f"/cases/{number}")
    assert f"/tasks/{task['id']}/moves/transfer" in page and f"/tasks/{task['id']}/moves/urge" in page
    assert f"/tasks/{task['id']}/moves/" not in clerk.page(f"/cases/{number}")
    person_id = str(id_of(office, "yj_clerk2"))
    shown = section.sent(f"/tasks/{task['id']}/moves/transfer", person=person_id, reason="轮班")
    assert "已转办" in shown and "轮班" in shown
    assert "Transfer" in visit(office, "yj_section", "en").page(f"/cases/{number}")
    assert section.send(f"/tasks/{task['id']}/moves/jump", reason="x").status_code == 404


# Sending back ------------------------------------------------------------------------------------------------------


def case_clock(office: Office, number: str) -> list[tuple[str, str]]:
    return [(limit["role"], limit["due_at"]) for limit in office.case(number)["clock"]["limits"]]


def test_a_decider_sends_a_case_back_to_the_step_that_the_diagram_allows(office: Office) -> None:
    number, task = at(office, "decide")
    vice, section = office.sign_in("yj_vice").sure(), office.sign_in("yj_section")
    vice.post(f"/user-tasks/{task['id']}/claim")
    vice.put(f"/user-tasks/{task['id']}/draft", {"answers": {"decision": "refuse"}})
    limits = case_clock(office, number)
    body = {"to": "section_review", "reason": "缺少对仓储条件的审核意见"}
    case = vice.post(f"/user-tasks/{task['id']}/send-back", body).get_json()
    assert [one["element_id"] for one in case["user_tasks"]] == ["section_review"]
    again = section.get(f"/user-tasks/{case['user_tasks'][0]['id']}").get_json()
    assert again["assignee"]["id"] == id_of(office, "yj_section"), "who reviewed goes on"
    assert again["draft"]["review_result"] == "agree_grant", "what was answered lies there"
    assert case_clock(office, number) == limits, "no limit of the case starts anew"
    back = next(one for one in case["steps_done"] if one["id"] == task["id"])
    assert back["status"] == "returned"
    sent = vice.get(f"/user-tasks/{task['id']}").get_json()
    assert sent["draft"] == {"decision": "refuse"}
    assert "task_sent_back" in kinds(office, number)
    assert [name for name, _ in told(office, "task_sent_back")] == [again["assignee"]["name"]]
    office.walk(number, "the end")
    assert office.case(number)["status"] == "completed"


def test_roles_used_stay_used_when_a_case_was_sent_back(office: Office) -> None:
    number, task = at(office, "decide")
    vice = office.sign_in("yj_vice").sure()
    vice.post(f"/user-tasks/{task['id']}/claim")
    vice.post(f"/user-tasks/{task['id']}/send-back", {"reason": "重审"})
    review = office.task(number, "section_review")
    office.sign_in("yj_section").post(f"/user-tasks/{review['id']}/release")
    grant(office, "yj_officer2", "section", "MZ")
    assert vice.post(f"/user-tasks/{review['id']}/claim").get_json()["code"] == "not_permitted"
    with transaction(office.engine) as connection:
        connection.execute(
            post_holding.update().where(post_holding.c.person_id == id_of(office, "yj_vice")).values(post="section")
        )
    assert vice.post(f"/user-tasks/{review['id']}/claim").get_json()["code"] == "separation_of_duty"


def test_a_case_is_sent_back_by_its_reviewer_alone_with_a_reason_and_no_further_than_drawn(office: Office) -> None:
    _, task = at(office, "decide")
    vice, path = office.sign_in("yj_vice").sure(), f"/user-tasks/{task['id']}/send-back"
    assert vice.post(path, {"reason": "重审"}).get_json()["code"] == "not_permitted", "it is not claimed"
    vice.post(f"/user-tasks/{task['id']}/claim")
    assert office.sign_in("yj_section").post(path, {"reason": "重审"}).get_json()["code"] == "not_permitted"
    assert vice.post(path, {}).status_code == 422
    for step in ("site_survey", "formal_check", "decide", "nothing"):
        assert vice.post(path, {"to": step, "reason": "重审"}).status_code == 422, step
    number, survey = at(office, "site_survey")
    officer = office.sign_in("yj_officer")
    officer.post(f"/user-tasks/{survey['id']}/claim")
    answer = officer.post(f"/user-tasks/{survey['id']}/send-back", {"reason": "重审"})
    assert answer.get_json()["code"] == "not_permitted" and number


def test_the_page_sends_a_case_back(office: Office) -> None:
    number, task = at(office, "decide")
    office.sign_in("yj_vice").post(f"/user-tasks/{task['id']}/claim")
    vice = visit(office, "yj_vice").sure()
    assert 'value="section_review"' in vice.page(f"/cases/{number}")
    shown = vice.sent(f"/tasks/{task['id']}/moves/send_back", to="section_review", reason="补充意见")
    assert "已退回" in shown and "退回到“科室审核”" in shown
