"""Materials, documents, fees and the bank over the interface."""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from service.database.session import reading, transaction
from service.database.tables import attachment, payment_notice, power_item
from service.gateways.signing import signed_headers
from tests.service_fixtures import PDF, Office

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 20
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 20


def office_file(part: str, *more: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        for name in ("[Content_Types].xml", part, *more):
            package.writestr(name, "<x/>")
    return held.getvalue()


TAKEN = {
    "application/pdf": PDF,
    "image/png": PNG,
    "image/jpeg": JPEG,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": office_file("word/document.xml"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": office_file("xl/workbook.xml"),
}


@pytest.mark.parametrize("media_type", TAKEN)
def test_a_file_is_known_by_its_bytes_whatever_its_name(office: Office, media_type: str) -> None:
    content, number = TAKEN[media_type], office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    taken = clerk.upload(number, "application_form", content, name="../../temp/申请书\u202efdp.exe")
    assert taken.status_code == 201, taken.text
    file = taken.get_json()
    assert (file["media_type"], file["size"]) == (media_type, len(content))
    assert file["digest"] == hashlib.sha256(content).hexdigest()
    assert file["filename"] == "申请书fdp.exe"
    back = clerk.get(f"/cases/{number}/attachments/{file['id']}")
    assert back.data == content
    assert back.headers["Content-Disposition"].startswith("attachment")
    assert back.headers["X-Content-Type-Options"] == "nosniff"


def test_a_document_with_macros_is_refused(office: Office) -> None:
    number = office.start()["number"]
    content = office_file("word/document.xml", "word/vbaProject.bin")
    refused = office.sign_in("yj_clerk").upload(number, "application_form", content)
    assert refused.get_json()["code"] == "unsupported_media"


def test_what_is_shown_inside_a_page_is_shut_in_a_sandbox(office: Office) -> None:
    number = office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    for content, inline in ((PDF, True), (TAKEN["image/png"], True), (office_file("xl/workbook.xml"), False)):
        file = clerk.upload(number, "application_form", content).get_json()
        shown = clerk.get(f"/cases/{number}/attachments/{file['id']}?disposition=inline")
        assert shown.data == content
        assert shown.headers["Content-Disposition"].startswith("inline") == inline
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        assert "script-src" not in shown.headers["Content-Security-Policy"]


def test_a_new_version_takes_the_place_of_a_file_that_stays_on_record(office: Office) -> None:
    number = office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    first = clerk.upload(number, "application_form", PDF).get_json()
    second = clerk.upload(number, "application_form", PNG, replaces=str(first["id"])).get_json()
    material = next(
        one for one in clerk.get(f"/cases/{number}").get_json()["materials"] if one["key"] == "application_form"
    )
    assert [one["id"] for one in material["files"]] == [second["id"]]
    assert [(one["id"], one["replaced_by"]) for one in material["former"]] == [(first["id"], second["id"])]
    assert clerk.get(f"/cases/{number}/attachments/{first['id']}").data == PDF
    again = clerk.upload(number, "application_form", PDF, replaces=str(first["id"]))
    elsewhere = clerk.upload(number, "business_licence", PDF, replaces=str(second["id"]))
    odd = clerk.upload(number, "application_form", PDF, replaces="²")
    assert [one.status_code for one in (again, elsewhere, odd)] == [404, 404, 422]


def test_a_refused_paper_says_why_in_the_case_and_an_original_that_was_seen_when(office: Office) -> None:
    number = office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    file = clerk.upload(number, "business_licence", PDF).get_json()
    place = f"/cases/{number}/attachments/{file['id']}/examination"
    refused = clerk.put(place, {"original_seen": False, "refused_because": "执照已过期"}).get_json()
    material = next(one for one in refused["materials"] if one["key"] == "business_licence")
    assert (material["have"], material["missing"], material["files"][0]["refused_because"]) == (0, True, "执照已过期")
    seen = clerk.put(place, {"original_seen": True}).get_json()
    material = next(one for one in seen["materials"] if one["key"] == "business_licence")
    assert (material["have"], material["files"][0]["refused_at"]) == (1, None)
    assert material["files"][0]["original_seen_at"]
    assert clerk.put(place, {"original_seen": "yes"}).status_code == 422
    assert office.sign_in("mz_clerk").put(place, {"original_seen": True}).status_code in (403, 404)


def test_plain_text_is_taken_where_the_material_allows_it_and_never_shown_in_a_page(office: Office) -> None:
    number = office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    text = "踏勘记录：设备完好。\n".encode()
    assert clerk.upload(number, "application_form", text).get_json()["code"] == "unsupported_media"
    allow_text(office, "application_form")
    file = clerk.upload(number, "application_form", text, name="记录.txt").get_json()
    assert file["media_type"] == "text/plain"
    shown = clerk.get(f"/cases/{number}/attachments/{file['id']}?disposition=inline")
    assert shown.headers["Content-Disposition"].startswith("attachment")
    for hostile in (b"<script>alert(1)</script>", b"<svg/onload=alert(1)>", b"#!/bin/sh", b"a\x00b", b"\xff\xfe\x3c"):
        assert clerk.upload(number, "application_form", hostile).get_json()["code"] == "unsupported_media"


def allow_text(office: Office, material: str) -> None:
    """The catalogue's row says that this material may be plain text."""
    with transaction(office.engine) as connection:
        of_item = power_item.c.code == "LJ-YJ-XK-001"
        content = connection.execute(select(power_item.c.content).where(of_item)).scalar_one()
        rows = [
            {**row, "also_accepts": ["text/plain"]} if row["key"] == material else row for row in content["materials"]
        ]
        connection.execute(update(power_item).where(of_item).values(content={**content, "materials": rows}))
    office.services.items._items.clear()


def test_a_file_may_be_taken_back_until_its_step_is_reached(office: Office) -> None:
    number = office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    first = clerk.upload(number, "application_form").get_json()
    assert clerk.call("DELETE", f"/cases/{number}/attachments/{first['id']}").status_code == 204
    assert clerk.get(f"/cases/{number}/attachments/{first['id']}").status_code == 404
    office.work(number, "formal_check")
    held = next(m for m in office.case(number)["materials"] if m["key"] == "application_form")["files"][0]
    refused = clerk.call("DELETE", f"/cases/{number}/attachments/{held['id']}")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")
    kinds = [e["kind"] for e in clerk.get(f"/cases/{number}/history").get_json()["items"]]
    assert kinds.count("material_removed") == 1


def test_the_same_bytes_twice_are_one_file_on_disk_and_unreferenced_ones_are_swept(office: Office) -> None:
    number = office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    digest = clerk.upload(number, "application_form").get_json()["digest"]
    assert clerk.upload(number, "business_licence").get_json()["digest"] == digest
    store = office.app.extensions["mingjing"].files
    stray = store.place("f" * 64)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"left by a transaction that was rolled back")

    def is_referenced(one: str) -> bool:
        with reading(office.engine) as connection:
            return connection.execute(attachment.select().where(attachment.c.digest == one)).first() is not None

    assert store.sweep(is_referenced, time.time() - 60) == 0, "what is young may still get its row"
    assert store.sweep(is_referenced, time.time() + 60) == 1
    assert store.place(digest).read_bytes() == PDF


