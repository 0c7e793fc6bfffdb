"""卡点办理: one person's completions of a step bunch just past its minimum duration, time after time.

Honest durations spread; of those that keep the minimum, few lie within its first minutes. Who waits for the clock does.
Who knows the band waits until it is over: so the narrowest band tells that holds most of them, wherever near the
minimum it begins. Whoever does much does some of it within any band: so a band tells by how much more it holds than
the bands after it, as mass is found that bunches at a notch of a tax (Saez 2010; Kleven 2016).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from supervision.facts import Done, Facts
from supervision.rules.rule import Choose, Figure, Finding, Rule, row_of

# How far past the minimum a band may begin, as a share of it.
NEAR = 0.5
# So many bands after it tell what a band holds where nobody waits for the clock.
AFTER = 10


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_hand: dict[tuple[int, str | None, str | None], list[Done]] = defaultdict(list)
    for done in facts.done:
        if done.earliest_at is not None and done.act.at >= done.earliest_at:
            by_hand[done.act.person_id, done.act.case.place.item, done.act.element_id].append(done)
    for all_done in by_hand.values():
        figures = choose(all_done[-1].act.case.place)
        if figures is None:
            continue
        close = _closest(all_done, figures["percent_past"])
        enough = len(close) >= figures["times"] and len(close) * 100 >= len(all_done) * figures["share"]
        if enough and len(close) >= figures["over"] * _usual(all_done, close, figures["percent_past"]):
            yield _finding(facts, close, len(all_done))


def _closest(all_done: list[Done], percent: int) -> list[Done]:
    """The most that lie in one band of so many percent of the minimum; it begins within half the minimum of its end."""
    past = [(one, one.act.at - one.earliest_at, _width(one, percent)) for one in all_done if one.earliest_at]
    # A band that begins somewhere holds whoever is that far or farther, by no more than a width.
    nearest, farthest = sorted(later - width for _, later, width in past), sorted(later for _, later, _ in past)
    most, begins = 0, timedelta()
    for one, begin, width in past:
        if one.earliest_at is not None and begin > (one.earliest_at - one.entered_at) * NEAR:
            continue
        # At the minimum itself the band begins with it.
        from_here = timedelta() if begin <= width else begin
        count = bisect_right(nearest, from_here) - bisect_left(farthest, from_here)
        if count > most:
            most, begins = count, from_here
    return [one for one, later, width in past if timedelta() <= later - begins <= width] if most else []


def _usual(all_done: list[Done], close: list[Done], percent: int) -> float:
    """What the bands after this one hold on average."""
    past = [(one.act.at - one.earliest_at, _width(one, percent)) for one in all_done if one.earliest_at]
    ends = max(one.act.at - one.earliest_at for one in close if one.earliest_at)
    return sum(1 for later, width in past if ends < later <= ends + AFTER * width) / AFTER


def _width(done: Done, percent: int) -> timedelta:
    minimum = done.earliest_at - done.entered_at if done.earliest_at is not None else timedelta()
    return max(minimum * percent / 100, timedelta(seconds=20))


def _finding(facts: Facts, close: list[Done], of: int) -> Finding:
    last = close[-1].act
    month = facts.calendar.local_date(last.at)
    rows = tuple(
        row_of(one.act) | {"seconds_past": int((one.act.at - one.earliest_at).total_seconds())}
        for one in close
        if one.earliest_at is not None
    )
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
    3,
    "一人办理某环节，用时多次集中在最短时限之后的同一窄区间内，远多于其后各区间。",
    "One person completes a step within one narrow band past its minimum again and again, far more than after it.",
    "S15",
    find,
    {
        "times": Figure(4, 3, 100, "次数至少", "least times"),
        "share": Figure(10, 5, 100, "占比至少（%）", "least share (%)"),
        "over": Figure(5, 2, 100, "其后各区间平均数的倍数", "times the average of the bands after it"),
        "percent_past": Figure(8, 1, 50, "区间宽度占最短时限（%）", "width of the band (% of the minimum)"),
    },
)
