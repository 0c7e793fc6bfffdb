"""当场处罚、当场收缴: decided in the street; taken in the law's cases alone; paid in within two and two days."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import Connection, select, update

from service.commands.cash import offer_cash, receive_cash, remit_cash
from service.commands.fines import decide_surcharge, write_off_fine
from service.commands.print_document import PrintDocument, print_document
from service.database.session import reading, transaction
from service.database.tables import alarm, fine_ticket, ledger_entry, notice, post_holding
from service.fees.books import read_books
from service.fees.ledger import Account, Books, faults
from service.reads.ledger_faults import ledger_faults
from tests.commands.instants import at
from tests.commands.office import CST, Office
from tests.commands.stories import SPOT
from tests.commands.test_tickets import SERIES, allotted, registered
from tests.commands.walking import begin, do, done, reach

FINE = 50_00
FIRST = f"{SERIES}-00000001"


def book_of_tickets(office: Office) -> int:
    book = registered(office)
    allotted(office, book)
    return book


def taken(office: Office, **choices: Any) -> str:
    """A fine of fifty yuan that an officer has taken against his first ticket."""
    book_of_tickets(office)
    number = begin(office, SPOT, "collect_fine", **choices)
    office.complete("cg_officer", "collect_fine", ticket_number=FIRST)
    return number


def by(office: Office, name: str, verb: Callable[..., Any], *given: Any) -> Any:
    actor, number = office.actor(name), office.number

    def run(connection: Connection) -> Any:
        return verb(connection, office.services, actor, number, *given, office.now)

    return office.perform(run, actor, number)


def books(office: Office) -> Books:
    with reading(office.engine) as connection:
        return read_books(connection, office.case().id)


def held(office: Office) -> tuple[int, int, int]:
    """What is with the officer, with the organ, at the bank."""
    found = books(office)
    assert faults(found) == []
    return tuple(found.balance(one) for one in (Account.CASH_OFFICER, Account.CASH_ORGAN, Account.BANK))  # type: ignore[return-value]


def ticket(office: Office) -> Any:
    return office.rows(select(fine_ticket).where(fine_ticket.c.number == FIRST))[0]


def remitted(office: Office) -> str:
    """A fine that went from the street to the bank; the code under which the organ paid it in."""
    taken(office)
    by(office, "cg_officer", offer_cash)
    by(office, "cg_cashier", receive_cash, FINE)
    code: str = by(office, "cg_cashier", remit_cash)
    assert office.pay(FINE, pay_code=code)
    return code


def words_of(office: Office, kind: str) -> str:
    actor, number = office.actor("cg_officer"), office.number
    command = PrintDocument(number, kind)
    pdf = office.perform(lambda c: print_document(c, office.services, actor, command, office.now), actor, number)
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


# The way ----------------------------------------------------------------------------------------------------------


def test_a_fine_goes_from_the_street_through_the_ticket_to_the_bank(office: Office) -> None:
    taken(office)
    assert office.open_steps() == ["await_hand_over"] and held(office) == (FINE, 0, 0)
    assert by(office, "cg_officer", offer_cash) == FIRST
    by(office, "cg_cashier", receive_cash, FINE)
    assert office.open_steps() == ["await_remittance"] and held(office) == (0, FINE, 0)
    code = by(office, "cg_cashier", remit_cash)
    assert office.pay(FINE, pay_code=code) is True
    assert office.open_steps() == ["close_case"] and held(office) == (0, 0, FINE)
    row = ticket(office)
    assert (row.status, row.amount_fen, row.ground, row.pay_code) == ("used", FINE, "small", code)
    assert row.banked_at is not None
    office.complete("cg_section", "close_case")
    assert office.case().outcome == "punished"
    assert done(office) == ["spot_check", "spot_decide", "serve_decision", "collect_fine", "close_case"]
    with reading(office.engine) as connection:
        assert ledger_faults(connection)[1] == []


def test_the_decision_is_made_numbered_and_reported_at_once(office: Office) -> None:
    book_of_tickets(office)
    begin(office, SPOT, "serve_decision", statement="rejected")
    decision = words_of(office, "decision")
    for said in ("临城管简罚〔2026〕0001号", "出示执法证件", "未予采纳", "¥50.00", "六十日内", "专用票据"):
        assert said in decision
    reach(office, "collect_fine")
    report = words_of(office, "filing_report")
    assert "临城管简备〔2026〕0001号" in report and "临城管简罚〔2026〕0001号" in report
    told = office.rows(select(notice).where(notice.c.kind == "penalty_reported"))
    assert [one.recipient for one in told] == [office.ids["cg_section"]]
    office.complete("cg_officer", "collect_fine", ticket_number=FIRST)
    paper = words_of(office, "fine_ticket")
    for said in (FIRST, "人民币伍拾元整", "第六十八条第一项", "统一制发"):
        assert said in paper


def test_a_warning_takes_no_money_and_a_doubtful_case_goes_the_ordinary_way(office: Office) -> None:
    begin(office, SPOT, "close_case", penalty_decision="warning")
    office.complete("cg_section", "close_case")
    assert office.case().outcome == "punished" and books(office).entries == ()
    begin(office, SPOT, "spot_decide", facts_clear="no")
    office.sign("cg_officer2", "spot_decide")
    with office.refused("invalid_answers") as refusal:
        office.complete("cg_officer", "spot_decide")
    assert refusal.missing == ("/answers/penalty_decision",)
    office.complete("cg_officer", "spot_decide", penalty_decision="ordinary")
    assert office.case().outcome == "transferred"


@pytest.mark.parametrize(
    ("kind", "most"), [("person", 200_00), ("organisation", 3000_00)], ids=["citizen", "organisation"]
)
def test_more_than_the_law_lets_decide_on_the_spot_is_refused(office: Office, kind: str, most: int) -> None:
    begin(office, SPOT, "spot_decide", party_kind=kind, pay_way="bank")
    with office.refused("control_node_missing"):
        office.complete("cg_officer", "spot_decide", fine_amount=most)
    office.sign("cg_officer2", "spot_decide")
    with office.refused("invalid_answers") as refusal:
        office.complete("cg_officer", "spot_decide", fine_amount=most + 1)
    assert refusal.missing == ("/answers/fine_amount",)
    office.complete("cg_officer", "spot_decide", fine_amount=most)


# When it may be taken ----------------------------------------------------------------------------------------------


def test_a_larger_fine_is_taken_on_the_spot_on_a_ground_with_its_facts_alone(office: Office) -> None:
    book_of_tickets(office)
    begin(office, SPOT, "serve_decision", fine_amount=150_00)
    office.sign("cg_officer2", "serve_decision")
    with office.refused("invalid_answers") as refusal:
        office.complete("cg_officer", "serve_decision", spot_ground="small")
    assert refusal.missing == ("/answers/spot_ground",)
    with office.refused("invalid_answers") as refusal:
        office.complete("cg_officer", "serve_decision", spot_ground="hard", spot_ground_facts=None)
    assert refusal.missing == ("/answers/spot_ground_facts",)
    with office.refused("invalid_answers") as refusal:
        office.complete("cg_officer", "serve_decision", spot_ground="remote", party_asked=False)
    assert refusal.missing == ("/answers/party_asked",)
    office.complete("cg_officer", "serve_decision", spot_ground="remote")
    office.complete("cg_officer", "collect_fine", ticket_number=FIRST)
    assert ticket(office).ground == "remote" and held(office) == (150_00, 0, 0)
    grounds = office.rows(select(ledger_entry.c.ground).where(ledger_entry.c.kind == "taken_on_the_spot"))
    assert [one.ground for one in grounds] == ["行政处罚法第六十九条"]


def test_without_the_next_ticket_of_ones_own_nothing_is_taken(office: Office) -> None:
    begin(office, SPOT, "collect_fine")
    with office.refused("ticket_refused") as refusal:
        office.complete("cg_officer", "collect_fine", ticket_number=FIRST)
    assert "第七十条" in refusal.message
    book_of_tickets(office)
    with office.refused("ticket_refused") as refusal:
        office.complete("cg_officer", "collect_fine", ticket_number=f"{SERIES}-00000002")
    assert FIRST in refusal.message
    with office.refused("ticket_refused"):
        office.complete("cg_officer2", "collect_fine", ticket_number=FIRST)
    assert held(office) == (0, 0, 0) and ticket(office).status == "blank"
    office.complete("cg_officer", "collect_fine", ticket_number=f" {FIRST} ")
    assert ticket(office).status == "used"


def test_each_number_is_used_once(office: Office) -> None:
    taken(office)
    begin(office, SPOT, "collect_fine")
    with office.refused("ticket_refused"):
        office.complete("cg_officer", "collect_fine", ticket_number=FIRST)
    office.complete("cg_officer", "collect_fine", ticket_number=f"{SERIES}-00000002")
    used = office.rows(select(fine_ticket.c.serial).where(fine_ticket.c.status == "used"))
    assert [one.serial for one in used] == [1, 2]


def test_a_party_that_does_not_pay_on_the_spot_pays_at_the_bank(office: Office) -> None:
    begin(office, SPOT, "collect_fine")
    office.complete("cg_officer", "collect_fine", collected="no")
    assert office.open_steps() == ["await_payment"]
    office.pay()
    assert office.open_steps() == ["close_case"] and held(office) == (0, 0, FINE)


def test_a_late_fine_is_raised_or_given_up_by_a_leader(office: Office) -> None:
    begin(office, SPOT, "await_payment", pay_way="bank")
    office.advance(to=office.due_rows()["await_payment_limit", "move"] + timedelta(seconds=1))
    assert office.open_steps() == ["await_remedy_period"]
    office.advance(working_days=1)
    assert by(office, "cg_vice", decide_surcharge, "逾期未缴") > 0
    by(office, "cg_vice", write_off_fine, "当事人下落不明")
    assert office.open_steps() == ["close_case"]
    office.complete("cg_section", "close_case", closing_kind="written_off")


def unpaid(office: Office) -> None:
    """A fine of a penalty on the spot that nobody pays while remedies are open."""
    begin(office, SPOT, "await_payment", pay_way="bank")
    for step in ("await_payment", "await_remedy_period"):
        office.advance(to=office.due_rows()[f"{step}_limit", "move"] + timedelta(seconds=1))


def test_a_fine_that_nobody_pays_is_urged_and_brought_to_the_court(office: Office) -> None:
    unpaid(office)
    assert office.open_steps() == ["urge"]
    assert by(office, "cg_vice", decide_surcharge, "逾期未缴") == FINE, "never more than the fine"
    assert "催告书" in words_of(office, "urging") and "¥100.00" in words_of(office, "urging")
    do(office, "urge")
    assert office.task("urge", status="completed").answers["urge_amount"] == 2 * FINE
    office.advance(to=office.due_rows()["await_after_urge_limit", "move"] + timedelta(seconds=1))
    assert office.open_steps() == ["court_application"]
    do(office, "court_application")
    assert office.open_steps() == ["await_court"]
    for number, notice_row in enumerate(office.payment_notices()):
        office.pay(notice_row.amount_fen, pay_code=notice_row.pay_code, reference=f"COURT-{number}")
    do(office, "close_case", closing_kind="executed")
    assert office.case().outcome == "punished" and books(office).outstanding == 0


def test_what_is_paid_after_the_urging_spares_the_court(office: Office) -> None:
    unpaid(office)
    do(office, "urge")
    office.advance(days=1)
    office.pay()
    assert office.open_steps() == ["close_case"]


def test_one_officer_alone_does_not_urge(office: Office) -> None:
    unpaid(office)
    with office.refused("control_node_missing"):
        office.complete("cg_officer", "urge")


# Who may, and until when ---------------------------------------------------------------------------------------------


def test_the_money_goes_from_hand_to_hand_and_never_back(office: Office) -> None:
    taken(office)
    with office.refused("not_waiting"):
        by(office, "cg_cashier", receive_cash, FINE)
    with office.refused("not_permitted"):
        by(office, "cg_officer2", offer_cash)
    by(office, "cg_officer", offer_cash)
    with office.refused("not_waiting"):
        by(office, "cg_officer", offer_cash)
    for nobody in ("cg_officer", "cg_section", "sg_cashier"):
        with office.refused("not_permitted"):
            by(office, nobody, receive_cash, FINE)
    with office.refused("invalid_request"):
        by(office, "cg_cashier", receive_cash, FINE - 1)
    with office.refused("not_waiting"):
        by(office, "cg_cashier", remit_cash)
    by(office, "cg_cashier", receive_cash, FINE)
    with office.refused("not_waiting"):
        by(office, "cg_cashier", receive_cash, FINE)
    assert held(office) == (0, FINE, 0)


def test_who_has_taken_the_money_never_counts_it(office: Office) -> None:
    taken(office)
    by(office, "cg_officer", offer_cash)
    with transaction(office.engine) as connection:  # As somebody may have moved before money held a post back.
        held = post_holding.c.person_id == office.ids["cg_officer"]
        connection.execute(update(post_holding).where(held).values(ended_at=office.now))
    office.grant("cg_officer", "cashier", "CG")
    with office.refused("separation_of_duty"):
        by(office, "cg_officer", receive_cash, FINE)


def test_the_case_is_not_done_before_all_of_the_money_is_at_the_bank(office: Office) -> None:
    taken(office)
    by(office, "cg_officer", offer_cash)
    by(office, "cg_cashier", receive_cash, FINE)
    code = by(office, "cg_cashier", remit_cash)
    with office.refused("not_waiting"):
        by(office, "cg_cashier", remit_cash)
    office.pay(FINE - 1, pay_code=code, reference="B-1")
    assert office.open_steps() == ["await_remittance"] and held(office) == (0, 1, FINE - 1)
    office.pay(1, pay_code=code, reference="B-2")
    office.pay(1, pay_code=code, reference="B-2")
    assert office.open_steps() == ["close_case"] and held(office) == (0, 0, FINE)


def test_a_code_that_nobody_paid_gives_way_to_a_new_one(office: Office) -> None:
    taken(office)
    by(office, "cg_officer", offer_cash)
    by(office, "cg_cashier", receive_cash, FINE)
    first = by(office, "cg_cashier", remit_cash)
    office.advance(timedelta(days=31))
    second = by(office, "cg_cashier", remit_cash)
    assert second != first
    office.pay(FINE, pay_code=second)
    assert office.open_steps() == ["close_case"]


def test_two_working_days_to_the_organ_and_two_to_the_bank(office: Office) -> None:
    """行政处罚法 Art. 71, 85: taken on a Friday it is due on Tuesday, from landing where it was taken on water."""
    office.now = at(3, 6, 10, 0)
    taken(office)
    assert ticket(office).hand_over_by == office.due_rows()["await_hand_over_limit", "step_limit"]
    assert ticket(office).hand_over_by.astimezone(CST) == at(3, 10, 17, 30)
    by(office, "cg_officer", offer_cash)
    by(office, "cg_cashier", receive_cash, FINE)
    assert ticket(office).bank_by == office.due_rows()["await_remittance_limit", "step_limit"]


def test_what_is_taken_on_water_is_due_from_landing(office: Office) -> None:
    office.now = at(3, 6, 10, 0)
    book_of_tickets(office)
    begin(office, SPOT, "collect_fine", spot_ground="remote")
    office.complete("cg_officer", "collect_fine", ticket_number=FIRST, landed_on="2026-03-09")
    assert ticket(office).hand_over_by.astimezone(CST) == at(3, 11, 17, 30)
    assert ticket(office).hand_over_by == office.due_rows()["await_hand_over_limit", "step_limit"]


def test_whoever_has_the_money_is_told_before_its_limit_and_when_it_is_over(office: Office) -> None:
    office.now = at(3, 9, 10, 0)
    taken(office)

    def told(name: str) -> list[str]:
        asked = select(notice.c.text).where(notice.c.kind == "cash_due")
        return [
            one.text for one in office.rows(asked.where(notice.c.recipient == office.ids[name]).order_by(notice.c.id))
        ]

    office.advance(working_days=1)
    assert told("cg_officer") == []
    office.advance(working_days=2)
    soon, over = told("cg_officer")
    assert FIRST in soon and "50 元" in soon and "将到" in soon and "逾期" in over
    by(office, "cg_officer", offer_cash)
    by(office, "cg_cashier", receive_cash, FINE)
    office.advance(working_days=3)
    assert len(told("cg_cashier")) == 2 and len(told("cg_officer")) == 2
    colours = [(one.element_id, one.colour) for one in office.rows(select(alarm).where(alarm.c.kind == "overdue"))]
    assert ("await_hand_over", "red") in colours and ("await_remittance", "red") in colours
