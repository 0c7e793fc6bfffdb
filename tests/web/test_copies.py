"""Copies to read: who sends them, who receives them, and the mark that one was opened."""

from __future__ import annotations

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
