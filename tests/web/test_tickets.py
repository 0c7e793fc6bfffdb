"""罚款专用票据 over the interface and on the pages: books, who has them, what became of each number."""

from __future__ import annotations

from typing import Any

from service.database.session import reading
from service.reads.tickets import officers_of_department
from tests.service_fixtures import Office
from tests.web.test_penalties import pay
from tests.web.visiting import told, visit

SERIES = "FINE2026"
SPOT, FINE, FIRST = "LJ-CG-CF-002", 50_00, f"{SERIES}-00000001"


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


def in_the_street(office: Office, **choices: Any) -> str:
    """A fine of fifty yuan that was decided and served on the spot, to be taken there."""
    number: str = office.start(SPOT, **choices)["number"]
    office.upload_all(number, "serve_decision", "cg_officer")
    for step in ("spot_decide", "serve_decision"):
        office.work(number, step, **choices)
    return number


def taken(office: Office) -> str:
    book(office)
    number = in_the_street(office)
    done = office.complete(number, "collect_fine", "cg_officer", ticket_number=FIRST)
    assert done.status_code == 200, done.text
    return number


def test_a_fine_goes_from_the_street_to_the_bank_over_the_interface(office: Office) -> None:
    number = in_the_street(office)
    officer, cashier = office.sign_in("cg_officer"), office.sign_in("cg_cashier")
    assert officer.get("/fine-tickets/next").get_json() == {"number": None}
    none = office.complete(number, "collect_fine", "cg_officer", ticket_number=FIRST)
    assert (none.status_code, none.get_json()["code"]) == (422, "ticket_refused")
    book(office)
    assert officer.get("/fine-tickets/next").get_json() == {"number": FIRST}
    assert office.complete(number, "collect_fine", "cg_officer", ticket_number=FIRST).status_code == 200
    mine = officer.get("/fine-tickets").get_json()
    assert [(one["number"], one["place"], one["amount_fen"]) for one in mine["items"]] == [(FIRST, "officer", FINE)]
    assert office.sign_in("cg_officer2").get("/fine-tickets").get_json()["total"] == 0
    early = cashier.post(f"/cases/{number}/cash/receive", {"amount_fen": FINE})
    assert (early.status_code, early.get_json()["code"]) == (409, "not_waiting")
    assert officer.post(f"/cases/{number}/cash/offer").get_json()["place"] == "offered"
    short = cashier.post(f"/cases/{number}/cash/receive", {"amount_fen": FINE - 1})
    assert short.get_json()["errors"][0]["pointer"] == "/amount_fen"
    assert cashier.post(f"/cases/{number}/cash/receive", {"amount_fen": FINE}).get_json()["place"] == "organ"
    ordered = cashier.post(f"/cases/{number}/cash/remit").get_json()
    assert ordered["place"] == "ordered" and len(ordered["pay_code"]) == 20
    pay(office, number, FINE, "B-1")
    assert cashier.get("/fine-tickets").get_json()["total"] == 0
    (done,) = cashier.get("/fine-tickets?view=banked").get_json()["items"]
    assert done["place"] == "bank" and done["taken_by"] and done["received_by"]
    ledger = office.sign_in("auditor").get(f"/cases/{number}/ledger").get_json()
    balances = {name: fen for name, fen in ledger["balances"].items() if fen}
    assert balances == {"bank": FINE, "income": FINE}
    kinds = [one["kind"] for one in ledger["items"]]
    assert kinds == ["fine_assessed", "taken_on_the_spot", "handed_over", "received"]
    assert [task["element_id"] for task in office.case(number)["user_tasks"]] == ["close_case"]


def test_nobody_else_moves_the_money(office: Office) -> None:
    number = taken(office)
    for who in ("cg_clerk", "sg_officer", "cg_officer2"):
        assert office.sign_in(who).post(f"/cases/{number}/cash/offer").status_code in (403, 404)
    office.sign_in("cg_officer").post(f"/cases/{number}/cash/offer")
    body = {"amount_fen": FINE}
    for who in ("cg_officer", "cg_section", "sg_cashier"):
        assert office.sign_in(who).post(f"/cases/{number}/cash/receive", body).status_code in (403, 404)
        assert office.sign_in(who).post(f"/cases/{number}/cash/remit").status_code in (403, 404)


def test_a_ground_that_the_law_does_not_give_is_refused_with_its_article(office: Office) -> None:
    number: str = office.start(SPOT, fine_amount=150_00)["number"]
    office.upload_all(number, "serve_decision", "cg_officer")
    office.work(number, "spot_decide", fine_amount=150_00)
    refused = office.complete(number, "serve_decision", "cg_officer", fine_amount=150_00)
    (error,) = refused.get_json()["errors"]
    assert (refused.status_code, error["pointer"]) == (422, "/answers/spot_ground")
    assert "第六十八条" in error["message"]


