"""冲正: what the bank took back is owed again, the case waits again, and nothing is printed or closed on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from service.commands.cash import remit_cash
from service.commands.fines import decide_surcharge
from service.commands.print_document import PrintDocument, print_document
from service.commands.receipts import print_receipt_for_payer
from service.commands.reverse_payment import ReversePayment, keep_refused_reversal, reverse_payment
from service.commands.take_payment import make_payment_notice
from service.database.session import reading, transaction
from service.database.tables import payment_reversal, unmatched_payment
from service.errors import Refused
from service.fees.ledger import Account
from service.reads.ledger_faults import ledger_faults
from tests.commands.office import Office
from tests.commands.stories import ZR
from tests.commands.test_fines import by
from tests.commands.test_penalty import allow, open_penalty, plan_of
from tests.commands.test_penalty import by as decides
from tests.commands.test_reconciliation import classes, compare
from tests.commands.test_spot_penalty import FINE, books, held, remitted, ticket
from tests.commands.test_treasury import line, outcomes, take
from tests.commands.walking import begin, do, finish, reach


def back(office: Office, receipt: str = "BANK-1", **other: Any) -> bool:
    """The bank's word of taking a payment back, as the door takes it."""
    notice = office.payment_notices()[0]
    said = ReversePayment(f"V-{receipt}", receipt, notice.pay_code, notice.amount_fen, "付款账户退票", office.now)
    said = replace(said, **other)
    try:
        with transaction(office.engine) as connection:
            return reverse_payment(connection, office.services, said, office.now)
    except Refused:
        with transaction(office.engine) as connection:
            keep_refused_reversal(connection, said, office.now)
        raise


def kept(office: Office) -> list[tuple[str, str]]:
    return [(row.reversal_no, row.status) for row in office.rows(select(payment_reversal).order_by("id"))]


def unmatched(office: Office) -> list[tuple[str, str]]:
    return [(row.why, row.status) for row in office.rows(select(unmatched_payment).order_by("id"))]


def sound(office: Office) -> None:
    with reading(office.engine) as connection:
        assert ledger_faults(connection)[1] == []


def printing(office: Office, name: str = "printer") -> bytes:
    actor, number = office.actor(name), office.number
    command = PrintDocument(number, "certificate")
    content: bytes = office.perform(
        lambda c: print_document(c, office.services, actor, command, office.now), actor, number
    )
    return content


