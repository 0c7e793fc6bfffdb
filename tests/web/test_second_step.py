"""本人操作: reviews, decisions, printing and rulings on halts ask for a second step by the person, at every door."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select

from service.database.session import reading, transaction
from service.database.tables import event, setting
from service.people.presence import PRESENCE
from tests.service_fixtures import Office
from tests.web.visiting import Page, told, visit

XK = "LJ-YJ-XK-001"


def try_to_complete(office: Office, number: str, element: str, by: str) -> Any:
    """Without the second step."""
    task = office.task(number, element)
    body = {"answers": office.answers(XK, task["form_key"])}
    return office.sign_in(by).post(f"/user-tasks/{task['id']}/complete", body)


def at(office: Office, element: str) -> str:
    """A case whose step is open and could be done now."""
    number = str(office.start()["number"])
    office.walk(number, element)
    office.wait(hours=1)
    for material in (
        office.sign_in("yj_clerk")
        .get(f"/user-tasks/{office.task(number, element)['id']}")
        .get_json()["required_materials"]
    ):
        for _ in range(material["need"] - material["have"]):
            assert office.sign_in("yj_clerk").upload(number, material["key"]).status_code == 201
    return number


@pytest.mark.parametrize(
    ("element", "who"),
    [("section_review", "yj_section"), ("decide", "yj_vice"), ("print_certificate", "yj_printer")],
)
def test_a_review_a_decision_and_printing_ask_for_a_code_and_are_done_after_it(
    office: Office, element: str, who: str
) -> None:
    number = at(office, element)
    person = office.sign_in(who)
    refused = try_to_complete(office, number, element, who)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "second_factor_required")
    assert office.task(number, element)["id"], "the step is as it was"
    with reading(office.engine) as connection:
        kinds = set(connection.execute(select(event.c.kind)).scalars())
    assert "act_refused" not in kinds, "who has yet to give the code was not refused"
    person.sure()
    assert try_to_complete(office, number, element, who).status_code == 200


@pytest.mark.parametrize("name", ["suspend", "terminate", "send-back"])
def test_moves_that_weigh_as_much_as_a_decision_ask_for_a_code(office: Office, name: str) -> None:
    number = at(office, "decide")
    vice, task = office.sign_in("yj_vice"), office.task(number, "decide")
    assert vice.post(f"/user-tasks/{task['id']}/claim").status_code == 200
    path = f"/user-tasks/{task['id']}" if name == "send-back" else f"/cases/{number}"
    body = {"reason": "材料存疑"} | ({} if name == "send-back" else {"legal_basis": "行政许可法 第四十五条"})
    body |= {"ground": "other"} if name == "suspend" else {}
    refused = vice.post(f"{path}/{name}", body)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "second_factor_required")
    assert office.case(number)["status"] == "open" and office.task(number, "decide")["id"] == task["id"]
    assert vice.sure().post(f"{path}/{name}", body).status_code == 200


def test_who_takes_an_act_back_gives_a_code_and_who_extends_too(office: Office) -> None:
    number = at(office, "formal_check")
    task = office.task(number, "formal_check")
    office.work(number, "formal_check")
    asked = visit(office, "yj_clerk").send(f"/tasks/{task['id']}/moves/take_back", reason="误点")
    assert asked.status_code == 403 and "这一步须由您本人办理" in told(asked.text)
    other = str(office.start("LJ-MZ-XK-001")["number"])
    office.walk(other, "section_review")
    body = {"reason": "须现场核查"}
    head = office.sign_in("mz_head")
    assert head.post(f"/cases/{other}/extend", body).get_json()["code"] == "second_factor_required"
    assert head.sure().post(f"/cases/{other}/extend", body).status_code == 200


def test_a_ruling_on_a_halt_asks_for_a_code(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "site_survey")
    office.upload_all(number, "section_review", "yj_officer")
    task = office.task(number, "site_survey")
    assert office.sign_in("yj_officer").post(f"/user-tasks/{task['id']}/claim").status_code == 200
    assert office.complete(number, "site_survey", "yj_officer").get_json()["outcome"] == "halted"
    refused = try_to_complete(office, number, "site_survey_ruling", "yj_sup1")
    assert refused.get_json()["code"] == "second_factor_required"
    assert office.complete(number, "site_survey_ruling", "yj_sup1").status_code == 200


def test_steps_that_the_county_has_not_chosen_ask_for_nothing(office: Office) -> None:
    with transaction(office.engine) as connection:
        connection.execute(insert(setting).values(name=PRESENCE, content={"second_step": ["accept"]}))
    number = office.start()["number"]
    office.wait(hours=1)
    for material in ("application_form", "business_licence"):
        office.sign_in("yj_clerk").upload(number, material)
    refused = try_to_complete(office, number, "formal_check", "yj_clerk")
    assert refused.get_json()["code"] == "second_factor_required"
    office.walk(number, "section_review")
    office.upload_all(number, "section_review", "yj_officer")
    office.wait(hours=1)
    assert try_to_complete(office, number, "section_review", "yj_section").status_code == 200


def test_a_code_is_taken_once(office: Office) -> None:
    first, code = office.sign_in("yj_section"), office.codes.next("yj_section")
    opened = first.give_code(code)
    assert opened.status_code == 200
    assert first.give_code(code).get_json() == opened.get_json(), "sent again, it opens nothing for longer"
    other = office.client()
    token = other.post("/api/v1/sessions", json={"username": "yj_section", "password": "mingjing-demo"}).get_json()
    head = {"Authorization": f"Bearer {token['token']}"}
    replayed = other.post("/api/v1/sessions/current/second-factor", json={"code": code}, headers=head)
    assert replayed.get_json()["code"] == "second_factor_required"
    fresh = {"code": office.codes.next("yj_section")}
    assert other.post("/api/v1/sessions/current/second-factor", json=fresh, headers=head).status_code == 200


def test_a_page_asks_for_the_code_and_then_prints(office: Office) -> None:
    number = at(office, "print_certificate")
    printer = visit(office, "yj_printer")
    asked = printer.send(f"/cases/{number}/documents/certificate/print", next=f"/cases/{number}")
    assert asked.status_code == 403 and "这一步须由您本人办理" in told(asked.text)
    form = next(one for one in Page(asked.text).all("form") if one.get("action", "").endswith("/certificate/print"))
    carried = {one["name"]: one["value"] for one in Page(asked.text).all("input") if one.get("type") == "hidden"}
    assert carried["next"] == f"/cases/{number}"
    wrong = printer.send(form["action"], **{**carried, "totp": "000000"})
    assert wrong.status_code == 403 and "动态口令不正确或已用过" in told(wrong.text)
    printed = printer.send(form["action"], **{**carried, "totp": office.codes.next("yj_printer")})
    assert (printed.status_code, printed.mimetype) == (200, "application/pdf")
    again = printer.send(form["action"], **carried)
    assert again.mimetype == "application/pdf", "open for five minutes"


def test_papers_that_grant_nothing_are_printed_without_a_code(office: Office) -> None:
    number = at(office, "site_survey")
    printed = office.sign_in("yj_clerk").post(f"/cases/{number}/documents/acceptance_notice/print")
    assert printed.mimetype == "application/pdf"
