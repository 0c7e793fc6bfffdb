from __future__ import annotations

from datetime import timedelta

from supervision.rules.batch_terminal import RULE
from tests.supervision.facts import act, chosen, facts, found


def test_six_cases_by_two_accounts_at_one_terminal_within_ten_minutes_are_one_red_alarm() -> None:
    acts = [act(n, n, person=7 + n % 2, terminal="T1") for n in range(1, 7)]
    (one,) = found(RULE, facts(acts=acts))
    assert (one.colour, len(one.evidence), one.cause) == ("red", 6, "person/8/20260309")
    assert "某8" in one.summary_zh and "某7" in one.summary_zh


def test_a_terminal_that_a_window_shares_at_its_own_pace_is_none() -> None:
    assert found(RULE, facts(acts=[act(n, n * 8, person=7 + n % 2, terminal="T1") for n in range(1, 20)])) == []


def test_one_account_alone_or_two_terminals_are_none() -> None:
    assert found(RULE, facts(acts=[act(n, n, terminal="T1") for n in range(1, 9)])) == []
    assert found(RULE, facts(acts=[act(n, n, person=7 + n % 2, terminal=f"T{n % 2}") for n in range(1, 9)])) == []


def test_the_county_chooses_how_many() -> None:
    acts = [act(n, n, person=7 + n % 2, terminal="T1") for n in range(1, 7)]
    assert found(RULE, facts(acts=acts), chosen(RULE, cases=7)) == []


def test_what_passes_out_of_sight_act_by_act_is_not_told_anew() -> None:
    acts = [act(n, n, person=n % 2, terminal="t1") for n in range(1, 13)]
    assert len(found(RULE, facts(acts=acts, since=acts[0].at - timedelta(days=1)))) == 1
    for seen in range(1, len(acts)):
        assert found(RULE, facts(acts=acts[seen:], since=acts[seen - 1].at + timedelta(seconds=1))) == []
