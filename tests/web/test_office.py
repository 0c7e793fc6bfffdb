"""The office's own book-keeping: accounts, departments, settings, stand-ins; each with its reason and its history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from service.database.session import reading
from service.database.tables import idempotency, office_change
from tests.service_fixtures import Office
from tests.web.test_api_administration import approve, person_id, propose
from tests.web.visiting import Page, told, visit

NEW = {"username": "yj_new", "name": "新来", "department": "YJ", "mobile": "13900001111", "reason": "调入"}


def add(office: Office, **other: Any) -> Any:
    return (
        office.sign_in("sysadmin").sure().post("/people", {**NEW, **other}, headers={"Idempotency-Key": "add-one-key"})
    )


def sign_in(office: Office, username: str, password: str) -> int:
    body = {"username": username, "password": password}
    return office.client().post("/api/v1/sessions", json=body).status_code


def changes(office: Office, subject: str) -> list[dict[str, Any]]:
    found = office.sign_in("auditor").get(f"/office-changes?subject={subject}").get_json()["items"]
    return [dict(one) for one in found]


def test_a_new_account_has_a_password_told_once_and_no_power(office: Office) -> None:
    added = add(office)
    assert added.status_code == 201, added.text
    person, password = added.get_json()["person"], added.get_json()["password"]
    assert person["posts"] == [] and sign_in(office, "yj_new", password) == 201
    (change,) = changes(office, f"person/{person['id']}")
    assert (change["kind"], change["reason"], change["after"]["username"]) == ("person_added", "调入", "yj_new")
    with reading(office.engine) as connection:
        kept = [row.answer for row in connection.execute(select(idempotency))]
        book = [str(row.after) for row in connection.execute(select(office_change))]
    assert not any(password.encode() in one for one in kept) and not any(password in one for one in book)


def test_an_account_that_cannot_be_added_says_why(office: Office) -> None:
    names = ("yj_clerk", "YJ_Clerk", "yj_\u0441lerk", "../x", "<b>", "yj clerk", "新来")
    for other, pointer in (
        *(({"username": name}, "/username") for name in names),
        ({"department": "XX"}, "/department"),
    ):
        refused = add(office, **other)
        assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)
    for nobody in ("secadmin", "auditor", "yj_head"):
        assert office.sign_in(nobody).sure().post("/people", NEW).status_code == 403, nobody


def test_one_person_has_one_account(office: Office) -> None:
    """Two accounts of the same hands would get around separation and every rule of two people."""
    assert add(office).status_code == 201
    system, clerk = office.sign_in("sysadmin").sure(), person_id(office, "yj_clerk")
    twin = system.post("/people", {**NEW, "username": "yj_twin", "name": "另名"})
    assert (twin.status_code, twin.get_json()["errors"][0]["pointer"]) == (422, "/mobile")
    assert "新来" in twin.get_json()["detail"]
    for wrong in ("123", "12812345678", "1390000111１"):
        refused = [system.post("/people", {**NEW, "username": "yj_third", "mobile": wrong})]
        refused.append(system.call("PATCH", f"/people/{clerk}", json={"mobile": wrong, "reason": "换号"}))
        assert [(one.status_code, one.get_json()["errors"][0]["pointer"]) for one in refused] == [(422, "/mobile")] * 2
    changed = system.call("PATCH", f"/people/{clerk}", json={"mobile": NEW["mobile"], "reason": "换号"})
    assert (changed.status_code, changed.get_json()["errors"][0]["pointer"]) == (422, "/mobile")
    officer = system.get(f"/people/{person_id(office, 'yj_officer')}").get_json()["officer_number"]
    other = {**NEW, "username": "yj_twin", "mobile": None, "officer_number": officer}
    assert system.post("/people", other).get_json()["errors"][0]["pointer"] == "/officer_number"
    renamed = system.call("PATCH", f"/people/{clerk}", json={"name": "王小燕", "reason": "更名"})
    assert renamed.status_code == 200, "one's own number is nobody else's"


def test_what_is_changed_of_an_account_stays_on_record_with_before_and_after(office: Office) -> None:
    clerk = person_id(office, "yj_clerk")
    system = office.sign_in("sysadmin").sure()
    done = system.call("PATCH", f"/people/{clerk}", json={"mobile": "13700002222", "reason": "换号"})
    assert done.status_code == 200
    (change,) = changes(office, f"person/{clerk}")
    assert change["after"] == {"mobile": "13700002222"} and change["before"]["mobile"] != "13700002222"
    same = system.call("PATCH", f"/people/{clerk}", json={"mobile": "13700002222", "reason": "换号"})
    assert same.get_json()["code"] == "invalid_request"


def test_no_administrator_alone_can_sign_in_as_somebody_else(office: Office) -> None:
    clerk = person_id(office, "yj_clerk")
    before = office.sign_in("yj_clerk")
    system, security = office.sign_in("sysadmin").sure(), office.sign_in("secadmin").sure()
    why = {"reason": "忘记密码"}
    assert security.post(f"/people/{clerk}/password", why).status_code == 403
    assert system.post(f"/people/{clerk}/authenticator", why).status_code == 403
    password = system.post(f"/people/{clerk}/password", why).get_json()["password"]
    assert before.get("/me").status_code == 401, "sessions end with the old password"
    assert sign_in(office, "yj_clerk", "mingjing-demo") == 401 and sign_in(office, "yj_clerk", password) == 201
    secret = security.post(f"/people/{clerk}/authenticator", why).get_json()["totp_secret"]
    assert len(secret) == 32
    assert {one["kind"] for one in changes(office, f"person/{clerk}")} == {"password_reset", "authenticator_reset"}
    own = person_id(office, "sysadmin")
    assert system.post(f"/people/{own}/password", why).status_code == 403


def test_people_change_their_own_password_with_the_old_one(office: Office) -> None:
    clerk = office.sign_in("yj_clerk")
    for body, pointer in (
        ({"old": "wrong", "new": "a long new password"}, "/old"),
        ({"old": "mingjing-demo", "new": "short"}, "/new"),
    ):
        assert clerk.post("/me/password", body).get_json()["errors"][0]["pointer"] == pointer
    page = visit(office, "yj_officer")
    form = {"old": "mingjing-demo", "new": "a long new password"}
    assert "两次输入的新密码不同" in told(page.send("/my-password", **form, again="another").text)
    assert page.send("/my-password", **form, again=form["new"]).status_code == 303
    assert page.get("/notices").status_code == 303, "the session has ended"
    assert sign_in(office, "yj_officer", form["new"]) == 201


def test_departments_are_added_and_renamed_and_keep_their_code(office: Office) -> None:
    system = office.sign_in("sysadmin")
    body = {"code": "WL", "name_zh": "文化和旅游局", "name_en": "Culture and Tourism", "reason": "机构改革"}
    added = system.post("/departments", body)
    assert added.status_code == 201 and "WL" in [one["code"] for one in added.get_json()["items"]]
    assert system.post("/departments", body).get_json()["errors"][0]["pointer"] == "/code"
    names = {"name_zh": "文化广电和旅游局", "name_en": "Culture, Radio, TV and Tourism", "reason": "更名"}
    assert system.put("/departments/WL", names).status_code == 200
    assert system.put("/departments/NO", names).status_code == 404
    assert (
        system.put("/departments/WL", {**names, "credit_code": "123"}).get_json()["errors"][0]["pointer"]
        == "/credit_code"
    )
    kinds = [one["kind"] for one in changes(office, "department/WL")]
    assert kinds == ["department_changed", "department_added"]
    assert office.sign_in("secadmin").post("/departments", {**body, "code": "WM"}).status_code == 403


def choose(office: Office, name: str, content: dict[str, Any], by: str = "secadmin") -> Any:
    body = {"content": content, "reason": "人员调整"}
    return office.sign_in(by).sure().post(f"/settings/{name}/proposals", body)


def test_a_setting_holds_once_another_administrator_has_approved_it(office: Office) -> None:
    asked = choose(office, "loosened", {"sup1": ["YJ"]})
    assert asked.status_code == 202
    assert propose(office, "yj_sup1", "section").get_json()["code"] == "separation_of_duty"
    assert approve(office, asked.get_json()["id"], "secadmin").get_json()["code"] == "separation_of_duty"
    assert approve(office, asked.get_json()["id"]).status_code == 200
    assert propose(office, "yj_sup1", "section").status_code == 202
    assert propose(office, "sg_sup1", "section", "SG").get_json()["code"] == "separation_of_duty"
    seen = told(visit(office).page("/public/items"))
    assert "监察岗位公示" in seen and "应急管理局" in seen
    (change,) = changes(office, "setting/loosened")
    assert change["after"] == {"sup1": ["YJ"]} and change["proposed_by"] != change["changed_by"]
    rows = {one["name"]: one for one in office.sign_in("auditor").get("/settings").get_json()["items"]}
    assert rows["loosened"]["chosen"] and not rows["presence"]["chosen"]


def test_a_choice_that_is_none_is_refused_before_anybody_need_decide(office: Office) -> None:
    assert choose(office, "presence", {"second_step": []}).get_json()["errors"][0]["pointer"] == "/second_step"
    assert choose(office, "motto", {"text": "x"}).status_code == 404
    assert choose(office, "loosened", {"sup1": []}, by="auditor").status_code == 403


def test_the_page_of_settings_proposes_and_shows_what_waits(office: Office) -> None:
    security = visit(office, "secadmin").sure()
    form = {"second_step": "review", "shared_terminal_minutes": "10", "reason": "试行"}
    page = security.sent("/settings/presence", **form)
    assert "已提出，须另一名管理员批准后生效" in told(page) and "等待另一人批准" in told(page)
    wrong = security.send("/settings/presence", **{**form, "shared_terminal_minutes": "99"})
    assert wrong.status_code == 422 and "1 至 60" in told(wrong.text)
    system = visit(office, "sysadmin").sure()
    (action,) = [
        f["action"] for f in Page(system.page("/settings")).all("form") if f.get("action", "").endswith("approve")
    ]
    system.sent(action, next="/settings")
    rows = {one["name"]: one["content"] for one in office.sign_in("auditor").get("/settings").get_json()["items"]}
    assert rows["presence"]["shared_terminal_minutes"] == 10
    assert set(rows["presence"]["second_step"]) == {"review", "decide", "print", "halt_ruling"}
    assert "修改设置" in told(visit(office, "auditor").page("/office-changes"))


def test_the_security_administrator_ends_a_loan_of_others_with_a_reason(office: Office) -> None:
    body = {
        "delegate": person_id(office, "yj_vice"),
        "post": "section",
        "department": "YJ",
        "starts_at": "2026-11-23T00:00:00+08:00",
        "ends_at": "2026-11-30T00:00:00+08:00",
        "reason": "出差",
    }
    loan = office.sign_in("yj_section").post("/delegations", body).get_json()["id"]
    listed = office.sign_in("auditor").get("/stand-ins").get_json()
    assert [one["id"] for one in listed["items"]] == [loan]
    path = f"/stand-ins/{loan}/revoke"
    assert office.sign_in("sysadmin").sure().post(path, {"reason": "x"}).status_code == 403
    security = office.sign_in("secadmin").sure()
    assert security.post(path, {"reason": "  "}).status_code == 422
    assert security.post(path, {"reason": "委托人已到岗"}).status_code == 204
    assert security.post(path, {"reason": "委托人已到岗"}).status_code == 404
    assert "已收回" in told(visit(office, "secadmin").page("/stand-ins"))


def test_a_new_account_is_added_on_the_page_which_tells_its_password_once(office: Office) -> None:
    system = visit(office, "sysadmin").sure()
    answer = system.send("/people", **NEW)
    assert answer.status_code == 201 and "初始密码" in told(answer.text)
    password = answer.text.partition('id="told">')[2].partition("<")[0]
    assert sign_in(office, "yj_new", password) == 201
    again = system.send("/people", **NEW)
    assert again.status_code == 422 and "工号已有人使用" in told(again.text)


def test_permissions_are_shown_with_the_posts_that_have_them(office: Office) -> None:
    rows = {one["name"]: one["posts"] for one in office.sign_in("auditor").get("/permissions").get_json()["items"]}
    assert rows["grant_posts"] == ["secadmin"] and rows["approve_posts"] == ["secadmin", "sysadmin"]
    assert "批准授予岗位" in told(visit(office, "auditor").page("/permissions"))
