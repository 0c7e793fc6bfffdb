"""热线月报: the month's calls with what became of them, for the department and for the county."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.cases.work_orders import MonthlyFigures, WorkOrder, monthly_figures
from service.database.tables import case, event, power_item, user_task
from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.permissions import may
from service.people.secrecy import HIDDEN
from service.working_time import WorkingCalendar

# The diagram of the work order, the scope that its promise counts in, and the steps whose answers are counted.
DEFINITION, PROMISED = "hotline_order", "order_handling"
_ANSWERING = ("answer_now", "reply_caller")
_OF_MONTH = (
    case.c.power_item.in_(select(power_item.c.code).where(power_item.c.definition_key == DEFINITION)),
    case.c.created_at >= bindparam("begins"),
    case.c.created_at < bindparam("ends"),
)
_CALLS = select(case.c.id, case.c.department, case.c.applicant, case.c.outcome).where(*_OF_MONTH).order_by(case.c.id)
_STEPS = (
    select(
        user_task.c.case_id,
        user_task.c.element_id,
        user_task.c.department,
        user_task.c.status,
        user_task.c.completed_at,
        user_task.c.answers,
    )
    .join(case, case.c.id == user_task.c.case_id)
    .where(*_OF_MONTH, user_task.c.element_id.in_(("sign", "handle", "follow_up", *_ANSWERING)))
    .order_by(user_task.c.entered_at, user_task.c.id)
)
_PASSED = (
    select(event.c.case_id, event.c.payload)
    .join(case, case.c.id == event.c.case_id)
    .where(*_OF_MONTH, event.c.kind == "limit_reached", event.c.element_id == PROMISED)
)
_FIRST = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Month:
    """Its first day and the first of the next month."""

    first: date
    following: date

    @property
    def name(self) -> str:
        return f"{self.first:%Y-%m}"


def month_of(given: str | None, today: date) -> Month:
    """`2026-11`, or the month of today. Raises Refused invalid_request for another text and for months to come."""
    try:
        first = date.fromisoformat(f"{given}-01") if given else today.replace(day=1)
    except ValueError:
        first = date.max
    if not _FIRST <= first <= today:
        words = "请填不晚于本月的月份，如 2026-11", "Expected a month that has begun, such as 2026-11"
        raise Refused("invalid_request", *words, [Detail("not_a_month", *words, pointer="/month")])
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return Month(first, following)


def departments_of_figures(actor: Actor) -> frozenset[str] | None:
    """Whose figures the person reads: all of them (None) for the hotline and supervision, else the department's."""
    if may(actor, "read_hotline_figures_of_county"):
        return None
    return frozenset(h.department for h in actor.holdings if may(actor, "read_hotline_figures", h.department))


def read_figures(connection: Connection, calendar: WorkingCalendar, actor: Actor, month: Month) -> list[MonthlyFigures]:
    """The month's figures of the departments that the person reads. Raises Refused not_permitted."""
    mine = departments_of_figures(actor)
    if mine == frozenset():
        raise Refused(
            "not_permitted", "您的岗位不能查看热线月报", "Expected the hotline, a leader of a department or supervision"
        )
    begins, ends = (datetime(day.year, day.month, day.day, tzinfo=calendar.zone) for day in _days(month))
    rows = monthly_figures(_orders(connection, {"begins": begins, "ends": ends}))
    return [row for row in rows if mine is None or row.department in mine]


def _days(month: Month) -> tuple[date, date]:
    return month.first, month.following


def _orders(connection: Connection, span: dict[str, datetime]) -> list[WorkOrder]:
    steps: dict[int, list[Any]] = {}
    for step in connection.execute(_STEPS, span):
        steps.setdefault(step.case_id, []).append(step)
    late = {row.case_id for row in connection.execute(_PASSED, span) if json.loads(row.payload)["colour"] == "red"}
    return [_order(row, steps.get(row.id, ()), row.id in late) for row in connection.execute(_CALLS, span)]


def _order(row: Any, steps: Sequence[Any], late: bool) -> WorkOrder:
    done = [step for step in steps if step.status == "completed"]
    returned = [step for step in done if step.element_id == "sign" and _answer(step, "sign_result") == "return"]
    given_to = [step.department for step in steps if step.element_id in ("sign", "handle") and step not in returned]
    answers = [step.completed_at for step in done if step.element_id in _ANSWERING]
    said = [_answer(step, "satisfaction") for step in done if step.element_id == "follow_up"]
    return WorkOrder(
        department=given_to[-1] if given_to else row.department,
        answered_at=answers[-1] if answers else None,
        late=late,
        satisfaction=said[-1] if said else None,
        returned_by=[step.department for step in returned],
        secret=bool(row.applicant.get(HIDDEN)),
        declined=row.outcome == "not_accepted",
    )


def _answer(step: Any, name: str) -> str | None:
    value = (step.answers or {}).get(name)
    return str(value) if value is not None else None
