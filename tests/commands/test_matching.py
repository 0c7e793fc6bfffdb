"""Receipts that found no notice: candidates with their reasons, one person's word or two's, and what is booked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from service.commands.decide_match import ConfirmMatch, DeclineMatch, confirm_match, decline_match
from service.database.session import transaction
from service.database.tables import ledger_entry, payment_notice, receipt_share, treasury_receipt, unmatched_payment
from service.fees.ledger import Account
from service.reads.candidates import CandidateView, read_candidates, receipts_of_notice
from tests.commands.office import Office
from tests.commands.stories import ZR
from tests.commands.test_reconciliation import acts, classes, compare, differences
from tests.commands.test_treasury import take
from tests.commands.walking import begin


def lost(office: Office, number: str, fen: int, payer: str, *, days: int = 0, code: str = "", item: str = "") -> int:
    """A receipt that names no notice; its id."""
    head = "receipt_no,pay_code,amount_fen,paid_on,payer,dept_code,item_code"
    take(office, f"{number},{code},{fen},{office.today + timedelta(days=days)},{payer},ZR,{item}", head=head)
    with office.looking() as connection:
        asked = select(treasury_receipt.c.id).where(treasury_receipt.c.receipt_no == number)
        return int(connection.execute(asked).scalar_one())


def candidates(office: Office, receipt_id: int) -> list[CandidateView]:
    with office.looking() as connection:
        return read_candidates(connection, office.calendar, receipt_id)


def reasons(office: Office, receipt_id: int) -> list[tuple[tuple[int, ...], tuple[str, ...], bool]]:
    return [(tuple(fen for *_, fen in one.parts), one.reasons, one.sure) for one in candidates(office, receipt_id)]


def confirm(
    office: Office, receipt_id: int, one: CandidateView, by: str = "cz_cashier", reason: str = "核对票根"
) -> bool:
    parts = {code: fen for code, _, fen in one.parts}
    with transaction(office.engine) as connection:
        command = ConfirmMatch(receipt_id, parts, reason)
        done = confirm_match(connection, office.services, office.actor(by), command, office.now)
    office.deliver()
    return done


def decline(office: Office, receipt_id: int, code: str, by: str = "cz_cashier", reason: str = "另有其人") -> None:
    with transaction(office.engine) as connection:
        decline_match(connection, office.actor(by), DeclineMatch(receipt_id, code, reason), office.now)


def begin_for(office: Office, payer: str) -> str:
    """A case that waits for its fee, asked of this payer; the payment code."""
    number = begin(office, ZR, "await_payment")
    code = str(office.payment_notices(number)[0].pay_code)
    with transaction(office.engine) as connection:
        connection.execute(update(payment_notice).where(payment_notice.c.pay_code == code).values(payer=payer))
    return code


def test_a_payer_and_an_amount_are_confirmed_by_one_person_and_booked(office: Office) -> None:
    code = begin_for(office, "张三")
    receipt = lost(office, "R-1", 8_000, "张 三")
    compare(office)
    assert classes(office) == [("D1", 8_000), ("D5", 8_000)]
    (one,) = candidates(office, receipt)
    assert (one.reasons, one.sure, one.days_apart) == (("payer", "amount"), True, 0)
    assert confirm(office, receipt, one)
    assert office.payment_notices()[0].status == "reconciled" and office.open_steps() == ["print_certificate"]
    compare(office)
    assert classes(office, status="open") == []
    (gone,) = [each for each in differences(office) if each.kind == "D5"]
    assert acts(office, gone) == ["matched", "cleared"] and code
    assert candidates(office, receipt) == []
    with office.refused("invalid_request"):
        confirm(office, receipt, one)


def test_another_payer_of_the_amount_wants_two_people(office: Office) -> None:
    begin_for(office, "张三")
    item = str(office.payment_notices()[0].item_code)
    receipt = lost(office, "R-1", 8_000, "李四", item=item)
    (one,) = candidates(office, receipt)
    assert (one.reasons, one.sure) == (("amount", "item"), False)
    assert confirm(office, receipt, one) is False
    assert office.payment_notices()[0].status == "unpaid"
    with office.refused("invalid_request"):
        confirm(office, receipt, one)
    (again,) = candidates(office, receipt)
    assert again.proposed_by is not None
    assert confirm(office, receipt, one, by="sup2")
    assert office.payment_notices()[0].status == "reconciled"


def test_one_receipt_pays_several_notices_and_several_receipts_one(office: Office) -> None:
    begin_for(office, "张三")
    begin_for(office, "张三")
    receipt = lost(office, "R-1", 16_000, "张三")
    both = next(one for one in candidates(office, receipt) if one.reasons == ("payer", "sum"))
    assert len(both.parts) == 2
    assert confirm(office, receipt, both)
    with office.looking() as connection:
        statuses = connection.execute(select(payment_notice.c.status)).scalars().all()
        numbers = connection.execute(select(receipt_share.c.stands_for)).scalars().all()
    assert statuses == ["reconciled", "reconciled"] and sorted(numbers) == ["R-1#1", "R-1#2"]
    begin_for(office, "王五")
    first, second = lost(office, "R-2", 3_000, "王五"), lost(office, "R-3", 5_000, "王五")
    assert ((3_000,), ("payer", "together"), False) in reasons(office, first)
    for each in (first, second):
        part = next(one for one in candidates(office, each) if "together" in one.reasons or one.sure)
        assert confirm(office, each, part, by="cz_cashier") is (part.sure)
        if not part.sure:
            assert confirm(office, each, part, by="sup2")
    compare(office)
    assert classes(office, status="open") == []


def test_money_that_the_bank_told_under_its_own_number_is_not_booked_again(office: Office) -> None:
    code = begin_for(office, "张三")
    office.pay(reference="BANK-7", pay_code=code)
    receipt = lost(office, "R-1", 8_000, "张三")
    office.advance(working_days=5)
    compare(office)
    assert classes(office) == [("D5", 8_000), ("D9", 8_000)]
    (one,) = candidates(office, receipt)
    assert one.reasons == ("payer", "amount", "told")
    assert confirm(office, receipt, one)
    compare(office)
    assert classes(office, status="open") == []
    assert (office.books().kept, office.books().balance(Account.OVERPAID)) == (8_000, 0)


def test_money_under_a_wrong_code_stops_being_nobodys(office: Office) -> None:
    begin_for(office, "张三")
    receipt = lost(office, "R-1", 8_000, "张三", code="9" * 20)
    (one,) = candidates(office, receipt)
    assert confirm(office, receipt, one)
    with office.looking() as connection:
        entries = connection.execute(select(ledger_entry).where(ledger_entry.c.case_id.is_(None))).all()
        assert sum(e.amount_fen * ((e.debit == "unmatched") - (e.credit == "unmatched")) for e in entries) == 0
        assert connection.execute(select(unmatched_payment.c.status)).scalar_one() == "settled"
    compare(office)
    assert classes(office, status="open") == []


def test_what_was_declined_is_no_candidate_any_more(office: Office) -> None:
    code = begin_for(office, "张三")
    receipt = lost(office, "R-1", 8_000, "张三")
    compare(office)
    with office.refused("invalid_request"):
        decline(office, receipt, code, reason=" ")
    decline(office, receipt, code)
    assert candidates(office, receipt) == []
    with office.looking() as connection:
        assert connection.execute(select(receipt_share.c.decision)).scalars().all() == ["declined"]
    (one,) = [each for each in differences(office) if each.kind == "D5"]
    assert acts(office, one) == ["declined"]


def test_a_notice_that_nobody_paid_names_receipts_that_may_be_its_money(office: Office) -> None:
    code = begin_for(office, "张三")
    lost(office, "R-1", 8_000, "张三")
    lost(office, "R-2", 8_000, "赵六")
    lost(office, "R-3", 8_000, "张三", days=-16)
    with office.looking() as connection:
        found = receipts_of_notice(connection, office.calendar, code)
    assert [(one.receipt_no, one.reasons) for one in found] == [("R-1", ("payer", "amount"))]


@pytest.mark.parametrize("name", ["zr_cashier", "zr_section", "zr_sup1", "auditor", "cz_section"])
def test_nobody_whose_department_takes_money_matches_it(office: Office, name: str) -> None:
    begin_for(office, "张三")
    receipt = lost(office, "R-1", 8_000, "张三")
    (one,) = candidates(office, receipt)
    with office.refused("not_permitted"):
        confirm(office, receipt, one, by=name)
    with office.refused("not_permitted"):
        decline(office, receipt, one.parts[0][0], by=name)
