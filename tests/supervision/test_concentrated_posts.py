from __future__ import annotations

from datetime import timedelta

from supervision.facts import Place
from supervision.rules.concentrated_posts import RULE
from tests.supervision.facts import act, facts, found

# In minutes.
DAY = 24 * 60


def test_one_person_who_acts_as_clerk_and_as_head_of_section_is_told_with_an_act_of_each() -> None:
    (one,) = found(RULE, facts(acts=[act(1, 1, post="clerk"), act(2, 2, post="clerk"), act(3, 90, post="section")]))
    assert (one.colour, one.person_id, len(one.evidence)) == ("red", 7, 2)


def test_posts_that_one_may_hold_together_or_of_two_departments_are_none() -> None:
    assert found(RULE, facts(acts=[act(1, 1, post="clerk"), act(2, 2, post="officer")])) == []
    elsewhere = act(2, 2, post="section", place=Place("SG", "LJ-SG-XK-001", "XK"))
    assert found(RULE, facts(acts=[act(1, 1, post="clerk"), elsewhere])) == []


def test_who_does_it_again_on_another_day_is_told_again_and_of_the_same_cause() -> None:
    acts = [
        act(day * 10 + n, day * DAY + n, post=post) for day in (0, 8) for n, post in enumerate(("section", "clerk"))
    ]
    first, again = found(RULE, facts(acts=acts))
    assert first.subject != again.subject and first.cause == again.cause
    assert [row["case"][-2:] for row in again.evidence] == ["80", "81"]


def test_posts_of_two_days_that_follow_each_other_are_told_of_the_second() -> None:
    acts = [act(1, 0, post="clerk"), act(2, DAY, post="section"), act(3, DAY + 60, post="section")]
    (one,) = found(RULE, facts(acts=acts))
    assert one.subject.endswith("20260310") and len(one.evidence) == 2


def test_who_is_back_in_one_post_is_not_told_anew_with_each_act_that_passes_out_of_sight() -> None:
    acts = [act(1, 0, post="clerk"), act(2, 20, post="section"), act(3, 40, post="clerk")]
    acts += [act(4 + n, DAY + 60 * n, post="clerk") for n in range(5)]
    told = {one.subject for one in found(RULE, facts(acts=acts))}
    for hours in range(72):
        since = acts[0].at + timedelta(hours=hours - 48, minutes=10)
        seen = [one for one in acts if since <= one.at <= since + timedelta(hours=48)]
        told |= {one.subject for one in found(RULE, facts(acts=seen, since=since))}
    assert len(told) == 1


def test_posts_of_two_days_with_nothing_between_are_told_even_where_the_first_is_half_out_of_sight() -> None:
    acts = [act(1, 420, post="clerk"), act(2, 2 * DAY, post="section")]
    assert len(found(RULE, facts(acts=acts, since=acts[1].at - timedelta(days=2)))) == 1
