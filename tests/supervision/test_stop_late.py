from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from supervision.rules.stop_late import RULE
from tests.supervision.facts import facts, found, stop

# Monday, and the clock is due at the end of that day, or of the next.
TODAY = stop(1, 1, 10, None, None)


def test_a_clock_that_is_stopped_on_the_day_it_is_due_is_told() -> None:
    late = replace(TODAY, due_before=TODAY.started_at.replace(hour=0, minute=0) + timedelta(days=1))
    (one,) = found(RULE, facts(stops=[late]))
    assert (one.colour, one.case_id, one.evidence[0]["due_at"]) == ("yellow", 1, late.due_before.isoformat())


def test_a_clock_with_a_whole_working_day_left_or_past_its_limit_or_of_no_limit_is_none() -> None:
    midnight = TODAY.started_at.replace(hour=0, minute=0)
    in_time = replace(TODAY, due_before=midnight + timedelta(days=2))
    passed = replace(TODAY, due_before=TODAY.started_at - timedelta(hours=1))
    assert found(RULE, facts(stops=[in_time, passed, TODAY])) == []
