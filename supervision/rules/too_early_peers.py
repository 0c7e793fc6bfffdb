"""用时过短: faster than this step can be, as its own history tells; for steps without a minimum of their own.

Durations are spread over orders of magnitude, so that the rule works on their logarithms: the median less a number of
scaled median deviations (MAD · 1.4826) is robust against slow days and against the fast breaches themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, log
from statistics import median

from supervision.facts import Facts, Stage
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case, row_of

# Of a normal distribution, a deviation of this many medians is one standard deviation.
_MAD_TO_SIGMA = 1.4826
# Where nearly all take the same time, a tenth more or less is nothing.
_LEAST_SIGMA = 0.1


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    # Many completions of a step have one history.
    bounds: dict[tuple[int, int], float] = {}
    for stage in facts.stages:
        figures = choose(stage.act.case.place)
        if figures is None or stage.has_minimum:
            continue
        # Its own history, and that of its peers while it has too little of its own.
        compared = next((one for one in (stage.earlier, stage.peers) if len(one) >= figures["cases"]), None)
        if compared is None:
            continue
        tenths = figures["deviations_tenths"]
        if (key := (id(compared), tenths)) not in bounds:
            bounds[key] = least_seconds(compared, tenths / 10)
        least = bounds[key]
        if stage.seconds < min(least, figures["most_seconds"]):
            yield _finding(stage, compared, least)


def least_seconds(earlier: Sequence[float], deviations: float) -> float:
    """Below this a step of these durations is an outlier."""
    logs = [log(max(seconds, 1.0)) for seconds in earlier]
    middle = median(logs)
    sigma = max(median(abs(one - middle) for one in logs) * _MAD_TO_SIGMA, _LEAST_SIGMA)
    return exp(middle - deviations * sigma)


def _finding(stage: Stage, compared: Sequence[float], least: float) -> Finding:
    act, usual = stage.act, int(median(compared))
    row = row_of(act) | {"seconds": int(stage.seconds), "usual_seconds": usual, "cases": len(compared)}
    return Finding(
        RULE,
        "yellow",
        f"task/{stage.task_id}",
        of_case(act.case),
        act.case.place,
        f"“{act.step_zh}”用时 {int(stage.seconds)} 秒，以往 {len(compared)} 件中位数 {usual} 秒",
        f"“{act.step_en}” took {int(stage.seconds)} s; the median of {len(compared)} cases is {usual} s",
        (row | {"least_seconds": int(least)},),
        case_id=act.case.id,
        element_id=act.element_id,
        person_id=act.person_id,
    )


RULE = Rule(
    "too_early.peers",
    2,
    "用时明显短于同一事项同一环节的以往办件（满 30 件起比较；不足的，与同类事项比较）。",
    "A step took far less time than it usually takes in the item, or in its category while the item has few cases.",
    "S15",
    find,
    {
        "cases": Figure(30, 10, 1000, "至少办件数", "least cases"),
        "deviations_tenths": Figure(35, 20, 80, "偏离倍数（十分之一）", "deviations (tenths)"),
        "most_seconds": Figure(600, 10, 86_400, "最多（秒）", "at most (seconds)"),
    },
)
