"""Fines: owed by the decision, paid at the bank, deferred, raised and given up by a leader alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from service.commands.act import CaseAct
from service.commands.booking import book
from service.commands.fees import Named, issue_notice
from service.commands.fines import AllowLater, allow_later, decide_surcharge, write_off_fine
from service.commands.receive_message import open_case_act
from service.commands.recording import record_events
from service.commands.take_payment import make_payment_notice
from service.database.session import transaction
from service.fees.fines import PAY_DAYS, Part
from service.fees.ledger import assess
from service.fees.plans import lateness
from tests.commands.office import Office
from tests.commands.stories import YJ, ZR
from tests.commands.walking import begin, do, finish, reach

FINE = 1_000_000


def fined(office: Office) -> None:
    """A case whose decision fined ten thousand yuan, with its notice."""
    begin(office, YJ, "section_review")
    on_case(office, lambda act: post_fine(act))


def post_fine(act: CaseAct) -> None:
    act.load()
    issue_notice(act, Named("103050199D", "罚款", []), assess("fine", f"fine/{act.row.number}", FINE), None, PAY_DAYS)


def on_case(office: Office, change: Callable[[CaseAct], Any]) -> None:
    with transaction(office.engine) as connection:
        act = open_case_act(connection, office.services, office.number, office.now)
        change(act)
        record_events(act)


def by(office: Office, name: str, verb: Callable[..., Any], *given: Any) -> Any:
    actor, number = office.actor(name), office.number

    def run(connection: Connection) -> Any:
        return verb(connection, office.services, actor, *given, office.now)

    return office.perform(run, actor, number)


def later(office: Office, *parts: tuple[int, int]) -> AllowLater:
    today: date = office.today
    return AllowLater(office.number, [Part(today + timedelta(days=d), fen) for d, fen in parts], "确有经济困难")


def test_a_fine_is_not_late_on_the_fifteenth_day_and_three_per_cent_dearer_on_the_sixteenth(office: Office) -> None:
    fined(office)
    due = office.payment_notices()[0].due_at
    office.now = due - timedelta(minutes=1)
    with office.refused("not_waiting"):
        by(office, "head", decide_surcharge, office.number, "逾期未缴")
    office.now = due + timedelta(minutes=1)
    assert by(office, "head", decide_surcharge, office.number, "逾期未缴") == FINE * 3 // 100
    with office.refused("not_waiting"):
        by(office, "head", decide_surcharge, office.number, "同一日不重复加处")
    office.now = due + timedelta(days=90)
    assert by(office, "head", decide_surcharge, office.number, "逾期未缴") == FINE * 97 // 100
    office.now = due + timedelta(days=200)
    with office.refused("not_waiting"):
        by(office, "head", decide_surcharge, office.number, "已达上限")
    assert office.books().outstanding == 2 * FINE and len(office.payment_notices()) == 3


def test_instalments_move_the_day_and_the_part_that_is_missed_counts(office: Office) -> None:
    fined(office)
    by(office, "head", allow_later, later(office, (30, FINE // 2), (60, FINE // 2)))
    start = office.now
    office.now = start + timedelta(days=29)
    office.pay(FINE // 2, reference="P-1")
    office.now = start + timedelta(days=59)
    with office.refused("not_waiting"):
        by(office, "head", decide_surcharge, office.number, "未逾期")
    office.now = start + timedelta(days=62)
    assert by(office, "head", decide_surcharge, office.number, "第二期未缴") == 2 * FINE * 3 // 100


@pytest.mark.parametrize("name", ["clerk", "officer", "section", "cashier", "sup2"])
def test_nobody_but_a_leader_of_the_department_decides_on_a_fine(office: Office, name: str) -> None:
    fined(office)
    with office.refused("not_permitted"):
        by(office, name, write_off_fine, office.number, "无财产可供执行")
    with office.refused("not_permitted"):
        by(office, name, allow_later, later(office, (30, FINE)))


def test_a_plan_that_does_not_add_up_or_has_no_reason_is_refused(office: Office) -> None:
    fined(office)
    with office.refused("invalid_request"):
        by(office, "head", allow_later, later(office, (30, FINE - 1)))
    with office.refused("invalid_request"):
        by(office, "head", write_off_fine, office.number, "  ")


def test_what_is_written_off_is_owed_no_more_and_money_that_still_comes_is_overpaid(office: Office) -> None:
    fined(office)
    office.pay(1, reference="P-1")
    assert by(office, "head", write_off_fine, office.number, "无财产可供执行") == FINE - 1
    assert office.books().outstanding == 0
    assert office.pay(5, reference="P-2") is False
    with office.refused("not_waiting"):
        by(office, "head", write_off_fine, office.number, "再次核销")


def test_without_a_fine_there_is_nothing_to_decide(office: Office) -> None:
    begin(office, YJ, "section_review")
    with office.refused("not_waiting"):
        by(office, "head", decide_surcharge, office.number, "逾期未缴")


def test_a_case_that_still_owes_something_does_not_end_as_done(office: Office) -> None:
    begin(office, ZR, "print_certificate")
    do(office, "print_certificate")
    on_case(office, lambda act: act.note("fee_assessed", ledger=book(act, assess("fee", "fee/later", 500))))
    with office.refused("fee_unpaid"):
        finish(office)
    assert office.case().status == "open"


def test_a_notice_whose_term_is_over_is_void_and_a_new_code_asks_for_the_rest(office: Office) -> None:
    begin(office, ZR, "await_payment")
    (old,) = office.payment_notices()
    office.pay(3_000, reference="P-1")
    assert by(office, "cashier", make_payment_notice, office.number) == old.id
    office.advance(days=40)
    reach(office, "await_payment")
    again = by(office, "cashier", make_payment_notice, office.number)
    first, new = office.payment_notices()
    assert (first.status, new.id, new.status, new.amount_fen) == ("void", again, "unpaid", 5_000)
    assert new.pay_code != old.pay_code and new.due_at > office.now
    assert office.pay(5_000, pay_code=old.pay_code, reference="P-2") is False
    assert office.open_steps() == ["await_payment"]
    assert office.pay(reference="P-3")
    assert finish(office) == "granted"


def test_no_plan_takes_away_the_days_that_the_law_gives(office: Office) -> None:
    fined(office)
    due = office.payment_notices()[0].due_at
    by(office, "head", allow_later, later(office, (1, FINE)))
    assert office.payment_notices()[1].due_at == due
    office.now = due - timedelta(minutes=1)
    with office.refused("not_waiting"):
        by(office, "head", decide_surcharge, office.number, "逾期未缴")
    office.now = due + timedelta(minutes=1)
    assert by(office, "head", decide_surcharge, office.number, "逾期未缴") == FINE * 3 // 100


def test_a_new_plan_asks_for_nothing_earlier_than_the_plan_in_force(office: Office) -> None:
    fined(office)
    by(office, "head", allow_later, later(office, (30, FINE // 2), (60, FINE // 2)))
    for parts in ([(29, FINE)], [(30, FINE)], [(30, FINE // 2 + 1), (60, FINE // 2 - 1)], [(29, 1), (60, FINE - 1)]):
        with office.refused("invalid_request"):
            by(office, "head", allow_later, later(office, *parts))
    by(office, "head", allow_later, later(office, (40, FINE // 2), (90, FINE // 2)))


def test_a_fine_that_is_late_may_be_paid_from_the_next_day_on(office: Office) -> None:
    fined(office)
    office.now = office.payment_notices()[0].due_at + timedelta(days=3)
    by(office, "head", allow_later, later(office, (1, FINE)))
    assert len(office.payment_notices()) == 2


def test_days_late_after_a_surcharge_and_a_deferral_count_anew(office: Office) -> None:
    fined(office)
    office.now = office.payment_notices()[0].due_at + timedelta(days=9, minutes=1)
    assert by(office, "head", decide_surcharge, office.number, "逾期未缴") == FINE * 30 // 100
    by(office, "head", allow_later, later(office, (30, FINE), (60, FINE * 30 // 100)))
    start = office.now
    office.now = start + timedelta(days=35)
    with office.looking() as connection:
        late = lateness(connection, office.known().id, office.books(), office.calendar, office.today)
    assert 0 < late.days <= 5 and late.surcharge_fen == FINE * 3 * late.days // 100
    assert by(office, "head", decide_surcharge, office.number, "延期后仍未缴") == late.surcharge_fen
    office.now = start + timedelta(days=200)
    by(office, "head", decide_surcharge, office.number, "已达上限")
    assert office.books().of_kind("surcharge_assessed") == FINE


def test_a_plan_has_parts_and_years_that_an_office_can_keep(office: Office) -> None:
    fined(office)
    many = [(30 + n, FINE // 100) for n in range(100)]
    for plan in (later(office, *many), AllowLater(office.number, [Part(date(2999, 12, 31), FINE)], "确有经济困难")):
        with office.refused("invalid_request"):
            by(office, "head", allow_later, plan)
    assert len(office.payment_notices()) == 1
