"""Answers: what a step costs in a case with 1 KB of answers, and in one with 100 KB."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from bench.bureau import MONDAY, STEPS, Bureau, bureau
from bench.metering import Costs, Meter
from bench.record import Findings, Options, Target, most

ROUNDS = 60
SIZES_KB = (1, 100)
MOST_TIMES = 1.3


def measure(options: Options) -> Findings:
    """Cases of both sizes in turn, so that what else the machine does falls on both."""
    rounds = options.rounds or ROUNDS
    with bureau(options.database) as office:
        meter, costs = Meter(office.engine), {size: Costs() for size in SIZES_KB}
        for number in range(rounds):
            for size, paid in costs.items():
                _one_case(office, meter, paid, number, size)
        rows = [
            {"database": office.database, "answers_kb": size, "act": act, **cost}
            for size, paid in costs.items()
            for act, cost in paid.medians().items()
        ]
    return Findings(rows, [_target(rows)], options={"cases": rounds})


def _one_case(office: Bureau, meter: Meter, costs: Costs, number: int, size_kb: int) -> None:
    command = replace(office.application(number), answers=enlarged(office.application(number).answers, size_kb))
    cost, started = meter.measure_act(office.engine, lambda c: office.start_with(c, command, MONDAY))
    costs.add("start a case", cost)
    meter.measure_act(office.engine, lambda c: office.put_materials(c, started.case_id, MONDAY))
    at = MONDAY
    for step, who, minutes in STEPS:
        at += timedelta(minutes=minutes)
        task_id, given = office.open_task(started.case_id, step), office.answers(number, step)
        if step == "site_survey":
            meter.measure_act(office.engine, partial(office.sign, task_id=task_id, now=at))
        cost, _ = meter.measure_act(
            office.engine, partial(office.complete, task_id=task_id, who=who, given=given, now=at)
        )
        costs.add(f"complete {step}", cost)


def enlarged(answers: Any, size_kb: int) -> dict[str, Any]:
    """The application with as many products, their names as long as the form allows, as make it that large in JSON."""
    given = {**answers, "chemicals": list(answers["chemicals"])}
    while (missing := size_kb * 1000 - _bytes(given)) > 100:
        name = "醇" * min(missing // 3 - 20, 200)
        given["chemicals"].append({**answers["chemicals"][0], "product": name})
    return given


def _bytes(answers: Any) -> int:
    return len(json.dumps(answers, ensure_ascii=False).encode())


def _target(rows: list[dict[str, Any]]) -> Target:
    acts = {row["act"] for row in rows if row["act"].startswith("complete")}
    small, large = SIZES_KB
    times = [
        (most(rows, "cpu_ms", act=act, answers_kb=large) or 0) / (most(rows, "cpu_ms", act=act, answers_kb=small) or 1)
        for act in acts
    ]
    return Target(f"a step with {large} KB of answers against {small} KB", "times the CPU", MOST_TIMES, max(times))