def test_only_posts_that_handle_the_case_hand_in_files(office: Office) -> None:
    number = office.start()["number"]
    for other in ("yj_vice", "sup2"):
        refused = office.sign_in(other).upload(number, "application_form")
        assert (refused.status_code, refused.get_json()["code"]) == (403, "not_permitted")


# Documents ------------------------------------------------------------------------------------


def words(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/pdf"
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.data)).pages)


def test_an_acceptance_notice_tells_what_the_applicant_needs_to_follow_the_case(office: Office) -> None:
    case = office.start()
    number = case["number"]
    office.work(number, "formal_check")
    printed = words(office.sign_in("yj_clerk").post(f"/cases/{number}/documents/acceptance_notice/print"))
    assert "临江县应急管理局受理通知书临应急受〔2026〕0001号" in printed
    assert f"查询密码{case['secret']}" in printed
    assert "应于2026年12月14日前（含当日）办结" in printed
    assert "8营业执照电子1" in printed, "papers stand in the order of the catalogue"


def test_a_correction_notice_gives_thirty_days_from_its_own_day(office: Office) -> None:
    number = office.start()["number"]
    office.work(number, "formal_check", check_result="correction")
    printed = words(office.sign_in("yj_clerk").post(f"/cases/{number}/documents/correction_notice/print"))
    assert "申请书第3页法定代表人未签字" in printed
    assert "请于2026年12月23日前（含当日）补正" in printed


