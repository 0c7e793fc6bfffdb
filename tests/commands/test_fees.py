"""No print without payment, and no payment but the bank's: whatever diagram, form or callback says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from service.commands.booking import book
from service.commands.print_document import PrintDocument, print_document
from service.commands.receive_message import open_case_act
from service.commands.recording import record_events
from service.commands.take_payment import make_payment_notice
from service.fees.ledger import Account, Entry, approve_refund
from service.people.actor import Actor
from tests.commands.office import Office
from tests.commands.stories import ITEMS, ZR
from tests.commands.variants import Variant
from tests.commands.walking import begin, do, finish, reach


def print_certificate(office: Office, name: str = "printer") -> bytes:
    number = office.number
    actor = office.actor(name)
    command = PrintDocument(number, "certificate")
    return office.perform(lambda c: print_document(c, office.services, actor, command, office.now), actor, number)


def ask(office: Office, name: str) -> int:
    """Somebody of the office asks for a payment notice."""
    actor, number = office.actor(name), office.number
    return int(
        office.perform(lambda c: make_payment_notice(c, office.services, actor, number, office.now), actor, number)
    )


def post_refund(office: Office, connection: Connection, actor: Actor, entries: list[Entry]) -> None:
    """A refund of what was paid is decided."""
    act = open_case_act(connection, office.services, office.number, office.now, actor)
    act.record("refund_approved", None, ledger=book(act, entries))
    record_events(act)


def without_payment(*, gate: str | None, prints: str | None) -> bytes:
    """A registration whose designer forgot that it costs something: no payment, and no word of it at the print."""
    diagram = Variant("real_estate_transfer")
    diagram.set("print_certificate", "gate", gate)
    diagram.set("print_certificate", "printsDocument", prints)
    diagram.condition("flow_publish_gateway__payment", "fee_exempt")
    return diagram.xml


@pytest.mark.parametrize(
    ("choices", "fen"),
    [
        ({}, 8_000),
        ({"property_use": "other"}, 55_000),
        ({"extra_copies": 1}, 9_000),
        ({"property_use": "other", "extra_copies": 3}, 58_000),
        ({"extra_copies": 0}, 8_000),
    ],
)
def test_the_fee_is_the_standards_and_the_case_waits_for_it(office: Office, choices: dict[str, Any], fen: int) -> None:
    begin(office, ZR, "await_payment", **choices)
    (notice,) = office.payment_notices()
    assert (notice.amount_fen, notice.status, len(notice.pay_code)) == (fen, "unpaid", 20)
    assert sum(line["amount_fen"] for line in notice.lines) == fen
    assert office.open_steps() == ["await_payment"]
    assert office.pay()
    assert office.payment_notices()[0].status == "paid"
    assert office.open_steps() == ["print_certificate"]
    assert finish(office) == "granted"


@pytest.mark.parametrize("item", [item for item in ITEMS if item != ZR])
def test_where_there_is_no_fee_there_is_no_gate(office: Office, item: str) -> None:
    begin(office, item, "print_certificate")
    assert office.payment_notices() == []
    assert print_certificate(office).startswith(b"%PDF")


def test_a_callback_that_comes_twice_is_booked_once(office: Office) -> None:
    begin(office, ZR, "await_payment")
    assert office.pay(reference="R-1") is True
    before = office.everything()
    office.advance(minutes=5)
    assert office.pay(reference="R-1") is False
    assert office.everything() == before


def test_a_second_payment_of_a_notice_is_overpaid_and_changes_neither_notice_nor_steps(office: Office) -> None:
    begin(office, ZR, "await_payment")
    office.pay(reference="R-1")
    paid, steps = office.payment_notices(), office.open_steps()
    assert office.pay(reference="R-2") is False
    assert (office.payment_notices(), office.open_steps()) == (paid, steps)
    assert office.books().balance(Account.OVERPAID) == 8_000


@pytest.mark.parametrize("fen", [0, -8_000])
def test_no_amount_at_all_is_refused_and_nothing_is_booked(office: Office, fen: int) -> None:
    begin(office, ZR, "await_payment")
    before = office.everything()
    with office.refused("invalid_request"):
        office.pay(fen)
    assert office.everything() == before


def test_a_part_of_the_amount_is_booked_and_opens_nothing_until_the_rest_is_there(office: Office) -> None:
    begin(office, ZR, "await_payment")
    assert office.pay(7_999, reference="R-1")
    assert office.payment_notices()[0].status == "unpaid" and office.open_steps() == ["await_payment"]
    with office.refused("fee_unpaid"):
        print_certificate(office)
    assert office.pay(1, reference="R-2")
    assert office.payment_notices()[0].status == "paid" and office.open_steps() == ["print_certificate"]
    assert office.books().outstanding == 0


def test_more_than_the_amount_pays_the_notice_and_the_rest_waits_for_the_cashier(office: Office) -> None:
    begin(office, ZR, "await_payment")
    assert office.pay(8_001)
    assert office.payment_notices()[0].status == "paid"
    assert (office.books().balance(Account.OVERPAID), office.books().kept) == (1, 8_000)


def test_a_code_that_nobody_issued_is_not_found(office: Office) -> None:
    begin(office, ZR, "await_payment")
    with office.refused("not_found"):
        office.pay(8_000, pay_code="9" * 20)


def test_one_receipt_of_the_bank_pays_one_notice(office: Office) -> None:
    begin(office, ZR, "await_payment")
    office.pay(reference="R-1")
    begin(office, ZR, "await_payment")
    with office.refused("invalid_request"):
        office.pay(reference="R-1")
    assert office.payment_notices()[0].status == "unpaid"
    assert office.pay(reference="R-2")


def test_a_payment_of_another_case_settles_nothing_here(office: Office) -> None:
    first = begin(office, ZR, "await_payment")
    begin(office, ZR, "await_payment")
    office.pay()
    assert office.open_steps() == ["print_certificate"]
    assert office.open_steps(first) == ["await_payment"]


def test_nobody_in_the_office_can_say_that_it_was_paid(office: Office) -> None:
    begin(office, ZR, "await_payment")
    with office.refused("invalid_request"):
        office.message("payment", by="clerk")
    with office.refused("not_waiting"):
        office.message("correction", by="clerk", correction_note="已缴费")
    assert office.open_steps() == ["await_payment"]


def test_a_certificate_is_not_printed_before_payment_and_the_try_is_a_red_alarm(office: Office) -> None:
    begin(office, ZR, "await_payment")
    for name in ("printer", "clerk"):
        with office.refused("fee_unpaid"):
            print_certificate(office, name)
    # Who reviewed it does not even come to the fee.
    with office.refused("separation_of_duty"):
        print_certificate(office, "section")
    (alarm,) = office.alarms()
    assert (alarm.kind, alarm.colour, alarm.person_id) == ("fee", "red", office.ids["zr_printer"])
    tries = office.history(kind="act_refused")
    assert [row["payload"]["code"] for row in tries] == ["fee_unpaid", "fee_unpaid", "separation_of_duty"]
    office.deliver()
    assert len(office.orders()) == 1
    office.pay()
    assert print_certificate(office).startswith(b"%PDF")


# Whatever the diagram says --------------------------------------------------------------------------------------------


def test_without_a_payment_drawn_the_gate_refuses_the_decision_that_would_enter_the_print(office: Office) -> None:
    office.deploy(without_payment(gate="decision == 'grant' and fee_settled", prints="certificate"))
    begin(office, ZR, "decide")
    before = office.documents()
    with office.refused("fee_unpaid"):
        do(office, "decide")
    assert office.open_steps() == ["decide"]
    assert office.documents() == before and office.case().decided_on is None


@pytest.mark.parametrize(("gate", "prints"), [(None, "certificate"), ("decision == 'grant'", None), (None, None)])
def test_without_gate_and_without_a_word_of_printing_the_catalogue_still_holds_the_step(
    office: Office, gate: str | None, prints: str | None
) -> None:
    office.deploy(without_payment(gate=gate, prints=prints))
    begin(office, ZR, "decide")
    with office.refused("fee_unpaid"):
        do(office, "decide")
    assert office.open_steps() == ["decide"]


def test_a_print_step_under_another_name_is_held_by_its_group(office: Office) -> None:
    diagram = Variant("real_estate_transfer")
    diagram.set("print_certificate", "gate", None)
    diagram.set("print_certificate", "printsDocument", None)
    diagram.rename("print_certificate", "make_certificate")
    diagram.condition("flow_publish_gateway__payment", "fee_exempt")
    office.deploy(diagram.xml)
    begin(office, ZR, "decide")
    with office.refused("fee_unpaid"):
        do(office, "decide")


def test_the_print_is_not_completed_if_the_payment_was_taken_back_meanwhile(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    refund = approve_refund(office.books(), "refund/by hand", 8_000)
    actor, number = office.actor("cashier"), office.number
    office.perform(lambda c: post_refund(office, c, actor, refund), actor, number)
    with office.refused("fee_unpaid"):
        do(office, "print_certificate")
    with office.refused("fee_unpaid"):
        print_certificate(office)
    assert [a.rule for a in office.alarms(colour="red")] == ["fee.unpaid_print"]
    assert office.open_steps() == ["print_certificate"]


def test_a_refusal_is_never_held_back_for_money(office: Office) -> None:
    begin(office, ZR, "serve_refusal", review_result="agree_refuse", decision="refuse")
    with office.refused("not_waiting"):
        ask(office, "cashier")
    assert finish(office) == "refused"
    assert office.payment_notices() == []


def test_a_notice_is_made_once_however_often_it_is_asked_for(office: Office) -> None:
    begin(office, ZR, "section_review")
    with office.refused("not_waiting"):
        ask(office, "cashier")
    reach(office, "await_payment")
    standing = office.payment_notices()[0].id
    assert [ask(office, "cashier"), ask(office, "clerk")] == [standing, standing]
    with office.refused("not_permitted"):
        ask(office, "section")
    assert len(office.payment_notices()) == 1


def test_a_payment_two_months_late_is_still_booked(office: Office) -> None:
    begin(office, ZR, "await_payment")
    office.advance(days=60)
    assert office.pay()
    assert office.payment_notices()[0].paid_at == office.now
    assert finish(office) == "granted"
