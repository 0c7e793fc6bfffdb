"""A certificate of an earlier case stands for a file: the applicant's own, in force today, its digest linked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from service.database.session import reading, transaction
from service.database.tables import attachment, certificate, document_copy
from tests.service_fixtures import Office
from tests.web.test_api_papers import bank_says
from tests.web.test_task_moves import kinds
from tests.web.visiting import told, visit

ZR = "LJ-ZR-QR-001"
OWNER = {"name": "张伟明", "id_number": "329901198506072015", "mobile": "13800138001"}
OTHER = {"name": "李秀兰", "id_number": "32990119921103004X", "mobile": "13800138002"}


def started(office: Office, applicant: dict[str, str] = OWNER, **answers: Any) -> str:
    body = office.application(ZR)
    body["applicant"] = applicant
    body["answers"] |= {"seller_id": OTHER["id_number"], "buyer_id": OWNER["id_number"], **answers}
    given = office.sign_in("zr_clerk").post("/cases", body)
    assert given.status_code == 201, given.text
    return str(given.get_json()["number"])


def registered(office: Office, applicant: dict[str, str] = OWNER) -> dict[str, Any]:
    """A certificate that was paid for, printed and handed over."""
    seller = "329901197802153376" if applicant is OTHER else OTHER["id_number"]
    number = started(office, applicant, seller_id=seller, buyer_id=applicant["id_number"])
    office.walk(number, "await_payment")
    (notice,) = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"]
    assert bank_says(office, notice).get_json() == {"booked": True}
    answer = office.sign_in("zr_printer").sure().post(f"/cases/{number}/documents/certificate/print")
    assert answer.status_code == 200, answer.text
    office.wait(days=1)
    rows = office.sign_in("zr_clerk").get("/certificates").get_json()["items"]
    return next(one for one in rows if one["case_number"] == number)


def offered(office: Office, number: str, by: str = "zr_clerk") -> list[Any]:
    return list(office.sign_in(by).get(f"/cases/{number}/earlier-certificates").get_json()["items"])


def hand_in(office: Office, number: str, certificate_id: int, material: str = "old_certificate") -> Any:
    body = {"material": material, "certificate": certificate_id}
    return office.sign_in("zr_clerk").post(f"/cases/{number}/attachments/certificates", body)


def test_the_applicants_certificate_stands_for_the_paper_and_is_shown_as_such(office: Office) -> None:
    row = registered(office)
    number = started(office)
    (found,) = offered(office, number)
    assert found["material"] == "old_certificate"
    assert [one["number"] for one in found["certificates"]] == [row["number"]]
    filed = hand_in(office, number, row["id"])
    assert filed.status_code == 201, filed.text
    assert filed.get_json()["certificate"]["number"] == row["number"]
    assert hand_in(office, number, row["id"]).get_json()["id"] == filed.get_json()["id"], "once is enough"
    with reading(office.engine) as connection:
        copy = connection.execute(select(document_copy.c.digest)).scalar_one()
        kept = connection.execute(select(attachment).where(attachment.c.id == filed.get_json()["id"])).one()
    assert (kept.digest, kept.certificate_id) == (copy, row["id"])
    (material,) = [one for one in office.case(number)["materials"] if one["key"] == "old_certificate"]
    assert (material["have"], material["missing"]) == (1, False)
    assert kinds(office, number)[-1] == "certificate_reused"
    page = visit(office, "zr_clerk").page(f"/cases/{number}")
    assert "电子证照 · 有效" in told(page)


def test_the_sellers_certificate_is_found_by_the_field_that_the_material_names(office: Office) -> None:
    row = registered(office, OTHER)
    assert [one["material"] for one in offered(office, started(office))] == ["old_certificate"]
    number = started(office, seller_id="329901197802153376")
    assert offered(office, number) == []
    assert hand_in(office, number, row["id"]).get_json()["code"] == "certificate_ended"


def test_what_has_ended_run_out_or_belongs_to_another_is_not_taken(office: Office) -> None:
    row = registered(office)
    number = started(office)
    assert hand_in(office, number, row["id"], "contract").get_json()["code"] == "certificate_ended"
    assert hand_in(office, number, row["id"] + 1000).get_json()["code"] == "certificate_ended"
    stranger = started(office, OTHER, seller_id="329901197802153376")
    assert hand_in(office, stranger, row["id"]).get_json()["code"] == "certificate_ended"
    for values in ({"valid_until": date(2026, 11, 1)}, {"valid_until": None, "standing": "revoked"}):
        with transaction(office.engine) as connection:
            connection.execute(update(certificate).values(**values))
        assert offered(office, number) == []
        assert hand_in(office, number, row["id"]).get_json()["code"] == "certificate_ended"
    with reading(office.engine) as connection:
        assert connection.execute(select(attachment.c.id).where(attachment.c.certificate_id.is_not(None))).all() == []


def test_a_certificate_that_is_revoked_later_is_marked_on_the_case(office: Office) -> None:
    row = registered(office)
    number = started(office)
    clerk = visit(office, "zr_clerk")
    page = clerk.page(f"/cases/{number}")
    assert "或者引用申请人已有的电子证照" in page and row["number"] in page
    form = {"material": "old_certificate", "certificate": str(row["id"])}
    assert "已引用电子证照" in clerk.sent(f"/cases/{number}/attachments/certificate", **form)
    with transaction(office.engine) as connection:
        connection.execute(update(certificate).values(standing="revoked"))
    assert "电子证照 · 已依法撤销" in told(clerk.page(f"/cases/{number}"))


@pytest.mark.parametrize("how", ["seen", "refused"])
def test_no_decision_stands_on_a_certificate_that_was_revoked_meanwhile(office: Office, how: str) -> None:
    row = registered(office)
    number = started(office)
    file = hand_in(office, number, row["id"]).get_json()["id"]
    office.walk(number, "decide")
    clerk = office.sign_in("zr_clerk")
    path = f"/cases/{number}/attachments/{file}/examination"
    assert clerk.put(path, {"original_seen": True}).get_json()["code"] == "not_permitted"
    with transaction(office.engine) as connection:
        connection.execute(update(certificate).values(standing="revoked", ended_at=office.now))
    refused = decided(office, number)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "control_node_missing")
    (error,) = refused.get_json()["errors"]
    assert (error["code"], error["material"]) == ("certificate_ended", "old_certificate")
    assert row["number"] in error["message"]
    assert kinds(office, number)[-1] == "act_refused"
    assert "与原件核对" in told(visit(office, "zr_clerk").page(f"/cases/{number}"))
    office.wait(minutes=1)
    body = {"original_seen": True} if how == "seen" else {"original_seen": False, "refused_because": "证照已被撤销"}
    assert clerk.put(path, body).status_code == 200
    assert decided(office, number).status_code == 200


def test_a_certificate_that_was_only_replaced_stops_nothing(office: Office) -> None:
    row = registered(office)
    number = started(office)
    hand_in(office, number, row["id"])
    office.walk(number, "decide")
    with transaction(office.engine) as connection:
        connection.execute(update(certificate).values(standing="replaced", ended_at=office.now))
    assert decided(office, number).status_code == 200


def decided(office: Office, number: str) -> Any:
    task = office.task(number, "decide")
    office.wait(minutes=40)
    answers = office.answers(ZR, "decide")
    head = office.sign_in(f"zr_{task['post']}").sure()
    return head.post(f"/user-tasks/{task['id']}/complete", {"answers": answers})


def test_who_does_not_handle_papers_learns_of_no_certificate(office: Office) -> None:
    registered(office)
    number = started(office)
    assert offered(office, number, "auditor") == []
    assert office.sign_in("sg_clerk").get(f"/cases/{number}/earlier-certificates").status_code == 404
