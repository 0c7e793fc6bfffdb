"""When a fine is late and what may be added to it (行政处罚法 Art. 66, 67, 72). Pure; amounts in fen, days natural."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# 行政处罚法 Art. 67(3): fifteen days from receipt of the decision; counted as natural days (Art. 85 names others).
PAY_DAYS = 15
# 行政处罚法 Art. 72(1)(1): 3 % of the fine a day, and never more than the fine itself.
_PERCENT_A_DAY = 3
# County default: monthly parts over five years; what takes longer is for the court.
MOST_PARTS = 60
LONGEST_PLAN_DAYS = 5 * 366


@dataclass(frozen=True, slots=True)
class Part:
    """So much is to be paid by the end of a day. A deferral is a plan of one part, instalments of several."""

    due_on: date
    amount_fen: int


def late_since(plan: Sequence[Part], paid_fen: int) -> date | None:
    """The last day on which the first part that is not covered could be paid in time; None if all is covered."""
    asked = 0
    for part in sorted(plan, key=lambda one: one.due_on):
        asked += part.amount_fen
        if asked > paid_fen:
            return part.due_on
    return None


def surcharge_fen(fine_fen: int, days_late: int) -> int:
    """加处罚款 for so many days, whole fen downwards."""
    return min(fine_fen, fine_fen * _PERCENT_A_DAY * max(0, days_late) // 100)


def hastens(plan: Sequence[Part], standing: Sequence[Part], owed_fen: int) -> date | None:
    """The first day by which a plan asks for more than is to be paid by then anyway; None where there is none.

    `standing`: what has days of its own so far, of `owed_fen`; the rest may be asked for on any day.
    """
    free, asked = owed_fen - sum(part.amount_fen for part in standing), 0
    for part in sorted(plan, key=lambda one: one.due_on):
        asked += part.amount_fen
        if asked > free + sum(one.amount_fen for one in standing if one.due_on <= part.due_on):
            return part.due_on
    return None


def wrong_plan(plan: Sequence[Part], owed_fen: int, today: date) -> str | None:
    """What a plan of payment must be and is not, in English; None for a sound one."""
    days = [part.due_on for part in plan]
    if not plan or any(part.amount_fen <= 0 for part in plan):
        return "Expected parts that each ask for something"
    if sum(part.amount_fen for part in plan) != owed_fen:
        return f"Expected parts that add up to {owed_fen} fen"
    if days != sorted(set(days)) or days[0] <= today:
        return "Expected days to come, one after the other"
    if len(plan) > MOST_PARTS or (days[-1] - today).days > LONGEST_PLAN_DAYS:
        return f"Expected at most {MOST_PARTS} parts within {LONGEST_PLAN_DAYS} days"
    return None
