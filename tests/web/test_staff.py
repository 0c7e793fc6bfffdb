"""无人可办 on the case page and over the interface."""

from __future__ import annotations

from sqlalchemy import select, update

from service.database.session import transaction
from service.database.tables import person, post_holding
from tests.service_fixtures import Office
from tests.web.visiting import told, visit


def without(office: Office, username: str) -> None:
    with transaction(office.engine) as connection:
        who = select(person.c.id).where(person.c.username == username).scalar_subquery()
        connection.execute(update(post_holding).where(post_holding.c.person_id == who).values(ended_at=office.now))


def test_the_case_names_the_step_of_nobody_once_it_is_accepted(office: Office) -> None:
    for username in ("yj_vice", "yj_head"):
        without(office, username)
    number = str(office.start()["number"])
    office.upload_all(number, "issue_acceptance", "yj_clerk")
    accepted = office.work(number, "formal_check")
    assert accepted["case"]["accepted_on"] is not None
    listed = office.sign_in("yj_section").get(f"/cases/{number}/unstaffed-steps").get_json()
    assert [(s["element_id"], s["post"], s["why"], s["officers"]) for s in listed["items"]] == [
        ("decide", "vice", "no_holder", 1)
    ]
    history = office.sign_in("yj_section").get(f"/cases/{number}/history").get_json()["items"]
    told_of = [e["payload"]["steps"][0]["element"] for e in history if e["kind"] == "nobody_eligible"]
    assert told_of == ["decide"], "the acceptance itself asks, by a message that the worker takes at once"
    office.work(number, "site_survey")
    page = told(visit(office, "yj_section").page(f"/cases/{number}"))
    assert "后续有环节无人可办，已告知安全管理员。" in page and "无人具备该岗位" in page
    assert "nobody holds the post" in told(visit(office, "yj_section", "en").page(f"/cases/{number}")).lower()
    assert "无人可办" in told(visit(office, "secadmin").page("/notices"))


def test_a_case_with_somebody_for_each_step_shows_nothing(office: Office) -> None:
    number = str(office.start()["number"])
    office.walk(number, "site_survey")
    assert office.sign_in("yj_section").get(f"/cases/{number}/unstaffed-steps").get_json()["items"] == []
    assert "无人可办" not in told(visit(office, "yj_section").page(f"/cases/{number}"))


def test_who_may_not_read_the_case_learns_nothing_of_its_people(office: Office) -> None:
    number = str(office.start()["number"])
    assert office.sign_in("mz_clerk").get(f"/cases/{number}/unstaffed-steps").status_code == 404
