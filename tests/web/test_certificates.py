"""Certificates: the register, cases that revoke, correct or replace one, what the public is told, and reminders."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from service.certificates.standing import last_day, reminder_days, standing_on, term_of
from service.database.tables import document, user_task
from tests.service_fixtures import PDF, Office
from tests.web.test_api_papers import bank_says
from tests.web.test_reusing_certificates import OTHER, OWNER, registered, started
from tests.web.visiting import visit

SG = "LJ-SG-XK-001"
ASSOCIATION = {"name": "临江县书画爱好者协会", "mobile": "13800138007"}
BASIS = "《中华人民共和国行政许可法》第六十九条第二款"


def printed(office: Office) -> dict[str, Any]:
    """A food licence that was granted and printed: its row on the register."""
    number = office.start(SG)["number"]
    office.walk(number, "the end")
    answer = office.sign_in("sg_printer").sure().post(f"/cases/{number}/documents/certificate/print")
    assert answer.status_code == 200, answer.text
    office.wait(days=3)  # It is in force from the day after the decision on.
    (row,) = [
        one
        for one in office.sign_in("sg_clerk").get("/certificates").get_json()["items"]
        if one["case_number"] == number
    ]
    return dict(row)


def propose(office: Office, row: dict[str, Any], kind: str = "revoke", by: str = "sg_officer", **more: Any) -> Any:
    body = {"kind": kind, "legal_basis": BASIS, "reason": "以欺骗手段取得许可", **more}
    return office.sign_in(by).post(f"/certificates/{row['id']}/changes", body)


def do(office: Office, number: str, step: str, by: str, **answers: Any) -> dict[str, Any]:
    answer = complete(office, number, step, by, **answers)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def complete(office: Office, number: str, step: str, by: str, **answers: Any) -> TestResponse:
    task = office.task(number, step)
    office.wait(seconds=1)
    return office.sign_in(by).sure().post(f"/user-tasks/{task['id']}/complete", {"answers": answers})


def decided(office: Office, number: str, decision: str = "grant") -> None:
    """From the proposal of a revocation to the end."""
    office.wait(days=12)
    assert office.sign_in("sg_officer").upload(number, "change_paper", PDF).status_code == 201
    do(office, number, "legal_review", "sg_legal", legal_opinion="lawful", legal_note="事实清楚，依据准确")
    given = {"change_decision": decision, "change_reason": "经查申请材料系伪造，应当依法处理"}
    do(office, number, "decide", "sg_head", **given)
    office.stepping.look()


def today(office: Office) -> date:
    return (office.now + timedelta(hours=8)).date()


def verified(office: Office, number: str) -> dict[str, Any]:
    answer = office.client().get("/api/v1/public/certificates", query_string={"number": number})
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def kinds(office: Office, number: str) -> list[str]:
    found = office.sign_in("sup2").get(f"/cases/{number}/history?limit=200").get_json()["items"]
    return [one["kind"] for one in found]


def test_the_first_copy_puts_a_certificate_on_the_register(office: Office) -> None:
    row = printed(office)
    assert (row["standing"], row["copies"], row["ended_at"]) == ("valid", 1, None)
    assert row["valid_until"] is not None
    again = office.sign_in("sg_printer").sure().post(f"/cases/{row['case_number']}/documents/certificate/print")
    assert again.status_code == 200
    (same,) = office.sign_in("sg_clerk").get("/certificates").get_json()["items"]
    assert same["copies"] == 2
    assert office.sign_in("mz_clerk").get("/certificates").get_json()["total"] == 0
    assert office.sign_in("mz_clerk").get(f"/certificates/{row['id']}").status_code == 404
    assert verified(office, row["number"])["standing"] == "valid"


def test_a_revocation_is_heard_reviewed_decided_and_seen_by_everybody(office: Office) -> None:
    row = printed(office)
    answer = propose(office, row)
    assert answer.status_code == 201, answer.text
    number = answer.get_json()["number"]
    told = [one["text"] for one in office.sign_in("sup2").get("/notices").get_json()["items"]]
    assert any("拟撤销" in text and row["number"] in text for text in told)
    assert office.case(number)["user_tasks"] == []
    assert verified(office, row["number"])["standing"] == "valid"
    decided(office, number)
    assert verified(office, row["number"])["standing"] == "valid", "the holder has not been served yet"
    decision = office.sign_in("sg_clerk").post(f"/cases/{number}/documents/change_decision/print")
    assert decision.status_code == 200, decision.text
    assert "自本决定书送达之日起失效" in text_of(decision.data)
    served(office, number)
    found = verified(office, row["number"])
    assert (found["standing"], found["ended_because"]) == ("revoked", BASIS)
    assert kinds(office, row["case_number"])[-1] == "certificate_revoked"
    refused = office.sign_in("sg_printer").sure().post(f"/cases/{row['case_number']}/documents/certificate/print")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "certificate_ended")
    receipt = office.sign_in("sg_clerk").post(f"/cases/{number}/documents/delivery_receipt/print")
    assert "撤销行政许可决定书" in text_of(receipt.data) and "王晓燕" in text_of(receipt.data)
    assert (office.case(number)["status"], office.case(number)["outcome"]) == ("completed", "changed")


def test_a_file_of_a_revoked_certificate_is_genuine_but_void(office: Office) -> None:
    number = office.start(SG)["number"]
    office.walk(number, "the end")
    paper = office.sign_in("sg_printer").sure().post(f"/cases/{number}/documents/certificate/print").data
    office.wait(days=3)
    (row,) = office.sign_in("sg_clerk").get("/certificates").get_json()["items"]
    change = propose(office, row).get_json()["number"]
    decided(office, change)
    served(office, change)
    form = {"file": (io.BytesIO(paper), "licence.pdf")}
    found = office.client().post("/api/v1/public/files/verify", data=form).get_json()
    assert (found["status"], found["standing"]) == ("genuine", "revoked")


def test_a_refused_proposal_leaves_the_certificate_in_force(office: Office) -> None:
    row = printed(office)
    number = propose(office, row).get_json()["number"]
    decided(office, number, "refuse")
    assert verified(office, row["number"])["standing"] == "valid"
    assert office.case(number)["outcome"] == "kept"
    assert propose(office, row).status_code == 201, "another may be proposed once the first is over"


def test_the_holder_may_be_heard_before_the_five_days_are_over(office: Office) -> None:
    number = propose(office, printed(office)).get_json()["number"]
    body = {"kind": "statement", "answers": {"statement_text": "材料系代办人提交，本人不知情"}}
    assert office.sign_in("sg_clerk").post(f"/cases/{number}/messages", body).status_code == 200
    assert [one["element_id"] for one in office.case(number)["user_tasks"]] == ["legal_review"]


def test_a_change_needs_its_paper_its_reason_and_another_person(office: Office) -> None:
    row = printed(office)
    assert propose(office, row, legal_basis="").status_code == 422
    assert propose(office, row, reason=" ").status_code == 422
    assert propose(office, row, by="sg_head").get_json()["code"] == "not_permitted"
    assert propose(office, row, by="mz_officer").status_code == 404
    number = propose(office, row, by="sg_section", kind="reissue", legal_basis="").get_json()["number"]
    assert propose(office, row).get_json()["code"] == "move_refused"
    answers = {"change_decision": "grant", "change_reason": "遗失声明属实"}
    own = complete(office, number, "review_reissue", "sg_section", **answers)
    assert own.get_json()["code"] == "separation_of_duty"


def test_nothing_is_decided_without_the_paper(office: Office) -> None:
    row = printed(office)
    number = propose(office, row, kind="cancel").get_json()["number"]
    given = {"legal_opinion": "lawful", "legal_note": "符合注销情形"}
    refused = complete(office, number, "legal_review", "sg_legal", **given)
    assert refused.get_json()["code"] == "control_node_missing"
    assert [one["material"] for one in refused.get_json()["errors"]] == ["change_paper"]
    assert office.sign_in("sg_officer").upload(number, "change_paper", PDF).status_code == 201
    do(office, number, "legal_review", "sg_legal", **given)
    assert [one["key"] for one in office.case(number)["materials"] if one["have"]] == ["change_paper"]


def test_a_replacement_has_a_new_number_and_the_former_one_is_void(office: Office) -> None:
    row = printed(office)
    number = propose(office, row, kind="reissue", legal_basis="", by="sg_clerk").get_json()["number"]
    assert office.sign_in("sg_clerk").upload(number, "change_paper", PDF).status_code == 201
    do(office, number, "review_reissue", "sg_section", change_decision="grant", change_reason="遗失声明属实，同意补发")
    office.stepping.look()
    former = verified(office, row["number"])
    assert former["standing"] == "replaced" and former["replaced_by"] not in (None, row["number"])
    missing = office.client().get("/api/v1/public/certificates", query_string={"number": former["replaced_by"]})
    assert missing.status_code == 404, "nobody holds it before it is printed"
    again = office.sign_in("sg_printer").sure().post(f"/cases/{row['case_number']}/documents/certificate/print")
    assert again.status_code == 200, again.text
    assert verified(office, former["replaced_by"])["standing"] == "valid"


def test_a_correction_changes_what_the_new_certificate_says(office: Office) -> None:
    row = printed(office)
    fields = office.sign_in("sg_clerk").get(f"/certificates/{row['id']}").get_json()["correctable"]
    key = next(one["key"] for one in fields if one["key"] == "legal_rep_name")
    wrong = propose(office, row, kind="correct", corrections={"business_form": "hotel"})
    assert wrong.status_code == 422
    assert propose(office, row, kind="correct").status_code == 422, "nothing to correct"
    answer = propose(office, row, kind="correct", corrections={key: "#eval[赵六]"})
    assert answer.status_code == 201, answer.text
    number = answer.get_json()["number"]
    page = visit(office, "sg_legal").page(f"/cases/{number}")
    before = next(one["value"] for one in fields if one["key"] == key)
    assert f'更正：法定代表人</dt><dd lang="zh-CN"><del>{before}</del> → <ins>#eval[赵六]</ins>' in page
    assert "legal_rep_name" not in page
    assert office.sign_in("sg_officer").upload(number, "change_paper", PDF).status_code == 201
    do(office, number, "legal_review", "sg_legal", legal_opinion="lawful", legal_note="属笔误")
    do(office, number, "decide", "sg_head", change_decision="grant", change_reason="登记时误录，予以更正")
    office.stepping.look()
    decision = office.sign_in("sg_clerk").sure().post(f"/cases/{number}/documents/change_decision/print")
    assert decision.status_code == 200, decision.text
    assert f"“{before}”更正为“#eval[赵六]”" in text_of(decision.data).replace("\n", "")
    again = office.sign_in("sg_printer").sure().post(f"/cases/{row['case_number']}/documents/certificate/print")
    assert again.status_code == 200 and "#eval[赵六]" in text_of(again.data)
    assert f"原编号 {row['number']} 的证照作废" in text_of(again.data)


def served(office: Office, number: str) -> None:
    do(office, number, "serve", "sg_clerk", delivery_way="hand", receiver_name="王晓燕")
    office.stepping.look()


def text_of(pdf: bytes) -> str:
    found = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_bounded() for page in found).replace("\r\n", "")


def test_the_list_is_filtered_and_walked_in_pages(office: Office) -> None:
    rows = [printed_another(office) for _ in range(3)]
    clerk = office.sign_in("sg_clerk")
    first = clerk.get("/certificates?limit=2").get_json()
    assert (len(first["items"]), first["total"]) == (2, 3)
    rest = clerk.get(f"/certificates?limit=2&cursor={first['next']}").get_json()
    assert [one["id"] for one in first["items"] + rest["items"]] == sorted((r["id"] for r in rows), reverse=True)
    assert clerk.get(f"/certificates?q={rows[0]['number'][-6:]}").get_json()["total"] == 1
    assert clerk.get("/certificates?standing=revoked").get_json()["total"] == 0
    assert clerk.get("/certificates?standing=valid&power_item=LJ-SG-XK-001").get_json()["total"] == 3
    assert clerk.get("/certificates?standing=expiring&days=3650").get_json()["total"] == 3
    assert clerk.get("/certificates?standing=expiring&days=1").get_json()["total"] == 0
    assert clerk.get("/certificates?standing=gone").status_code == 422


def printed_another(office: Office) -> dict[str, Any]:
    number = office.start(SG)["number"]
    office.walk(number, "the end")
    assert office.sign_in("sg_printer").sure().post(f"/cases/{number}/documents/certificate/print").status_code == 200
    rows = office.sign_in("sg_clerk").get("/certificates").get_json()["items"]
    return dict(next(one for one in rows if one["case_number"] == number))


def test_the_holder_is_reminded_twice_and_the_certificate_runs_out(office: Office) -> None:
    row = printed(office)
    until = date.fromisoformat(row["valid_until"])

    def reminders() -> list[str]:
        found = office.sign_in("sup2").get(f"/notices?case={row['case_number']}&limit=200").get_json()["items"]
        return [one["text"] for one in found if one["kind"] == "certificate_expiring"]

    assert reminders() == []
    office.wait(days=(until - timedelta(days=60) - today(office)).days + 1)
    assert len(reminders()) == 1 and row["number"] in reminders()[0]
    office.wait(days=25)
    assert len(reminders()) == 2
    assert office.sign_in("sg_clerk").get(f"/certificates/{row['id']}").get_json()["reminded_at"] is not None
    office.wait(days=(until - today(office)).days + 1)
    assert verified(office, row["number"])["standing"] == "expired"
    assert office.sign_in("sg_clerk").get("/certificates?standing=expired").get_json()["total"] == 1


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2027-12-31", [date(2027, 11, 1), date(2027, 11, 24)]),
        ("2027-01-05", [date(2026, 11, 24), date(2026, 11, 29)]),
        ("2026-12-20", []),
        (None, []),
    ],
)
def test_reminders_come_while_renewal_can_still_be_applied_for(until: str | None, expected: list[date]) -> None:
    assert list(reminder_days(term_of(None, until), date(2026, 11, 23))) == expected


def test_the_last_day_still_counts_and_a_decision_goes_before_the_days() -> None:
    term = term_of("2026-01-01", "2026-11-23")
    assert standing_on("valid", term, date(2026, 11, 23)) == "valid"
    assert standing_on("valid", term, date(2026, 11, 24)) == "expired"
    assert standing_on("valid", term, date(2025, 12, 31)) == "not_yet"
    assert standing_on("revoked", term, date(2026, 11, 24)) == "revoked"


def granted(office: Office, item: str, applicant: dict[str, str] | None = None, **answers: Any) -> dict[str, Any]:
    """Another certificate of an item, printed: its row on the register."""
    body = office.application(item, **answers)
    body["answers"] |= {key: value for key, value in answers.items() if key in body["answers"]}
    body["applicant"] = applicant or body["applicant"]
    place = item.split("-")[1].lower()
    started = office.sign_in(f"{place}_clerk").post("/cases", body)
    assert started.status_code == 201, started.text
    number = str(started.get_json()["number"])
    office.walk(number, "the end", **answers)
    kind = "cancel_proof" if answers.get("reg_kind") == "cancel" else "certificate"
    answer = office.sign_in(f"{place}_printer").sure().post(f"/cases/{number}/documents/{kind}/print")
    assert answer.status_code == 200, answer.text
    office.wait(minutes=1)
    rows = office.sign_in(f"{place}_clerk").get("/certificates").get_json()["items"]
    return next((one for one in rows if one["case_number"] == number), {})


def test_a_renewed_licence_takes_the_place_of_the_one_that_it_names(office: Office) -> None:
    old = printed(office)
    new = granted(office, SG, application_kind="extend", layout_changed="no", old_cert_no=old["number"])
    (found,) = [one for one in shown(office) if one["id"] == old["id"]]
    assert (found["standing"], found["replaced_by"]) == ("replaced", new["number"])
    assert verified(office, old["number"])["standing"] == "replaced"
    assert kinds(office, old["case_number"])[-1] == "certificate_superseded"
    refused = office.sign_in("sg_printer").sure().post(f"/cases/{old['case_number']}/documents/certificate/print")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "certificate_ended")
    told = [one["text"] for one in office.sign_in("sup2").get("/notices").get_json()["items"]]
    assert any(new["number"] in text and old["number"] in text for text in told)


def test_the_number_of_somebody_elses_licence_ends_nothing(office: Office) -> None:
    old = printed(office)
    stranger = {"name": "临江县口岸餐饮有限公司", "credit_code": "91329901MA1T5U6Y0K", "mobile": "13800138009"}
    granted(office, SG, stranger, application_kind="extend", layout_changed="no", old_cert_no=old["number"])
    assert [one["standing"] for one in shown(office) if one["id"] == old["id"]] == ["valid"]


def test_a_permit_to_dig_is_in_force_on_the_days_that_it_names(office: Office) -> None:
    body = office.application("LJ-ZJ-ZS-001", pavement="brick")
    answers = body["answers"]
    number = str(office.sign_in("zj_clerk").post("/cases", body).get_json()["number"])
    office.walk(number, "await_payment")
    (notice,) = office.sign_in("zj_clerk").get(f"/cases/{number}/fees").get_json()["notices"]
    assert bank_says(office, notice).status_code == 200
    printer = office.sign_in("zj_printer").sure()
    assert printer.post(f"/cases/{number}/documents/certificate/print").status_code == 200
    (row,) = office.sign_in("zj_clerk").get("/certificates").get_json()["items"]
    assert (row["valid_from"], row["valid_until"]) == (answers["dig_from"], answers["dig_until"])
    assert verified(office, row["number"])["valid_until"] == answers["dig_until"]


def test_a_cancelled_registration_ends_the_certificate_of_the_organisation(office: Office) -> None:
    code = office.application("LJ-MZ-XK-001", reg_kind="cancel")["answers"]["org_code"]
    old = granted(office, "LJ-MZ-XK-001", {**ASSOCIATION, "credit_code": code}, reg_kind="found")
    granted(office, "LJ-MZ-XK-001", {**ASSOCIATION, "credit_code": code}, reg_kind="cancel", org_code=code)
    (found,) = [one for one in shown(office, "mz_clerk") if one["id"] == old["id"]]
    assert found["standing"] == "cancelled"
    assert kinds(office, old["case_number"])[-1] == "certificate_cancelled"


def test_a_transfer_is_registered_for_the_buyer_and_ends_the_sellers_certificate(office: Office) -> None:
    old = registered(office)
    buyer = office.application("LJ-ZR-QR-001")["answers"]["buyer_name"]
    assert (old["holder"], old["standing"]) == (buyer, "valid")
    number = started(
        office, OTHER, seller_id=OWNER["id_number"], buyer_id=OTHER["id_number"], old_cert_no=old["number"]
    )
    office.walk(number, "await_payment")
    (notice,) = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"]
    assert bank_says(office, notice, receipt_no="0000000002").status_code == 200
    assert office.sign_in("zr_printer").sure().post(f"/cases/{number}/documents/certificate/print").status_code == 200
    office.wait(minutes=1)
    rows = {one["case_number"]: one for one in shown(office, "zr_clerk")}
    assert rows[old["case_number"]]["standing"] == "replaced"
    assert rows[old["case_number"]]["replaced_by"] == rows[number]["number"]


def shown(office: Office, by: str = "sg_clerk") -> list[dict[str, Any]]:
    return list(office.sign_in(by).get("/certificates").get_json()["items"])


@pytest.mark.parametrize(
    ("first", "validity", "last"),
    [
        ("2026-03-01", "P5Y", "2031-02-28"),
        ("2026-11-24", "P5Y", "2031-11-23"),
        ("2025-03-01", "P3Y", "2028-02-29"),
        ("2024-02-29", "P3Y", "2027-02-28"),
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2026-10-01", "P1Y6M", "2028-03-31"),
        ("2026-10-01", "P30D", "2026-10-30"),
        ("2026-10-01", "P5Y to start building (Art. 24)", None),
        ("2026-10-01", "P", None),
        ("2026-10-01", None, None),
    ],
)
def test_a_term_ends_the_day_before_its_anniversary(first: str, validity: str | None, last: str | None) -> None:
    found = last_day(date.fromisoformat(first), validity)
    assert (found.isoformat() if found else None) == last


def test_a_decision_that_names_no_last_day_gives_the_term_of_the_item(office: Office) -> None:
    number = office.start(SG)["number"]
    office.walk(number, "decide")
    office.work(number, "decide", valid_from="2027-03-01", valid_until=None)
    office.walk(number, "the end")
    paper = office.sign_in("sg_printer").sure().post(f"/cases/{number}/documents/certificate/print")
    assert paper.status_code == 200, paper.text
    assert re.search(r"2032年0?2月2?9日|2032-02-29", text_of(paper.data)), text_of(paper.data)
    (row,) = office.sign_in("sg_clerk").get("/certificates").get_json()["items"]
    assert (row["valid_from"], row["valid_until"]) == ("2027-03-01", "2032-02-29")
    assert verified(office, row["number"])["valid_until"] == "2032-02-29"
    office.wait(days=(date(2032, 2, 1) - today(office)).days)
    found = office.sign_in("sup2").get(f"/notices?case={number}&limit=200").get_json()["items"]
    assert [one["kind"] for one in found].count("certificate_expiring") == 2
    office.wait(days=30)
    assert verified(office, row["number"])["standing"] == "expired"


@pytest.mark.parametrize(
    ("until", "code"), [("2032-02-29", None), ("2032-03-01", "not_after"), ("2027-02-28", "not_before")]
)
def test_a_decision_may_give_less_than_the_term_of_the_item_and_never_more(
    office: Office, until: str, code: str | None
) -> None:
    number = office.start(SG)["number"]
    office.walk(number, "decide")
    answer = office.complete(number, "decide", "sg_vice", valid_from="2027-03-01", valid_until=until)
    if code is None:
        assert answer.status_code == 200, answer.text
        return
    assert answer.status_code == 422, answer.text
    (detail,) = answer.get_json()["errors"]
    assert (detail["code"], detail["pointer"]) == (code, "/answers/valid_until")


def test_a_changed_licence_keeps_the_last_day_of_the_one_that_it_replaces(office: Office) -> None:
    old = printed(office)
    changed = {"application_kind": "change", "layout_changed": "no", "old_cert_no": old["number"]}
    new = granted(office, SG, **changed, valid_until=None)
    assert new["valid_until"] == old["valid_until"]
    (found,) = [one for one in shown(office) if one["id"] == old["id"]]
    assert found["standing"] == "replaced"


def test_a_change_of_a_licence_that_is_not_on_the_register_needs_its_last_day(office: Office) -> None:
    body = office.application(SG, application_kind="change", layout="no")
    number = str(office.sign_in("sg_clerk").post("/cases", body).get_json()["number"])
    office.walk(number, "decide", application_kind="change", layout="no")
    answer = office.complete(number, "decide", "sg_vice", valid_until=None)
    assert answer.status_code == 422, answer.text
    (detail,) = answer.get_json()["errors"]
    assert (detail["code"], detail["pointer"]) == ("required", "/answers/valid_until")


def test_a_change_of_a_licence_that_ends_before_the_new_one_begins_is_refused(office: Office) -> None:
    old = printed(office)
    changed = {"application_kind": "change", "layout_changed": "no", "old_cert_no": old["number"]}
    body = office.application(SG, **changed)
    body["answers"] |= {key: value for key, value in changed.items() if key in body["answers"]}
    number = str(office.sign_in("sg_clerk").post("/cases", body).get_json()["number"])
    office.walk(number, "decide", **changed)
    begins = date.fromisoformat(old["valid_until"]) + timedelta(days=1)
    answer = office.complete(number, "decide", "sg_vice", valid_from=begins.isoformat(), valid_until=None)
    assert answer.status_code == 422, answer.text
    (detail,) = answer.get_json()["errors"]
    assert (detail["code"], detail["pointer"]) == ("not_after", "/answers/valid_from")


def test_what_was_decided_before_the_term_was_counted_gets_its_last_day_with_the_first_copy(office: Office) -> None:
    number = office.start(SG)["number"]
    office.walk(number, "print_certificate", valid_from="2027-03-01")
    with office.engine.begin() as connection:
        decided = connection.execute(
            select(user_task.c.id, user_task.c.answers).where(user_task.c.form_key == "decide")
        )
        for task_id, answers in decided.all():
            change = user_task.update().where(user_task.c.id == task_id)
            connection.execute(change.values(answers=answers | {"valid_until": None}))
        paper = connection.execute(
            select(document.c.id, document.c.content).where(document.c.kind == "certificate")
        ).one()
        change = document.update().where(document.c.id == paper.id)
        connection.execute(change.values(content=paper.content | {"valid_until": None}))
    office.walk(number, "the end")
    paper = office.sign_in("sg_printer").sure().post(f"/cases/{number}/documents/certificate/print")
    assert paper.status_code == 200, paper.text
    assert re.search(r"2032年0?2月2?9日|2032-02-29", text_of(paper.data)), text_of(paper.data)
    assert verified(office, shown(office)[0]["number"])["valid_until"] == "2032-02-29"
