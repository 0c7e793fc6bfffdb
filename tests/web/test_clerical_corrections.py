"""A slip of the pen is put right by the head of section: before and after on record, nothing that decides touched."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from service.database.session import reading
from service.database.tables import case, event, user_task
from tests.service_fixtures import APPLICANT, Office
from tests.web.visiting import visit

WHY = "申请人来电说明号码录错一位"


def slips(office: Office, number: str, by: str = "yj_section") -> dict[str, dict[str, Any]]:
    found = office.sign_in(by).get(f"/cases/{number}/clerical-corrections")
    assert found.status_code == 200, found.text
    return {one["label_zh"]: one for one in found.get_json()["items"]}


def correct(office: Office, number: str, label: str, value: str, by: str = "yj_section", **more: Any) -> Any:
    body = {"place": slips(office, number)[label]["place"], "value": value, "reason": WHY}
    return office.sign_in(by).post(f"/cases/{number}/clerical-corrections", {**body, **more})


def stored_answers(office: Office, number: str) -> dict[str, Any]:
    wanted = select(user_task.c.answers).join(case, case.c.id == user_task.c.case_id).where(case.c.number == number)
    with reading(office.engine) as connection:
        return connection.execute(wanted.where(user_task.c.element_id == "apply")).scalar_one()


def test_a_mobile_number_is_corrected_with_before_and_after_in_the_history(office: Office) -> None:
    number = office.start()["number"]
    before = stored_answers(office, number)["contact_mobile"]
    corrected = correct(office, number, "联系电话", "139 0013 8009")
    assert corrected.status_code == 200, corrected.text
    assert stored_answers(office, number)["contact_mobile"] == "13900138009"
    with reading(office.engine) as connection:
        rows = connection.execute(select(event).where(event.c.kind == "slip_corrected")).all()
    assert len(rows) == 1
    told = json.loads(rows[0].payload)
    assert (told["before"], told["after"], told["reason"]) == (before, "13900138009", WHY)
    assert (rows[0].actor_name, rows[0].post) == (
        office.sign_in("yj_section").get("/me").get_json()["user"]["name"],
        "section",
    )
    page = visit(office, "yj_section").page(f"/cases/{number}")
    assert f"<del>{before}</del> → <ins>13900138009</ins>" in page
    assert WHY in page


def test_the_number_that_messages_go_to_is_corrected_as_well(office: Office) -> None:
    number = office.start()["number"]
    assert correct(office, number, "申请人联系电话", "13900138009").status_code == 200
    assert office.case(number)["applicant"] == {**office.case(number)["applicant"], "mobile": "13900138009"}
    refused = correct(office, number, "申请人联系电话", "1390013800")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_answers")


def test_nothing_that_rules_conditions_or_fees_read_is_offered_nor_taken(office: Office) -> None:
    number = office.start()["number"]
    offered = slips(office, number)
    assert set(offered) == {"申请人联系电话", "地址", "联系人", "联系电话"}
    task = offered["地址"]["place"].partition(".")[0]
    for key in ("applicant_name", "applicant_code", "legal_rep_id", "site_address", "chemicals", "nothing"):
        refused = office.sign_in("yj_section").post(
            f"/cases/{number}/clerical-corrections", {"place": f"{task}.{key}", "value": "改", "reason": WHY}
        )
        assert refused.get_json()["code"] == "move_refused", key


def test_an_address_keeps_its_meaning_and_a_reason_is_asked(office: Office) -> None:
    number = office.start()["number"]
    now = stored_answers(office, number)["address"]
    other = correct(office, number, "地址", "外省某市某区某路")
    assert other.get_json()["errors"][0]["code"] == "no_slip"
    assert correct(office, number, "地址", now).get_json()["errors"][0]["code"] == "same"
    assert correct(office, number, "地址", now + "室", reason=" ").status_code == 422
    assert correct(office, number, "地址", now + "室").status_code == 200
    assert stored_answers(office, number)["address"] == now + "室"


def test_only_the_head_of_section_of_the_department_corrects(office: Office) -> None:
    number = office.start()["number"]
    for username in ("yj_clerk", "yj_officer", "yj_vice", "yj_head"):
        assert correct(office, number, "联系电话", "13900138009", by=username).get_json()["code"] == "not_permitted"
    assert correct(office, number, "联系电话", "13900138009", by="mz_section").status_code == 404
    assert office.case(number)["applicant"]["mobile"] == APPLICANT["mobile"]


def test_a_correction_that_was_typed_over_an_older_case_is_refused(office: Office) -> None:
    number = office.start()["number"]
    place = slips(office, number)["联系电话"]["place"]
    section = visit(office, "yj_section")
    page = section.page(f"/cases/{number}")
    version = page.split('name="version" value="')[1].split('"')[0]
    form = {"place": place, "value": "13900138009", "reason": WHY, "version": version}
    assert "已更正" in section.sent(f"/cases/{number}/moves/correct_slip", **form)
    stale = section.send(f"/cases/{number}/moves/correct_slip", **{**form, "value": "13900138010"})
    assert stale.status_code in (409, 412)
    assert stored_answers(office, number)["contact_mobile"] == "13900138009"


def test_what_the_decisions_paper_shows_is_no_slip_any_more_once_it_is_decided(office: Office) -> None:
    number = office.start("LJ-MZ-XK-001")["number"]
    assert "住所" in slips(office, number, "mz_section")
    office.walk(number, "print_certificate")
    assert "住所" not in slips(office, number, "mz_section")
    assert "联系电话" in slips(office, number, "mz_section")


def test_a_correction_stands_in_nobodys_way_to_take_back(office: Office) -> None:
    number = office.start()["number"]
    office.work(number, "formal_check")
    before = office.case(number)["steps_done"][-1]
    assert correct(office, number, "联系电话", "13900138009").status_code == 200
    refused = office.sign_in("yj_clerk").sure().post(f"/user-tasks/{before['id']}/take-back", {"reason": "重核"})
    assert "已办理" not in refused.text, refused.text