def test_a_non_acceptance_names_the_organ_that_is_competent(office: Office) -> None:
    number = office.start(beyond_county="yes")["number"]
    office.work(number, "formal_check", check_result="not_competent")
    printed = words(office.sign_in("yj_clerk").post(f"/cases/{number}/documents/non_acceptance/print"))
    assert "请向省应急管理厅提出申请" in printed
    assert "临江县人民法院" in printed


def test_a_certificate_states_its_item_and_every_copy_is_counted(office: Office) -> None:
    number = office.start()["number"]
    office.walk(number, "print_certificate")
    printer = office.sign_in("yj_printer").sure()
    first = words(printer.post(f"/cases/{number}/documents/certificate/print"))
    assert "苏WH安许证字〔2026〕00001" in first
    assert "工业乙醇、乙酸乙酯" in first
    assert "91329901MA1K2T3X6K" in first
    assert words(printer.post(f"/cases/{number}/documents/certificate/print")) != first, "each copy has its number"
    case = office.case(number)
    assert next(d for d in case["documents"] if d["kind"] == "certificate")["copies"] == 2
    history = printer.get(f"/cases/{number}/history").get_json()["items"]
    assert [e["payload"]["copy"] for e in history if e["kind"] == "document_printed"] == [1, 2]


def test_a_document_that_was_not_made_is_not_found(office: Office) -> None:
    number = office.start()["number"]
    for kind in ("refusal", "acceptance_notice", "nonsense"):
        refused = office.sign_in("yj_clerk").post(f"/cases/{number}/documents/{kind}/print")
        assert (refused.status_code, refused.get_json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("item", ["LJ-YJ-XK-001", "LJ-MZ-XK-001", "LJ-HB-XK-001", "LJ-SG-XK-001", "LJ-WJ-XK-001"])
def test_every_document_of_a_granted_case_can_be_printed(office: Office, item: str) -> None:
    number = office.start(item)["number"]
    for _ in range(12):
        case = office.walk(number, "print_certificate")
        if case["user_tasks"]:
            break
        office.wait(days=12)
    clerk = office.sign_in(f"{case['department'].lower()}_clerk")
    assert {d["kind"] for d in case["documents"]} >= {"acceptance_notice", "certificate"}
    for document in case["documents"]:
        printed = words(clerk.post(f"/cases/{number}/documents/{document['kind']}/print"))
        assert "".join(document["number"].split()) in printed


# Fees -----------------------------------------------------------------------------------------


def at_payment(office: Office) -> str:
    number: str = office.start("LJ-ZR-QR-001", extra_copies=2)["number"]
    office.walk(number, "await_payment")
    return number


def bank_says(office: Office, notice: dict[str, Any], *, key: bytes | None = None, **other: Any) -> TestResponse:
    """The bank's callback about a notice, signed as the bank signs."""
    said = {
        "event": "paid",
        "receipt_no": "0000000001",
        "pay_code": notice["pay_code"],
        "payer": notice["payer"],
        "amount_fen": notice["amount_fen"],
        "paid_at": office.now.isoformat(),
        "bank": "临江农村商业银行",
        **other,
    }
    body = json.dumps(said).encode()
    headers = signed_headers(body, key or office.services.settings.bank_key, now=office.now)
    return office.client().post("/bank/callbacks", data=body, headers=headers, content_type="application/json")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_fen": 10**30},
        {"amount_fen": 10_000.0},
        {"receipt_no": "1" * 65},
        {"receipt_no": "1\x00"},
        {"receipt_no": " "},
        {"paid_at": "0001-01-01T00:00:00+08:00"},
        {"paid_at": "9999-12-31T23:59:59-12:00"},
    ],
)
def test_a_signed_payment_that_no_bank_could_mean_is_refused_and_changes_nothing(
    office: Office, wrong: dict[str, Any]
) -> None:
    notice = office.sign_in("zr_clerk").get(f"/cases/{at_payment(office)}/fees").get_json()["notices"][0]
    answer = bank_says(office, notice, **wrong)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")


