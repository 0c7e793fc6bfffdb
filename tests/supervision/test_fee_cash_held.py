"""Money that was taken on the spot and stays in somebody's hands."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from service.commands.cash import offer_cash, receive_cash
from service.database.session import transaction
from service.database.tables import alarm
from supervision import watching
from supervision.facts import CashHeld
from supervision.rules.fee_cash_held import RULE
from tests.commands.office import Office
from tests.commands.test_spot_penalty import FINE, by, taken
from tests.supervision.facts import MONDAY, case, chosen, facts, found


def cash(number: int, holder: int = 7, stage: str = "officer") -> CashHeld:
    return CashHeld(number, f"A-{number:08d}", case(number), 50_00, holder, f"某{holder}", stage, MONDAY)


def test_who_keeps_money_beyond_its_limit_is_told_once_with_all_of_it() -> None:
    kept = [cash(1), cash(2), cash(3, 8), cash(4, 7, "organ")]
    told = found(RULE, facts(MONDAY + timedelta(minutes=1), cash=kept))
    assert [(one.person_id, len(one.evidence), one.colour) for one in told] == [
        (7, 2, "red"),
        (8, 1, "red"),
        (7, 1, "red"),
    ]
    assert "100.00 元（2 笔）" in told[0].summary_zh and "本机关" in told[0].summary_zh
    assert "银行" in told[2].summary_zh
    assert found(RULE, facts(MONDAY, cash=kept)) == []


def test_the_county_may_wait_some_working_days_more() -> None:
    later = chosen(RULE, days=1)
    assert found(RULE, facts(MONDAY + timedelta(hours=20), cash=[cash(1)]), later) == []
    assert len(found(RULE, facts(MONDAY + timedelta(days=2), cash=[cash(1)]), later)) == 1
    assert found(RULE, facts(MONDAY + timedelta(days=9), cash=[cash(1)]), chosen(RULE, enabled=False)) == []


def told(office: Office) -> list[tuple[int, str]]:
    with transaction(office.engine) as connection:
        watching.watch(connection, office.services, office.now)
    rows = office.rows(select(alarm).where(alarm.c.rule == RULE.code).order_by(alarm.c.id))
    return [(row.person_id, row.colour) for row in rows]


def test_a_pass_finds_what_the_officer_and_then_the_organ_keep(office: Office) -> None:
    taken(office)
    office.advance(working_days=1)
    assert told(office) == []
    office.advance(working_days=2)
    officer = (office.ids["cg_officer"], "red")
    assert told(office) == [officer]
    office.advance(minutes=5)
    assert told(office) == [officer]
    by(office, "cg_officer", offer_cash)
    by(office, "cg_cashier", receive_cash, FINE)
    office.advance(minutes=5)
    assert told(office) == [officer]
    office.advance(working_days=3)
    assert told(office) == [officer, (office.ids["cg_cashier"], "red")]