def test_the_money_at_the_pages(office: Office) -> None:
    number = taken(office)
    officer, cashier = visit(office, "cg_officer"), visit(office, "cg_cashier")
    page = officer.page("/cash")
    assert FIRST in page and f"{SERIES}-00000002" in page and "交款" in page
    assert "已提交交款" in told(officer.sent(f"/cash/{number}/offer"))
    assert "清点金额" in cashier.page("/cash")
    waiting = visit(office, "cg_section").page(f"/cases/{number}")
    assert "等执法人员交款、财务清点" in waiting and "已当场收缴，待缴银行" in waiting and "已缴清" not in waiting
    fine = office.sign_in("cg_section").get(f"/cases/{number}/fine").get_json()
    assert (fine["in_hand_fen"], fine["paid_fen"], fine["outstanding_fen"]) == (FINE, 0, 0)
    wrong = cashier.send(f"/cash/{number}/receive", amount="49")
    assert wrong.status_code == 422 and "须与票据金额一致" in told(wrong.text)
    assert cashier.send(f"/cash/{number}/receive", amount="").status_code == 422
    assert cashier.send(f"/cash/{number}/burn").status_code == 404
    assert visit(office, "cg_section").send(f"/cash/{number}/receive", amount="50").status_code == 403
    assert "已确认收到" in told(cashier.sent(f"/cash/{number}/receive", amount="50.00"))
    assert "缴款码已开具" in told(cashier.sent(f"/cash/{number}/remit"))
    assert "已开缴款码" in cashier.page("/cash")
    pay(office, number, FINE, "B-1")
    assert FIRST in cashier.page("/cash?view=banked") and FIRST not in cashier.page("/cash")
    case = visit(office, "cg_section").page(f"/cases/{number}")
    assert FIRST in case and "已缴银行" in case
    finance, own = (
        visit(office, "cz_cashier").page("/ticket-books/1"),
        visit(office, "cg_section").page("/ticket-books/1"),
    )
    assert "已缴银行" in finance and number in finance
    assert f'href="/cases/{number}"' in own and f'href="/cases/{number}"' not in finance


def test_anybody_can_tell_whether_a_ticket_is_genuine(office: Office) -> None:
    taken(office)
    public = visit(office)
    used = public.page(f"/public/verify?number={FIRST}")
    assert "真实" in used and "¥50.00" in used
    assert "有权拒绝缴纳" in public.page(f"/public/verify?number={SERIES}-00000002")
    assert "没有找到" in public.page(f"/public/verify?number={SERIES}-00000009")
    ask = office.client().get
    seen = ask("/api/v1/public/fine-tickets", query_string={"number": FIRST}).get_json()
    assert (seen["status"], seen["amount_fen"]) == ("used", FINE)
    assert ask("/api/v1/public/fine-tickets", query_string={"number": "X-1"}).status_code == 404


def test_a_book_is_given_back_and_counted_at_the_pages_and_over_the_interface(office: Office) -> None:
    made = book(office)
    officer, cashier = visit(office, "cg_officer"), visit(office, "cg_cashier")
    where = f"/ticket-books/{made['id']}"
    words = told(visit(office, "secadmin").page(f"/hand-over/{officer_id(office)}"))
    assert "手上的罚款票据和罚款" in words and "空白 5 份" in words and "未交回" in words
    refused = office.sign_in("secadmin").sure().post(f"/people/{officer_id(office)}/deactivate", {"reason": "调离"})
    assert (refused.status_code, refused.get_json()["errors"][0]["code"]) == (409, "book_held")
    assert "交回票据本" in told(officer.page(where)) and "清点无误" not in told(officer.page(where))
    assert "已提交交回" in told(officer.sent(f"{where}/offer", reason="调离执法岗位"))
    in_hand = office.sign_in("secadmin").get(f"/people/{officer_id(office)}/work-in-hand").get_json()
    assert [(one["blank"], one["offered"]) for one in in_hand["books"]] == [(5, True)]
    wrong = cashier.send(f"{where}/receive", blank="4", first_blank="1", reason="清点")
    assert wrong.status_code == 422 and "与登记不符" in told(wrong.text)
    body = {"blank": 5, "first_blank": 1, "reason": "清点无误"}
    assert office.sign_in("cg_officer").post(f"{where}/receive", body).status_code == 403
    back = office.sign_in("cg_cashier").post(f"{where}/receive", body).get_json()
    assert (back["officer_id"], back["offered_by"]) == (None, None)
    assert office.sign_in("cg_cashier").post(f"{where}/offer", {"reason": "再交"}).status_code == 422