def test_a_payment_that_is_taken_back_is_owed_again_and_the_case_waits_for_it_again(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    before = office.books()
    assert before.outstanding == 0 and back(office) is True
    (notice,) = office.payment_notices()
    assert (notice.status, notice.paid_at, notice.bank_reference) == ("unpaid", None, None)
    assert office.books().outstanding == notice.amount_fen and office.books().balance(Account.BANK) == 0
    assert [e.kind for e in office.books().entries][-1] == "reversed", "a counter-entry; nothing is taken away"
    assert office.open_steps() == ["await_payment"]
    with office.refused("fee_unpaid"):
        printing(office)
    (event,) = office.history(kind="payment_reversed")
    assert (event["payload"]["bank_reference"], event["payload"]["reason"]) == ("BANK-1", "付款账户退票")
    assert [(row.rule, row.colour) for row in office.alarms(rule="fee.payment_reversed")] == [
        ("fee.payment_reversed", "yellow")
    ]
    told = {row.recipient for row in office.notices(kind="payment_reversed")}
    assert {office.ids["zr_cashier"], office.ids["zr_sup1"]} <= told
    assert len(office.notices(kind="applicant_payment_reversed")) == 1
    sound(office)
    office.pay(reference="BANK-2")
    assert office.open_steps() == ["print_certificate"]
    assert finish(office) == "granted"


def test_who_had_the_step_and_his_draft_are_there_again_once_it_is_paid_anew(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    office.claim("printer", "print_certificate")
    assert back(office)
    assert office.ids["zr_printer"] in {row.recipient for row in office.notices(kind="payment_reversed")}
    office.pay(reference="BANK-2")
    assert office.task("print_certificate").assignee == office.ids["zr_printer"]


def test_a_doubled_word_of_the_bank_changes_nothing(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    assert back(office) is True
    before = office.everything()
    assert back(office) is False
    assert office.everything() == before


def test_a_word_that_comes_before_its_payment_waits_and_the_payment_settles_nothing(office: Office) -> None:
    begin(office, ZR, "await_payment")
    assert back(office) is False
    assert (kept(office), unmatched(office)) == ([("V-BANK-1", "waiting")], [("reversal_early", "open")])
    assert office.books().outstanding == 8_000
    assert office.pay() is False
    assert (kept(office), unmatched(office)) == ([("V-BANK-1", "posted")], [("reversal_early", "settled")])
    assert office.open_steps() == ["await_payment"] and office.payment_notices()[0].status == "unpaid"
    kinds = [event["kind"] for event in office.history()]
    assert kinds.index("payment_received") < kinds.index("payment_reversed")
    assert "payment_receipt" not in [row.kind for row in office.documents()]
    assert office.pay() is False, "the same payment told again"
    sound(office)
    assert office.pay(reference="BANK-2")
    assert finish(office) == "granted"


def test_a_word_that_fits_no_payment_is_refused_and_seen(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    with office.refused("invalid_request"):
        back(office, amount_fen=1)
    assert (kept(office), unmatched(office)) == ([("V-BANK-1", "refused")], [("reversal_differs", "open")])
    assert back(office, reversal_no="V-2")
    with office.refused("invalid_request"):
        back(office, reversal_no="V-3")
    assert kept(office)[1:] == [("V-2", "posted"), ("V-3", "refused")]
    assert office.books().outstanding == 8_000
    sound(office)


def test_what_the_bank_puts_right_under_the_same_number_is_posted_once(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    for amount in (1, 2):
        with office.refused("invalid_request"):
            back(office, amount_fen=amount)
    assert back(office, amount_fen=2) is False, "told before, and refused"
    assert back(office) is True and back(office) is False
    assert (kept(office), unmatched(office)) == ([("V-BANK-1", "posted")], [("reversal_differs", "settled")] * 2)
    assert office.books().outstanding == 8_000
    assert back(office, amount_fen=1) is False, "what is posted stays"
    sound(office)


def test_an_early_word_about_another_amount_leaves_the_payment_as_it_is(office: Office) -> None:
    begin(office, ZR, "await_payment")
    assert back(office, amount_fen=5) is False
    assert office.pay() is True
    assert (kept(office), office.open_steps()) == ([("V-BANK-1", "refused")], ["print_certificate"])


def test_after_the_certificate_is_printed_supervision_is_alarmed_and_no_more_copies_are_printed(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    printing(office)
    do(office, "print_certificate")
    steps = office.open_steps()
    assert back(office)
    assert office.open_steps() == steps, "what is done stays done"
    (alarm,) = office.alarms(rule="fee.payment_reversed")
    assert alarm.colour == "red" and alarm.evidence[0]["printed"] is True
    office.deliver()
    assert office.orders(), "an order asks what becomes of the debt"
    with office.refused("fee_unpaid"):
        printing(office)
    with office.refused("fee_unpaid"):
        finish(office)
    sound(office)
    office.pay(reference="BANK-2")
    assert printing(office).startswith(b"%PDF")
    assert finish(office) == "granted"


def test_after_the_end_of_the_case_the_debt_stands_and_can_be_paid(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    printing(office)
    finish(office)
    office.advance(days=60)
    assert back(office)
    assert office.case().status == "completed"
    old, new = office.payment_notices()
    assert (old.status, new.status, new.amount_fen) == ("void", "unpaid", 8_000), "the old term is over"
    assert [row.colour for row in office.alarms(rule="fee.payment_reversed")] == ["red"]
    with office.refused("fee_unpaid"):
        printing(office)
    office.pay(8_000, pay_code=new.pay_code, reference="BANK-2")
    assert office.books().outstanding == 0 and printing(office)
    sound(office)


def test_of_two_payments_the_one_that_stands_pays_the_notice(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    office.pay(reference="BANK-2")
    assert unmatched(office) == [("paid", "open")]
    assert back(office)
    assert office.payment_notices()[0].status == "paid" and office.open_steps() == ["print_certificate"]
    assert (office.books().outstanding, office.books().balance(Account.OVERPAID)) == (0, 0)
    assert office.alarms(rule="fee.payment_reversed") == []
    sound(office)


def test_a_part_that_is_taken_back_leaves_the_other_paid(office: Office) -> None:
    begin(office, ZR, "await_payment")
    office.pay(3_000, reference="P-1")
    office.pay(5_000, reference="P-2")
    assert back(office, "P-1", amount_fen=3_000)
    assert office.books().balance(Account.NOTIFIED) == 3_000 and office.open_steps() == ["await_payment"]
    office.pay(3_000, reference="P-3")
    assert office.open_steps() == ["print_certificate"]


def test_the_receipt_of_a_payment_that_was_taken_back_is_given_to_nobody(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    (receipt,) = [row for row in office.documents() if row.kind == "payment_receipt"]

    def copy() -> bytes:
        with transaction(office.engine) as connection:
            return print_receipt_for_payer(connection, office.services, office.number, receipt.id, office.now)

    assert copy().startswith(b"%PDF")
    assert back(office)
    with office.refused("certificate_ended"):
        copy()


def test_a_fine_whose_payment_is_taken_back_is_late_from_its_own_day(office: Office) -> None:
    open_penalty(office, "close_case")
    (notice,) = office.payment_notices()
    office.now = notice.due_at + timedelta(days=3)
    assert back(office)
    assert office.open_steps() == ["await_remedy_period"], "its fifteen days were over"
    _, new = office.payment_notices()
    assert office.books().balance(Account.NOTIFIED, new.pay_code) == notice.amount_fen
    assert decides(office, "head", decide_surcharge, "逾期未缴") == notice.amount_fen * 3 * 4 // 100
    sound(office)


def test_a_part_of_a_plan_that_is_taken_back_is_the_next_to_pay(office: Office) -> None:
    open_penalty(office, "await_payment")
    allow(office, (20, 400_00), (40, 800_00))
    first, second = office.payment_notices()[-2:]
    office.pay(400_00, pay_code=first.pay_code, reference="P-1")
    assert [part.state for part in plan_of(office)] == ["paid", "open"]
    assert back(office, "P-1", pay_code=first.pay_code, amount_fen=400_00)
    assert [part.state for part in plan_of(office)] == ["open", "open"]
    statuses = {row.pay_code: row.status for row in office.payment_notices()}
    assert (statuses[first.pay_code], statuses[second.pay_code]) == ("unpaid", "unpaid")
    assert office.open_steps() == ["await_payment"]
    sound(office)


def test_cash_that_came_back_from_the_bank_is_in_the_organs_hands_again(office: Office) -> None:
    code = remitted(office)
    assert office.open_steps() == ["close_case"]
    assert back(office, "BANK-1", pay_code=code, amount_fen=FINE)
    assert held(office) == (0, FINE, 0) and books(office).outstanding == 0
    assert office.open_steps() == ["await_remittance"] and ticket(office).banked_at is None
    assert office.notices(kind="applicant_payment_reversed") == [], "the party has paid"
    assert office.pay(FINE, pay_code=code, reference="P-2")
    assert office.open_steps() == ["close_case"] and ticket(office).banked_at is not None
    sound(office)


def test_cash_that_comes_back_after_the_end_of_the_case_is_paid_in_anew(office: Office) -> None:
    code = remitted(office)
    office.complete("cg_section", "close_case")
    office.advance(days=40)
    assert back(office, pay_code=code, amount_fen=FINE)
    assert office.case().status == "completed" and held(office) == (0, FINE, 0)
    new = decides(office, "cashier", remit_cash)
    assert new != code and office.pay(FINE, pay_code=new, reference="P-2")
    assert held(office) == (0, 0, FINE) and ticket(office).banked_at is not None
    sound(office)


def test_the_treasurys_file_tells_a_reversal_that_the_bank_has_told_or_has_not(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    head = "receipt_no,pay_code,amount_fen,paid_on,payer,dept_code,kind,note"
    code = office.payment_notices()[-1].pay_code
    row = f"V-9,{code},-8000,{office.today},张伟明,ZR,冲正,原票据号码 BANK-1"
    found = take(office, f"{line(office, 'BANK-1')},,", row, head=head)
    assert outcomes(office, found) == [("matched", None), ("booked", None)]
    assert office.books().outstanding == 8_000 and kept(office) == [("V-9", "posted")]
    (event,) = office.history(kind="payment_reversed")
    assert event["payload"]["via"] == "treasury"
    again = take(office, f"V-10,{code},-8000,{office.today},张伟明,ZR,冲正,", head=head)
    assert outcomes(office, again) == [("unmatched", "reversal_unknown")]
    assert unmatched(office)[-1] == ("reversal_differs", "open")
    sound(office)


def test_reconciliation_counts_what_was_taken_back_as_unpaid(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    take(office, line(office, "BANK-1"))
    compare(office)
    assert classes(office, status="open") == []
    assert back(office)
    compare(office)
    assert classes(office, status="open") == [("D1", 8_000)], "owed again; the file's receipt was true"
    office.advance(days=5)
    compare(office)
    assert classes(office, status="open") == [("D1", 8_000), ("D9", 8_000)], "the file does not tell that it went back"
    head = "receipt_no,pay_code,amount_fen,paid_on,payer,dept_code,kind,note"
    code = office.payment_notices()[0].pay_code
    told = take(office, f"V-BANK-1,{code},-8000,{office.today},张伟明,ZR,冲正,", head=head)
    assert outcomes(office, told) == [("matched", None)]
    compare(office)
    assert classes(office, status="open") == [("D1", 8_000)]
    office.pay(reference="BANK-2")
    take(office, line(office, "BANK-2"))
    compare(office)
    assert classes(office, status="open") == []


def test_what_pays_the_notice_anew_is_neither_double_nor_too_much(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    office.pay(reference="BANK-2")
    take(office, line(office, "BANK-1"), line(office, "BANK-2"))
    compare(office)
    assert classes(office, status="open") == [("D8", 8_000)]
    assert back(office)
    compare(office)
    assert classes(office, status="open") == []


def test_a_notice_of_the_treasury_alone_is_reconciled_without_what_was_taken_back(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    assert back(office)
    office.pay(reference="BANK-2")
    assert outcomes(office, take(office, line(office, "BANK-2"))) == [("matched", None)]
    assert office.payment_notices()[0].status == "reconciled"
    assert back(office, "BANK-2")
    assert office.payment_notices()[0].status == "unpaid"


def test_the_clerk_makes_a_new_notice_where_the_term_has_ended_since(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    assert back(office)
    office.advance(days=40)
    reach(office, "await_payment")
    new = by(office, "cashier", make_payment_notice, office.number)
    assert [row.status for row in office.payment_notices()] == ["void", "unpaid"] and new == office.payment_notices()[
        1
    ].id
