from __future__ import annotations

from supervision.facts import Band, Fine, Place
from supervision.rules.fee_discretion import RULE
from tests.supervision.facts import act, chosen, facts, found

BANDS = (Band({"violation": "stall"}, 200_00, 1000_00), Band({"violation": "pile"}, 500_00, 2000_00))


def fine(amount: int, violation: str = "stall") -> Fine:
    decided = act(1, 5, step="decide", place=Place("CG", "LJ-CG-CF-001", "CF"))
    return Fine(decided, amount, {"violation": violation}, BANDS)


def test_a_fine_outside_the_benchmark_for_the_facts_is_red_above_and_below() -> None:
    for amount in (1000_01, 199_99):
        (one,) = found(RULE, facts(fines=[fine(amount)]))
        assert one.colour == "red" and "200.00–1,000.00" in one.summary_zh


def test_a_fine_within_its_band_and_facts_without_one_are_none() -> None:
    assert found(RULE, facts(fines=[fine(1000_00), fine(1500_00, "pile"), fine(9_000_00, "structure")])) == []


def test_the_county_chooses_the_slack() -> None:
    assert found(RULE, facts(fines=[fine(1090_00)]), chosen(RULE, "category", "CF", percent=10)) == []