def test_a_signed_text_that_is_nested_without_end_is_no_fault_of_ours(office: Office) -> None:
    body = b"[" * 20_000
    headers = signed_headers(body, office.services.settings.bank_key, now=office.now)
    answer = office.client().post("/bank/callbacks", data=body, headers=headers, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_request")


def test_a_fee_is_the_standards_and_no_certificate_is_printed_before_it_is_paid(office: Office) -> None:
    number = at_payment(office)
    clerk = office.sign_in("zr_clerk")
    fees = clerk.get(f"/cases/{number}/fees").get_json()
    assert [line["amount_fen"] for line in fees["items"]] == [8000, 2000]
    assert (fees["amount_fen"], fees["settled"]) == (10000, False)
    refused = office.sign_in("zr_printer").sure().post(f"/cases/{number}/documents/certificate/print")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "fee_unpaid")
    last = clerk.get(f"/cases/{number}/history").get_json()["items"]
    assert [e["payload"].get("code") for e in last if e["kind"] == "act_refused"] == ["fee_unpaid"]
    alarms = office.sign_in("zr_sup1").get("/alarms?kind=fee").get_json()["items"]
    assert len(alarms) == 1, "supervision is told of the try"
    notice = fees["notices"][0]
    assert len(notice["pay_code"]) == 20
    assert bank_says(office, notice).get_json() == {"booked": True}
    paid = clerk.get(f"/cases/{number}/fees").get_json()
    assert (paid["settled"], {line["status"] for line in paid["items"]}) == (True, {"paid"})
    assert "苏(2026)临江县不动产权第0000001号" in words(
        office.sign_in("zr_printer").post(f"/cases/{number}/documents/certificate/print")
    )


def test_asking_for_a_notice_gives_the_one_that_stands(office: Office) -> None:
    number = at_payment(office)
    clerk = office.sign_in("zr_clerk")
    first = clerk.post(f"/cases/{number}/payment-notices")
    second = clerk.post(f"/cases/{number}/payment-notices")
    assert first.status_code == second.status_code == 201
    assert first.get_json() == second.get_json()
    assert first.get_json()["amount_fen"] == 10000


def test_a_notice_comes_with_the_address_that_the_bank_gave_it(office: Office) -> None:
    number = at_payment(office)
    web = office.app.extensions["mingjing"]
    url = "http://127.0.0.1:1/pay/1"

    class Bank:
        def look(self) -> None:
            with transaction(office.engine) as connection:
                connection.execute(update(payment_notice).values(pay_url=url))

    web.stepping = Bank()
    clerk, headers = office.sign_in("zr_clerk"), {"Idempotency-Key": "n"}
    given = clerk.post(f"/cases/{number}/payment-notices", headers=headers)
    assert given.get_json()["pay_url"] == url
    assert clerk.post(f"/cases/{number}/payment-notices", headers=headers).get_json() == given.get_json()


def test_before_a_decision_there_is_no_notice(office: Office) -> None:
    number = office.start("LJ-ZR-QR-001")["number"]
    refused = office.sign_in("zr_clerk").post(f"/cases/{number}/payment-notices")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_waiting")


def test_a_callback_that_comes_twice_books_once(office: Office) -> None:
    number = at_payment(office)
    notice = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"][0]
    assert bank_says(office, notice).get_json() == {"booked": True}
    assert bank_says(office, notice).get_json() == {"booked": False}
    kinds = [e["kind"] for e in office.sign_in("auditor").get(f"/cases/{number}/history").get_json()["items"]]
    assert kinds.count("payment_received") == 1
    assert [t["element_id"] for t in office.case(number)["user_tasks"]] == ["print_certificate"]


def test_a_payment_that_the_bank_did_not_sign_is_not_booked(office: Office) -> None:
    number = at_payment(office)
    notice = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"][0]
    forged = bank_says(office, notice, key=b"somebody else's key, just as long")
    assert (forged.status_code, forged.get_json()["code"]) == (401, "not_signed_in")
    unsigned = office.client().post("/bank/callbacks", data=b"{}", content_type="application/json")
    assert unsigned.status_code == 401
    unknown = bank_says(office, {**notice, "pay_code": "9" * 20})
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "not_found")
    old = office.now + timedelta(minutes=10)
    body = b"{}"
    stale = signed_headers(body, office.services.settings.bank_key, now=old)
    assert office.client().post("/bank/callbacks", data=body, headers=stale).status_code == 401
    assert office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["settled"] is False
