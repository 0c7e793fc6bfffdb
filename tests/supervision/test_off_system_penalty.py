from __future__ import annotations

from datetime import date

from supervision.collecting_papers import decision_named
from supervision.rules.off_system_penalty import RULE
from tests.supervision.facts import facts, found, receipt

NUMBER = "临城管罚字〔2026〕0012号"


def test_a_fine_whose_decision_nobody_made_here_is_red_at_once() -> None:
    (one,) = found(RULE, facts(receipts=[receipt(1, date(2026, 3, 9), of_fine=True, unknown_decision=NUMBER)]))
    assert one.colour == "red" and NUMBER in one.summary_zh and one.place.department == "YJ"


def test_a_decision_of_the_county_and_money_that_went_back_are_none() -> None:
    known = receipt(1, date(2026, 3, 9), of_fine=True)
    matched = receipt(2, date(2026, 3, 9), "matched", of=3, of_fine=True, unknown_decision=NUMBER)
    assert found(RULE, facts(receipts=[known, matched])) == []


def test_a_note_names_its_decision_whatever_brackets_it_uses() -> None:
    assert decision_named("罚款", "缴 临城管罚字[2026]第0012号 罚款") == NUMBER
    assert decision_named("行政事业性收费", "临城管罚字〔2026〕0012号") is None
    assert decision_named("罚款", "占道罚款") is None
