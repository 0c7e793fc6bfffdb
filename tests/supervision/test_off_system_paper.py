from __future__ import annotations

from datetime import timedelta

from supervision.facts import OpenReceipts
from supervision.rules.off_system_paper import RULE
from tests.supervision.facts import MONDAY, facts, found, rows


def test_receipts_that_nobody_accounts_for_after_an_outage_are_told_by_their_numbers() -> None:
    numbers = ("SJ-2026-000001-AB3CD", "SJ-2026-000002-EF4GH")
    due = OpenReceipts(1, "YJ", "临停〔2026〕0001号", MONDAY - timedelta(hours=1), numbers)
    still_time = OpenReceipts(2, "SG", "临停〔2026〕0002号", MONDAY + timedelta(days=1), numbers)
    (one,) = found(RULE, facts(0, open_receipts=[due, still_time]))
    assert (one.colour, one.place.department, one.case_id) == ("red", "YJ", None)
    assert [row["receipt"] for row in rows(one)] == list(numbers) and "2 份" in one.summary_zh
