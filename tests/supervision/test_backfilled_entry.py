from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from supervision.facts import PaperEntry
from supervision.rules.backfilled_entry import RULE
from tests.supervision.facts import MONDAY, case, facts, found, minute

ENTRY = PaperEntry(
    "SJ-2026-000001-AB3CD",
    case(4),
    MONDAY,
    minute(300),
    7,
    "某7",
    "临停〔2026〕0001号",
    MONDAY + timedelta(days=3),
)


def test_what_is_entered_in_time_after_an_outage_is_not_backfilled() -> None:
    last = replace(ENTRY, entered_at=ENTRY.enter_by)
    assert found(RULE, facts(entries=[ENTRY, last])) == []


def test_what_is_entered_too_late_is_backfilled() -> None:
    late = replace(ENTRY, entered_at=ENTRY.enter_by + timedelta(seconds=1))
    (one,) = found(RULE, facts(entries=[ENTRY, late]))
    assert (one.colour, one.case_id, one.person_id) == ("red", 4, 7)
    assert "2026-03-12 09:00 前补录" in one.summary_zh and ENTRY.receipt in one.evidence[0]["zh"]


def test_an_outage_to_which_supervision_objects_excuses_nothing() -> None:
    (one,) = found(RULE, facts(entries=[replace(ENTRY, objected=True)]))
    assert "异议" in one.summary_zh
