"""罚款专用票据 over the interface and on the pages: books, who has them, what became of each number."""

from __future__ import annotations

from typing import Any

from service.database.session import reading
from service.reads.tickets import officers_of_department
from tests.service_fixtures import Office
from tests.web.visiting import told, visit

SERIES = "FINE2026"


def officer_id(office: Office, department: str = "CG") -> int:
    with reading(office.engine) as connection:
        return officers_of_department(connection, department)[0][0]


def book(office: Office, first: int = 1, last: int = 5) -> dict[str, Any]:
    """A book of the city's officer."""
    body = {"series": SERIES, "first": first, "last": last, "department": "CG", "reason": "领用"}
    made = office.sign_in("cz_cashier").post("/ticket-books", body)
    assert made.status_code == 201, made.text
    given = {"officer": officer_id(office), "reason": "上路执法"}
    answer = office.sign_in("cg_cashier").post(f"/ticket-books/{made.get_json()['id']}/allot", given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_book_over_the_interface(office: Office) -> None:
    made = book(office)
    assert made["officer_id"] == officer_id(office) and made["leaves"]["blank"] == 5
    cashier = office.sign_in("cg_cashier")
    again = office.sign_in("cz_cashier").post(
        "/ticket-books", {"series": SERIES, "first": 5, "last": 9, "department": "CG", "reason": "领用"}
    )
    assert (again.status_code, again.get_json()["errors"][0]["pointer"]) == (422, "/first")
    body = {"status": "void", "first": 1, "last": 1, "reason": "填写错误"}
    kept = cashier.post(f"/ticket-books/{made['id']}/settle", body)
    assert (kept.status_code, kept.get_json()["code"]) == (422, "ticket_refused")
    done = cashier.post(f"/ticket-books/{made['id']}/settle", {**body, "both_parts_kept": True}).get_json()
    assert [one["status"] for one in done["numbers"]] == ["void", *["blank"] * 4]
    listed = cashier.get("/ticket-books").get_json()
    assert listed["total"] == 1 and listed["items"][0]["leaves"]["void"] == 1
    assert office.sign_in("sg_section").get(f"/ticket-books/{made['id']}").status_code == 404
    assert office.sign_in("yj_clerk").get("/ticket-books").status_code == 403


def test_a_book_at_the_pages(office: Office) -> None:
    finance, cashier = visit(office, "cz_cashier"), visit(office, "cg_cashier")
    form = {"series": SERIES, "first": "1", "last": "3", "department": "CG", "reason": "领用"}
    wrong = finance.send("/ticket-books", **{**form, "first": "七"})
    assert wrong.status_code == 422 and "号段须为" in told(wrong.text)
    assert "票据本已登记" in told(finance.sent("/ticket-books", **form))
    assert cashier.send("/ticket-books", **form).status_code == 403
    page = cashier.sent("/ticket-books/1/allot", officer=str(officer_id(office)), reason="上路执法")
    assert "票据本已发给执法人员" in told(page)
    officer = visit(office, "cg_officer")
    bad = officer.send("/ticket-books/1/settle", status="void", first="1", last="1", reason="填写错误")
    assert bad.status_code == 422 and "各联须齐全留存" in told(bad.text)
    done = officer.sent(
        "/ticket-books/1/settle", status="void", first="1", last="1", reason="填写错误", both_parts_kept="yes"
    )
    assert "已登记 1 份" in told(done)
    assert officer.send("/ticket-books/1/burn", reason="x").status_code == 404
    finance.sent("/ticket-books", **{**form, "first": "9", "last": "9"})
    assert "00000004" in finance.page("/ticket-books")
    assert visit(office, "sg_cashier").get("/ticket-books/1").status_code == 404
