"""A plan of later payment within an act: the wait for the payment lasts until the part that comes next (Art. 66)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.fees.plans import FinePlan, read_plan

if TYPE_CHECKING:
    from service.commands.act import CaseAct


def plan_of(act: CaseAct) -> FinePlan | None:
    """The plan in force on the case of a fine."""
    if act.item is None or not act.item.fines:
        return None
    return read_plan(act.connection, act.row.case_id, act.books, act.calendar, act.today)


def follow_plan(act: CaseAct) -> bool:
    """Let the case, whose state is loaded, wait for the plan's next part; whether anything in it has changed.

    The timers of steps that wait for the payment move, never to an earlier instant; those that are armed later read
    `pay_by` and `plan_ends_on` in their expressions.
    """
    plan = plan_of(act)
    if plan is None:
        return False
    known = {
        "pay_by": plan.pay_by.isoformat() if plan.pay_by else None,
        "plan_ends_on": plan.ends_on.isoformat(),
    }
    if all(act.run.variables.get(name) == value for name, value in known.items()):
        return False
    act.run.variables.update(known)
    if plan.pay_by is not None:
        until = act.calendar.add_natural_days(plan.pay_by, 0)
        for timer in act.run.armed():
            if timer.role == "move" and timer.step.message == "payment" and timer.due_at < until:
                act.run.resume_timer(timer.id, until)
                moved = {"state": 0, "remaining": None, "due_at": until}
                act.pending.due_updates.append({"b_timer_id": timer.id, "b_role": "move", **moved})
    return True
