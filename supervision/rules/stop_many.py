"""停表异常: the clock of one case is stopped too often.

What the law makes each case stand still for (publicity, experts) stops it once in its own step: that is no abuse.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from supervision.facts import Facts, Stop
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_case: dict[int, list[Stop]] = defaultdict(list)
    for stop in facts.stops:
        by_case[stop.case.id].append(stop)
    for every in by_case.values():
        stops = _not_of_course(every)
        if not stops:
            continue
        figures = choose(stops[-1].case.place)
        if figures is not None and len(stops) > figures["stops"]:
            yield _finding(stops)


def _not_of_course(stops: list[Stop]) -> list[Stop]:
    """Those of the office, which belong to no step, and those of steps that stopped the clock again."""
    often = Counter(stop.element_id for stop in stops)
    return [stop for stop in stops if not stop.element_id or often[stop.element_id] > 1]


def _finding(stops: list[Stop]) -> Finding:
    case = stops[-1].case
    return Finding(
        RULE,
        "yellow",
        f"stops/{case.id}",
        of_case(case),
        case.place,
        f"办件已停表 {len(stops)} 次",
        f"The case's clock was stopped {len(stops)} times",
        tuple(
            {"at": stop.started_at.isoformat(), "case": case.number, "zh": stop.basis, "en": stop.basis}
            for stop in stops
        ),
        case_id=case.id,
    )


RULE = Rule(
    "stop_abuse.many",
    2,
    "同一办件停表次数过多（各环节依法各停一次的不计）。",
    "The clock of one case is stopped too often, the one stop apart that a step of it has by law.",
    "DOMAIN 5",
    find,
    {"stops": Figure(2, 1, 20, "允许次数", "stops allowed")},
)
