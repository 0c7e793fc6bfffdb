"""卡点办理: one person's completions of a step bunch just past its minimum duration, time after time.

Honest durations spread; of those that keep the minimum, few lie within its first minutes. Who waits for the clock does.
Who knows the band waits until it is over: so the band tells that holds most of them, wherever near the minimum it
begins. Whoever does much does some of it within any band: so a band tells by how much more it holds than the durations
about it, as mass is found that bunches at a notch of a tax (Saez 2010; Kleven 2016), and never where chance alone
brings as many together. The few that wait among hundreds show in a narrower band, of which chance fills less.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import exp

from supervision.facts import Done, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of

# How far past the minimum a band may begin, as a share of it.
NEAR = 0.5
# So many bands after it, and what lies before it, tell what a band holds where nobody waits for the clock.
AFTER = 10
# The band, and parts of it.
PARTS = (1, 2, 4, 8, 16)
# So seldom would an honest person's month show as many anywhere near the minimum.
CHANCE = 0.0005


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_hand: dict[tuple[int, str | None, str | None], list[Done]] = defaultdict(list)
    for done in facts.done:
        if done.earliest_at is not None and done.act.at >= done.earliest_at:
            by_hand[done.act.person_id, done.act.case.place.item, done.act.element_id].append(done)
    for all_done in by_hand.values():
        figures = choose(all_done[-1].act.case.place)
        if figures is not None and len(all_done) >= figures["times"]:
            if close := _bunched(all_done, figures):
                yield _finding(facts, close, len(all_done))


def _bunched(all_done: list[Done], figures: Mapping[str, int]) -> list[Done]:
    """Those of the widest band that holds far more than is usual and than chance brings; none if no band does."""
    near = sum(1 for one in all_done if _past(one) <= _minimum(one) * NEAR)
    for part in PARTS:
        percent = figures["percent_past"] / part
        close = _closest(all_done, percent)
        if len(close) < figures["times"]:
            return []
        usual = _usual(all_done, close, percent, figures["percent_past"])
        if len(close) >= figures["over"] * usual and near * _at_least(len(close) - 1, usual) <= CHANCE:
            return close
    return []


def _closest(all_done: list[Done], percent: float) -> list[Done]:
    """The most that lie in one band of so many percent of the minimum; it begins within half the minimum of its end."""
    past = [(one, _past(one), _width(one, percent)) for one in all_done]
    # A band that begins somewhere holds whoever is that far or farther, by no more than a width.
    nearest, farthest = sorted(later - width for _, later, width in past), sorted(later for _, later, _ in past)
    most, begins = 0, timedelta()
    for one, begin, width in past:
        if begin > _minimum(one) * NEAR:
            continue
        # At the minimum itself the band begins with it.
        from_here = timedelta() if begin <= width else begin
        count = bisect_right(nearest, from_here) - bisect_left(farthest, from_here)
        if count > most:
            most, begins = count, from_here
    return [one for one, later, width in past if timedelta() <= later - begins <= width] if most else []


def _usual(all_done: list[Done], close: list[Done], percent: float, of_stretch: int) -> float:
    """What a band of so many percent holds on average, from the minimum to some whole bands after this one.

    Nobody is known to have none at all: it counts one more than there are.
    """
    ends, wide = max(map(_past, close)), max(_width(one, of_stretch) for one in close)
    others = sum(1 for one in all_done if _past(one) <= ends + AFTER * wide) - len(close)
    return (others + 1) * (max(_width(one, percent) for one in close) / (ends + AFTER * wide))


def _at_least(count: int, usual: float) -> float:
    """The chance of so many or more where so many are usual (Poisson)."""
    term, below = exp(-usual), 0.0
    for number in range(count):
        below += term
        term *= usual / (number + 1)
    return max(1 - below, 0.0)


def _past(done: Done) -> timedelta:
    return done.act.at - done.earliest_at if done.earliest_at is not None else timedelta()


def _minimum(done: Done) -> timedelta:
    return done.earliest_at - done.entered_at if done.earliest_at is not None else timedelta()


def _width(done: Done, percent: float) -> timedelta:
    return max(_minimum(done) * percent / 100, timedelta(seconds=20))


def _finding(facts: Facts, close: list[Done], of: int) -> Finding:
    last = close[-1].act
    month = facts.calendar.local_date(last.at)
    rows = tuple(row_of(one.act) | {"seconds_past": int(_past(one).total_seconds())} for one in close)
    return Finding(
        RULE,
        "red",
        f"bunched/{last.person_id}/{last.case.place.item}/{last.element_id}/{month:%Y%m}"[:80],
        f"person/{last.person_id}/{month:%Y%m%d}",
        last.case.place,
        f"{last.person}办理“{last.step_zh}” {of} 次，其中 {len(close)} 次集中在最短时限之后的窄区间",
        f"{last.person} completed “{last.step_en}” within a narrow band past its minimum {len(close)} of {of} times",
        rows,
        element_id=last.element_id,
        person_id=last.person_id,
    )


RULE = Rule(
    "bunched.minimum",
    4,
    "一人办理某环节，用时多次集中在最短时限之后的同一窄区间内，远多于其他用时，且非偶然所能解释；办理量大的，以更窄的区间衡量。",
    "One person completes a step within one narrow band past its minimum again and again, far more than about it and"
    " than chance explains; where there are many, narrower bands are held against it too.",
    "S15",
    find,
    {
        "times": Figure(4, 3, 100, "次数至少", "least times"),
        "over": Figure(5, 2, 100, "附近各区间平均数的倍数", "times the average of the bands about it"),
        "percent_past": Figure(8, 1, 50, "区间宽度占最短时限（%）", "width of the band (% of the minimum)"),
    },
)
