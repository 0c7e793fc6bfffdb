from __future__ import annotations

from datetime import timedelta

from supervision.rules.batch_burst import RULE
from tests.supervision.facts import act, chosen, facts, found, rows


def test_five_cases_within_ten_minutes_are_a_burst_with_each_act_as_evidence() -> None:
    (one,) = found(RULE, facts(acts=[act(n, n * 2) for n in range(1, 6)]))
    assert (one.colour, one.person_id, one.case_id) == ("red", 7, None)
    assert [row["case"][-1] for row in rows(one)] == list("12345")


def test_four_cases_or_five_over_an_hour_or_by_two_people_are_none() -> None:
    few = [act(n, n) for n in range(1, 5)]
    slow = [act(n, n * 11) for n in range(1, 6)]
    two = [act(n, n, person=n % 2) for n in range(1, 6)]
    assert found(RULE, facts(acts=few)) == found(RULE, facts(acts=slow)) == found(RULE, facts(acts=two)) == []


def test_one_burst_that_goes_on_is_one_alarm_with_one_subject() -> None:
    early = found(RULE, facts(acts=[act(n, n) for n in range(1, 6)]))
    later = found(RULE, facts(acts=[act(n, n) for n in range(1, 21)]))
    assert len(later) == 1 and early[0].subject == later[0].subject
    assert len(later[0].evidence) == 20


def test_the_county_may_ask_for_more_cases_of_an_item_or_switch_the_rule_off_there() -> None:
    given = facts(acts=[act(n, n) for n in range(1, 6)])
    assert found(RULE, given, chosen(RULE, "item", "LJ-YJ-XK-001", cases=6)) == []
    assert found(RULE, given, chosen(RULE, "department", "YJ", enabled=False)) == []
    assert len(found(RULE, given, chosen(RULE, "department", "SG", enabled=False))) == 1


def test_what_came_in_during_an_outage_may_be_entered_together() -> None:
    entries = [act(n, n, kind="case_started", step="apply", from_paper=True) for n in range(1, 9)]
    assert found(RULE, facts(acts=entries)) == []
    done_after = [act(n, n) for n in range(1, 9)]
    assert len(found(RULE, facts(acts=[*entries, *done_after]))) == 1


def test_what_passes_out_of_sight_act_by_act_is_not_told_anew() -> None:
    acts = [act(n, n * 2) for n in range(1, 13)]
    assert len(found(RULE, facts(acts=acts, since=acts[0].at - timedelta(days=1)))) == 1
    for seen in range(1, len(acts)):
        assert found(RULE, facts(acts=acts[seen:], since=acts[seen - 1].at + timedelta(seconds=1))) == []
