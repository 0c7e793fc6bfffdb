"""Loop: one case sent back 1,000 times from the review to the survey; the 10th time against the 1,000th."""

from __future__ import annotations

from datetime import datetime, timedelta

from bench.bureau import MONDAY, Bureau, bureau
from bench.metering import Cost, Meter, medians
from bench.record import Findings, Options, Row, Target

LOOPS = 1000
# One loop alone is noise: the median of as many from the 10th on, and of the last.
WINDOW = 20
MOST_TIMES = 1.3


def measure(options: Options) -> Findings:
    """Each loop is a survey, its signature, and a review that sends the case back."""
    loops = max(options.rounds or LOOPS, 3 * WINDOW)
    with bureau(options.database) as office:
        costs = run(office, loops)
        rows: list[Row] = [
            {"database": office.database, "loop": first, **medians(costs[first - 1 : first - 1 + WINDOW])}
            for first in (10, loops // 2, loops - WINDOW + 1)
        ]
    times = rows[-1]["cpu_ms"] / rows[0]["cpu_ms"]
    target = Target(f"loop {loops} against loop 10", "times the CPU", MOST_TIMES, times)
    return Findings(rows, [target], options={"loops": loops, "median_of": WINDOW})


def run(office: Bureau, loops: int) -> list[Cost]:
    """The cost of each loop."""
    meter = Meter(office.engine)
    _, task_id = meter.measure_act(office.engine, lambda c: office.case_at(c, 0, "section_review", MONDAY))
    case_id = office.case_of(task_id)
    return [_loop(office, meter, case_id, MONDAY + timedelta(minutes=32 * number)) for number in range(loops)]


def _loop(office: Bureau, meter: Meter, case_id: int, now: datetime) -> Cost:
    back = office.answers(0, "section_review", review_result="back")
    survey, surveyed = office.answers(0, "site_survey"), now + timedelta(minutes=31)
    review_id = office.open_task(case_id, "section_review")
    first, _ = meter.measure_act(office.engine, lambda c: office.complete(c, review_id, "section", back, now))
    survey_id = office.open_task(case_id, "site_survey")
    second, _ = meter.measure_act(office.engine, lambda c: office.sign(c, survey_id, surveyed))
    third, _ = meter.measure_act(office.engine, lambda c: office.complete(c, survey_id, "officer", survey, surveyed))
    return {name: first[name] + second[name] + third[name] for name in first}
