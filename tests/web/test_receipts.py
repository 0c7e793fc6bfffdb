"""Payment notices with their QR code and public page, and receipts numbered without gaps."""

from __future__ import annotations

import io

import pypdfium2
from sqlalchemy import select

from service.database.session import reading
from service.database.tables import document, document_copy
from tests.service_fixtures import Office
from tests.web.test_api_papers import at_payment, bank_says
from tests.web.visiting import told, visit


def text_of(pdf: bytes) -> str:
    found = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "".join(page.get_textpage().get_text_range() for page in found)


def notice_of(office: Office, number: str) -> dict[str, object]:
    found: dict[str, object] = office.sign_in("zr_clerk").get(f"/cases/{number}/fees").get_json()["notices"][0]
    return found


def receipts(office: Office) -> list[tuple[int, str]]:
    with reading(office.engine) as connection:
        rows = connection.execute(select(document).where(document.c.kind == "payment_receipt").order_by(document.c.id))
        return [(row.id, row.number or "") for row in rows]


def test_anybody_with_the_code_sees_what_is_to_be_paid_and_not_by_whom(office: Office) -> None:
    number = at_payment(office)
    notice = notice_of(office, number)
    page = visit(office).page(f"/public/pay/{notice['pay_code']}")
    payer = str(notice["payer"])
    assert "¥100.00" in page and f"{payer[0]}*" in page and payer not in page and number not in page
    paper = office.sign_in("zr_clerk").post(f"/cases/{number}/documents/payment_notice/print")
    assert paper.status_code == 200 and "扫码缴款" in text_of(paper.data)


def test_wrong_codes_are_all_alike_and_soon_one_has_to_wait(office: Office) -> None:
    notice = notice_of(office, at_payment(office))
    stranger = visit(office)
    codes = ["1" * 20, "abc", str(notice["pay_code"])[:-1], "9" * 21]
    answers = [stranger.get(f"/public/pay/{code}") for code in codes]
    assert {answer.status_code for answer in answers} == {404}
    assert len({told(answer.text).replace(code, "") for answer, code in zip(answers, codes, strict=True)}) == 1
    for n in range(16):
        stranger.get(f"/public/pay/{n:020d}")
    assert stranger.get(f"/public/pay/{'1' * 20}").status_code == 429


def test_after_its_last_day_the_page_says_so_and_leads_to_no_bank(office: Office) -> None:
    notice = notice_of(office, at_payment(office))
    office.wait(days=40)
    page = visit(office).page(f"/public/pay/{notice['pay_code']}")
    assert "缴款期限已过" in page and "到代收银行缴款" not in page


def test_the_code_that_gave_way_to_a_new_one_says_so_and_leads_to_no_bank(office: Office) -> None:
    number = at_payment(office)
    notice = notice_of(office, number)
    office.wait(days=40)
    assert office.sign_in("zr_clerk").post(f"/cases/{number}/payment-notices").status_code in (200, 201)
    page = visit(office).page(f"/public/pay/{notice['pay_code']}")
    assert "已由新的缴款通知书代替" in page and "到代收银行缴款" not in page and "已由新通知书代替" in page


def test_each_payment_has_a_receipt_and_no_number_is_left_out(office: Office) -> None:
    first, second = at_payment(office), at_payment(office)
    notice = notice_of(office, first)
    assert bank_says(office, notice, amount_fen=4_000).get_json() == {"booked": True}
    assert bank_says(office, notice, amount_fen=4_000).get_json() == {"booked": False}
    assert bank_says(office, notice, amount_fen=6_000, receipt_no="0000000002").get_json() == {"booked": True}
    bank_says(office, notice_of(office, second), receipt_no="0000000003")
    assert [number[-5:] for _, number in receipts(office)] == ["0001号", "0002号", "0003号"]
    paper = office.sign_in("zr_clerk").post(f"/cases/{first}/documents/payment_receipt/print")
    assert paper.status_code == 200, paper.text
    said = text_of(paper.data)
    assert "¥60.00" in said and "人民币陆拾元整" in said and str(notice["pay_code"]) in said.replace(" ", "")


def test_the_payer_downloads_it_with_the_secret_and_nobody_without(office: Office) -> None:
    started = office.start("LJ-ZR-QR-001", extra_copies=2)
    number, secret = started["number"], started["secret"]
    office.walk(number, "await_payment")
    bank_says(office, notice_of(office, number))
    ((receipt, _),) = receipts(office)
    path = f"/public/cases/{number}/receipts/{receipt}"
    stranger = visit(office)
    assert stranger.send(path).status_code == 404
    payer = visit(office)
    payer.get(f"/public/cases/{number}?secret={secret}")
    assert "下载票据" in payer.page(f"/public/cases/{number}")
    answer = payer.send(path)
    assert answer.status_code == 200 and answer.mimetype == "application/pdf" and "¥100.00" in text_of(answer.data)
    with reading(office.engine) as connection:
        others = connection.execute(select(document.c.id).where(document.c.kind != "payment_receipt")).scalars().all()
        copies = connection.execute(select(document_copy).where(document_copy.c.document_id == receipt)).all()
    assert [copy.printed_by for copy in copies] == [None]
    assert all(payer.send(f"/public/cases/{number}/receipts/{one}").status_code == 404 for one in others)
