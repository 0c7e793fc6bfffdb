"""Copies to read: who sends them, who receives them, and the mark that one was opened."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from service.database.session import transaction
from service.database.tables import case, case_reader, person
from tests.service_fixtures import Office
from tests.web.test_task_moves import at, id_of, kinds, told
from tests.web.visiting import visit


def claimed(office: Office) -> tuple[str, str]:
    number, task = at(office, "formal_check")
    assert office.sign_in("yj_clerk").post(f"/user-tasks/{task['id']}/claim").status_code == 200
    return number, f"/user-tasks/{task['id']}/copies"


def test_a_copy_is_read_once_and_nothing_else_of_the_case_changes(office: Office) -> None:
    number, path = claimed(office)
    before = office.task(number, "formal_check")
    body = {"people": [id_of(office, "yj_head"), id_of(office, "yj_vice")], "note": "请知悉"}
    assert office.sign_in("yj_clerk").post(path, body).status_code == 200
    assert office.task(number, "formal_check") == before
    assert kinds(office, number)[-1] == "case_copied" and len(told(office, "case_copied")) == 2
    head = office.sign_in("yj_head")
    (copy,) = head.get("/copies").get_json()["items"]
    assert (copy["case_number"], copy["note"], copy["read_at"]) == (number, "请知悉", None)
    office.wait(minutes=3)
    assert head.post(f"/copies/{copy['id']}/read").get_json() == {"case_number": number}
    (read,) = head.get("/copies?state=read").get_json()["items"]
    office.wait(minutes=3)
    head.post(f"/copies/{copy['id']}/read")
    assert head.get("/copies?state=read").get_json()["items"] == [read]
    assert head.get("/copies").get_json()["items"] == []
    marks = [one["read_at"] for one in head.get(f"/cases/{number}/copies").get_json()["items"]]
    assert marks == [read["read_at"], None]
    assert office.sign_in("yj_vice").post(f"/copies/{copy['id']}/read").status_code == 404


def test_a_copy_opens_no_door(office: Office) -> None:
    number, path = claimed(office)
    clerk, body = office.sign_in("yj_clerk"), {"people": [id_of(office, "mz_section")]}
    assert clerk.post(path, body).get_json()["code"] == "not_permitted"
    assert office.sign_in("mz_section").get(f"/cases/{number}").status_code == 404
    ours = {"people": [id_of(office, "yj_head")]}
    assert office.sign_in("yj_clerk2").post(path, ours).get_json()["code"] == "not_permitted"
    assert clerk.post(path, {"people": []}).status_code == 422


def test_who_has_an_unread_copy_gets_no_second(office: Office) -> None:
    _, path = claimed(office)
    body = {"people": [id_of(office, "yj_head")]}
    for _ in range(2):
        assert office.sign_in("yj_clerk").post(path, body).status_code == 200
    assert office.sign_in("yj_head").get("/copies").get_json()["total"] == 1


def test_the_pages_send_list_and_open_a_copy(office: Office) -> None:
    number, path = claimed(office)
    move = path.replace("/user-tasks/", "/tasks/").replace("/copies", "/moves/copy")
    clerk, head = visit(office, "yj_clerk"), visit(office, "yj_head")
    assert move in clerk.page(f"/cases/{number}")
    after = clerk.sent(move, people=str(id_of(office, "yj_head")), reason="请知悉", next=f"/cases/{number}")
    assert "已抄送" in after and "未阅" in after
    assert "抄送给我 1" in head.page("/work")
    assert "请知悉" in head.page("/copies")
    (copy,) = office.sign_in("yj_head").get("/copies").get_json()["items"]
    assert "已阅" in head.sent(f"/copies/{copy['id']}/read")
    assert "没有待阅的抄送" in head.page("/copies")
    assert "Copies to me" in visit(office, "yj_head", "en").page("/copies?state=read")


def test_a_leader_lets_somebody_read_one_case_until_a_day(office: Office) -> None:
    number, _ = claimed(office)
    other = office.start()["number"]
    reader, head = office.sign_in("mz_section"), office.sign_in("yj_head")
    today = office.now.astimezone(office.services.settings.zone).date()
    body = {"username": "mz_section", "until": (today + timedelta(days=2)).isoformat(), "reason": "联审参考"}
    path = f"/cases/{number}/readers"
    assert reader.get(f"/cases/{number}").status_code == 404
    assert office.sign_in("yj_clerk").post(path, body).get_json()["code"] == "not_permitted"
    assert office.sign_in("mz_head").post(path, body).status_code == 404
    for wrong in ({"username": "nobody"}, {"until": "2026-01-01"}, {"until": "2027-11-23"}, {"reason": " "}):
        assert head.post(path, body | wrong).status_code == 422, wrong
    assert head.post(path, body | {"username": "yj_section"}).get_json()["code"] == "move_refused"
    made = head.post(path, body)
    assert made.status_code == 201, made.text
    (one,) = made.get_json()["items"]
    assert one["in_force"] and one["reason"] == "联审参考"
    assert head.post(path, body).get_json()["code"] == "move_refused"
    assert [copy["case_number"] for copy in reader.get("/copies").get_json()["items"]] == [number]
    assert "reading_allowed" in kinds(office, number)
    for part in ("", "/history", "/fees", "/copies", "/readers"):
        assert reader.get(f"/cases/{number}{part}").status_code == 200, part
        assert reader.get(f"/cases/{other}{part}").status_code == 404, part
    assert number not in [row["number"] for row in reader.get("/cases").get_json()["items"]]
    task = office.task(number, "formal_check")
    assert reader.post(f"/user-tasks/{task['id']}/claim").status_code in (403, 404)
    assert reader.post(f"/cases/{number}/payment-notices").status_code == 403
    assert reader.post(f"/cases/{number}/messages", {"kind": "correction", "answers": {}}).status_code in (
        403,
        404,
        409,
    )
    office.wait(days=2, hours=20)
    assert reader.get(f"/cases/{number}").status_code == 404


def test_a_right_to_read_is_taken_back_on_the_page_and_the_story_tells(office: Office) -> None:
    number, _ = claimed(office)
    head, reader = visit(office, "yj_head"), visit(office, "mz_section")
    until = (office.now + timedelta(days=5)).date().isoformat()
    assert "准许无权查看本件的人阅件" in head.page(f"/cases/{number}")
    after = head.sent(f"/cases/{number}/readers", username="mz_section", until=until, reason="联审参考")
    assert "已授权阅件" in after and "联审参考" in after
    page = reader.page(f"/cases/{number}")
    assert "准许无权查看本件的人阅件" not in page and "领取</button>" not in page
    assert head.send(f"/cases/{number}/readers", username="mz_section", until="soon", reason="x").status_code == 422
    assert "已收回阅件授权" in head.sent(f"/cases/{number}/readers/1/end")
    assert reader.get(f"/cases/{number}").status_code == 404
    assert head.send(f"/cases/{number}/readers/1/end").status_code == 404
    story = head.page(f"/cases/{number}")
    assert "收回" in story and "授权" in story


def test_a_caller_who_wants_to_stay_unknown_stays_so_for_who_was_let_read(office: Office) -> None:
    number = str(office.start("LJ-RX-EX-001", keep_secret="yes")["number"])
    with transaction(office.engine) as connection:
        department = connection.execute(select(case.c.department).where(case.c.number == number)).scalar_one()
        reader = connection.execute(select(person.c.id).where(person.c.username == "mz_section")).scalar_one()
        case_id = connection.execute(select(case.c.id).where(case.c.number == number)).scalar_one()
        granted = {"case_id": case_id, "person_id": reader, "granted_by": reader, "granted_at": office.now}
        until = office.now + timedelta(days=1)
        connection.execute(insert(case_reader), {**granted, "reads_until": until, "reason": "核查"})
    assert department == "RX"
    seen = office.sign_in("mz_section").get(f"/cases/{number}")
    assert seen.status_code == 200 and "138" not in str(seen.get_json()["applicant"])
