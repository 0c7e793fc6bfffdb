"""Monthly figures of the hotline (12345): what became of each department's work orders. Pure.

An order counts in the month in which the call was taken, whenever the rest of it happens, so that a month's figures
are of the same orders: answered, in time, satisfied. Returns count at each department that returned an order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

SATISFIED, DISSATISFIED = frozenset({"very", "ok"}), frozenset({"bad"})


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """A call of the month. `department` is responsible: the last that it was given to, or the hotline itself.

    `answered_at` None: nobody has answered yet. `late` says that the promised limit has passed before the answer.
    `satisfaction` is the last word of the caller at the follow-up; `returned_by` has a department for each return.
    """

    department: str
    answered_at: datetime | None
    late: bool
    satisfaction: str | None
    returned_by: Sequence[str]
    secret: bool
    declined: bool = False


@dataclass(frozen=True, slots=True)
class MonthlyFigures:
    """A department's month; `declined` were out of scope. Rates in percent, None where nothing is to be counted."""

    department: str
    received: int = 0
    declined: int = 0
    answered: int = 0
    in_time: int = 0
    overdue: int = 0
    asked: int = 0
    satisfied: int = 0
    returned: int = 0
    secret: int = 0

    @property
    def in_time_rate(self) -> float | None:
        """Of what was answered or should have been by now."""
        return _percent(self.in_time, self.in_time + self.overdue)

    @property
    def satisfied_rate(self) -> float | None:
        """Of the callers who could be reached and said something."""
        return _percent(self.satisfied, self.asked)


def monthly_figures(orders: Iterable[WorkOrder]) -> list[MonthlyFigures]:
    """By department, in the order of their codes; a department that only returned orders has a row too."""
    found: dict[str, dict[str, int]] = {}
    for order in orders:
        mine = found.setdefault(order.department, {})
        for name, counts in _counted(order).items():
            mine[name] = mine.get(name, 0) + counts
        for code in order.returned_by:
            other = found.setdefault(code, {})
            other["returned"] = other.get("returned", 0) + 1
    return [MonthlyFigures(code, **counts) for code, counts in sorted(found.items())]


def total_of(rows: Iterable[MonthlyFigures]) -> MonthlyFigures:
    """All departments together."""
    given = list(rows)
    names = [name for name in MonthlyFigures.__dataclass_fields__ if name != "department"]
    return MonthlyFigures("", **{name: sum(getattr(row, name) for row in given) for name in names})


def _counted(order: WorkOrder) -> dict[str, int]:
    answered = order.answered_at is not None
    said = order.satisfaction in SATISFIED | DISSATISFIED
    return {
        "received": 1,
        "declined": int(order.declined),
        "answered": int(answered),
        "in_time": int(answered and not order.late),
        "overdue": int(order.late),
        "asked": int(said),
        "satisfied": int(order.satisfaction in SATISFIED),
        "secret": int(order.secret),
    }


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
