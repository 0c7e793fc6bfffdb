"""Rules of a penalty that need no case: names in public, days that count in months, what is small, what a step sets."""

from __future__ import annotations

from datetime import date

import pytest

from service.commands.penalties import known_by
from service.commands.publishing import is_small
from service.people.masking import mask_party
from service.working_time.months import months_later

ITEM = {"publication": {"small_fine_fen": {"person": 200000, "organisation": 2000000}}}


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张伟", "张某"),
        ("李秀兰", "李某"),
        ("欧阳建国", "欧阳某"),
        ("司马光", "司马某"),
        ("欧阳", "欧某"),
        ("Smith", "S某"),
    ],
)
def test_a_penalised_person_keeps_the_family_name_alone(name: str, masked: str) -> None:
    assert mask_party(name, {"id_number": "329901198506072015"}, penalised=True) == masked
    assert mask_party(name, {}, penalised=True) == masked


def test_an_organisation_is_named_and_a_person_with_both_numbers_is_not() -> None:
    assert mask_party("临江县家常小吃店", {"credit_code": "92329901MA1H6P8Q95"}, penalised=True) == "临江县家常小吃店"
    both = {"credit_code": "92329901MA1H6P8Q95", "id_number": "329901198506072015"}
    assert mask_party("张伟", both, penalised=True) == "张某"
    assert mask_party("张伟", {}) == "张*"


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 3, 9), 6, date(2026, 9, 9)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 3, date(2027, 3, 31)),
        (date(2026, 11, 30), 36, date(2029, 11, 30)),
    ],
)
def test_months_end_on_the_day_of_the_same_number(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


@pytest.mark.parametrize(
    ("answers", "small"),
    [
        ({"penalty_decision": "warning"}, True),
        ({"penalty_decision": "fine", "party_kind": "person", "fine_amount": 200000}, True),
        ({"penalty_decision": "fine", "party_kind": "person", "fine_amount": 200001}, False),
        ({"penalty_decision": "fine", "party_kind": "organisation", "fine_amount": 2000000}, True),
        ({"penalty_decision": "fine", "fine_amount": 1}, False),
    ],
)
def test_small_is_a_warning_or_a_fine_up_to_the_countys_sum(answers: dict[str, object], small: bool) -> None:
    assert is_small(ITEM, answers) is small


def test_a_served_notice_forgets_what_was_answered_to_an_earlier_one() -> None:
    known = known_by({"notice_served_on": "2026-03-09", "notice_way": "direct"}, date(2026, 3, 10))
    assert known["notice_served_on"] == "2026-03-09"
    assert known["hearing_requested"] is None and known["statement_on"] is None
    assert known_by({"served_on": "2026-08-31"}, date(2026, 9, 1)) == {"remedies_until": "2027-02-28"}
    assert known_by({"penalty_decision": "none"}, date(2026, 9, 1)) == {"decided_on": "2026-09-01"}
    assert known_by({"review_opinion": "同意"}, date(2026, 9, 1)) == {}
