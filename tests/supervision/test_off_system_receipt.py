from __future__ import annotations

from datetime import date

from supervision.rules.off_system_receipt import RULE
from tests.supervision.facts import facts, found, receipt


def test_a_receipt_without_a_case_is_told_once_it_had_time_to_find_one() -> None:
    given = [receipt(1, date(2026, 2, 1)), receipt(2, date(2026, 3, 5)), receipt(3, date(2026, 2, 1), "matched", of=3)]
    (one,) = found(RULE, facts(receipts=given))
    assert (one.subject, one.place.department, one.case_id) == ("receipt/1/no_case", "YJ", None)


def test_the_receipts_of_one_department_and_month_have_one_cause() -> None:
    given = [receipt(n, date(2026, 2, n)) for n in (1, 2, 3)]
    assert {one.cause for one in found(RULE, facts(receipts=given))} == {"receipts/YJ/202602"}
