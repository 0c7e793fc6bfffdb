from __future__ import annotations

from supervision.facts import Absent
from supervision.rules.supervision_offline import RULE
from tests.supervision.facts import chosen, facts, found

ABSENT = (Absent(9, "某9", "YJ", 2),)


def test_a_supervisor_with_work_due_who_is_not_there_by_ten_is_told_once_a_day() -> None:
    (one,) = found(RULE, facts(61, absent=ABSENT))
    assert (one.colour, one.person_id, one.subject) == ("yellow", 9, "offline/9/20260309")
    assert found(RULE, facts(120, absent=ABSENT))[0].subject == one.subject


def test_before_ten_and_on_a_day_of_rest_nobody_is_missed() -> None:
    assert found(RULE, facts(59, absent=ABSENT)) == []
    assert found(RULE, facts(6 * 24 * 60 + 90, absent=ABSENT)) == []
    assert found(RULE, facts(61, absent=ABSENT), chosen(RULE, hour=11)) == []
