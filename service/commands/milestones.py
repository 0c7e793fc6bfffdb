"""Milestones of a key project: the next one of the approved plan, and the end of the project's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from service.commands import publishing
from service.engine import Element
from service.reads.answers import answers_given

if TYPE_CHECKING:
    from service.commands.act import CaseAct


def next_milestone(act: CaseAct, element: Element, variables: dict[str, Any]) -> bool:
    """取下一节点: the first row of the approved plan that no review has found reached.

    `milestones_left` counts it too. A ruling's later day holds until then.
    """
    reached: list[str] = act.run.memory.setdefault("milestones_reached", [])
    if getattr(act.row, "task_element_id", None) == "section_review" and variables.get("milestone_name"):
        reached.append(str(variables["milestone_name"]))
        act.note("milestone_reached", element.id, name=variables["milestone_name"])
    left = [row for row in _plan(act) if row["name"] not in reached]
    variables["milestones_left"], variables["delay_ruling"] = len(left), None
    variables["milestone_name"] = left[0]["name"] if left else None
    variables["planned_due"] = left[0]["milestone_due"] if left else None
    if left:
        act.note("milestone_taken", element.id, name=left[0]["name"], due_on=left[0]["milestone_due"], left=len(left))
    return True


def _plan(act: CaseAct) -> list[Mapping[str, Any]]:
    given = answers_given(act.connection, act.row.case_id, "make_plan", "milestones")
    rows = given[-1] if given else []
    return list(rows) if isinstance(rows, list) else []


def archive(act: CaseAct, element: Element, _variables: dict[str, Any]) -> bool:
    """归档公开: the public fields of the project are open from now on."""
    act.later(lambda: publishing.publish_result(act, element.id))
    return True
