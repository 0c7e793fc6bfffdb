from __future__ import annotations

from supervision.rules.service_unanswered import RULE
from tests.supervision.facts import facts, found, minute, voice

DAY = 24 * 60


def test_a_complaint_that_waits_for_six_working_days_is_red_and_a_bad_rating_after_four_yellow() -> None:
    now = 8 * DAY  # The Tuesday after.
    alarms = found(RULE, facts(now, voices=[voice(1, "complaint"), voice(2, stars=1), voice(3, stars=4)]))
    assert [(one.case_id, one.colour) for one in alarms] == [(1, "red"), (2, "yellow")]


def test_what_was_answered_or_came_a_moment_ago_is_none() -> None:
    assert found(RULE, facts(8 * DAY, voices=[voice(1, "complaint", answered_at=minute(9))])) == []
    assert found(RULE, facts(2 * DAY, voices=[voice(1, "complaint"), voice(2, stars=1)])) == []
