"""Who may act on a task, and which refusal says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from service.errors import Detail, Refused
from service.people.actor import Actor, Holding
from service.people.separation import GroupConflict, group_conflict

GROUP_NAMES: Mapping[str, tuple[str, str]] = {
    "accept": ("受理", "acceptance"),
    "approve": ("审签", "approval"),
    "collect": ("收费", "collection"),
    "decide": ("审批", "decision"),
    "hearing": ("听证", "hearing"),
    "investigate": ("踏勘调查", "investigation"),
    "legal": ("法制审核", "legal review"),
    "print": ("制证", "printing"),
    "review": ("审核", "review"),
    "supervise": ("监察", "supervision"),
    "accept_dept": ("承办签收", "the department's receipt"),
    "review_dept": ("承办单位审核", "the department's review"),
    "visit": ("回访", "the follow-up call"),
    "mend": ("整改", "mending what an order is about"),
    "supervise_level2": ("二级监察", "level-2 supervision"),
    "centre": ("控制中心", "the control centre"),
}

_TAKEN_ZH: Mapping[str, str] = {"claimed": "领取", "signed": "签字", "completed": "办结"}

# Groups in which nothing can be instant: too early there does not count (items.yaml, `min_duration`).
HALTING_GROUPS = frozenset({"investigate", "hearing"})


def permitted_holding(
    actor: Actor,
    *,
    post: str,
    department: str,
    group: str | None,
    actors: Mapping[str, Sequence[int]],
    task_id: str = "",
    assignee: int | None = None,
) -> Holding:
    """The holding by which the person may do the task: an own post first, then a lent one that excludes nothing.

    Of a task that somebody else has claimed, what that person has lent comes first: it alone lets another go on.

    Raises Refused `not_permitted` for somebody without the post, `separation_of_duty` for somebody whom an earlier
    act on this case, his own or his principal's, excludes.
    """
    conflict: GroupConflict | None = None
    for holding in _ways(actor, post, department, task_id, assignee):
        persons = [actor.person_id] + ([holding.principal_id] if holding.principal_id is not None else [])
        conflict = group_conflict(group, persons, actors)
        if conflict is None:
            return holding
    if conflict is not None:
        raise separation_refused(conflict)
    raise Refused("not_permitted", "您的岗位不办理本环节", f"Expected a holder of the post {post} in {department}")


def _ways(actor: Actor, post: str, department: str, task_id: str, assignee: int | None) -> list[Holding]:
    lent = actor.lent_tasks.get(task_id)
    ways = [*([lent] if lent is not None and lent.principal_id == assignee else ())]
    ways += actor.holdings_for(post, department)
    if assignee not in (None, actor.person_id):
        ways.sort(key=lambda holding: holding.principal_id != assignee)
    return ways


def is_named(named: str | None, person_id: int) -> bool:
    """Whether a task is anybody's of its post, or this person's by name."""
    return named is None or f",{person_id}," in named


def require_named(named: str | None, person_id: int) -> None:
    """A task of persons who were drawn (双随机) or named is nobody else's, whatever the post.

    Raises Refused not_permitted.
    """
    if not is_named(named, person_id):
        raise Refused(
            "not_permitted",
            "本环节由抽取或者指定的人员办理，他人不得代办",
            "Expected one of the persons who were drawn or named for this step",
        )


def separation_refused(conflict: GroupConflict) -> Refused:
    """The refusal that names both groups."""
    done_zh, done_en = GROUP_NAMES.get(conflict.done_group, (conflict.done_group, conflict.done_group))
    wanted_zh, wanted_en = GROUP_NAMES.get(conflict.wanted_group, (conflict.wanted_group, conflict.wanted_group))
    return Refused(
        "separation_of_duty",
        f"本人(或其委托人)已办理本件的{done_zh}环节，不得再办理{wanted_zh}环节",
        f"Expected another person for the {wanted_en}, but this one or the principal has done the {done_en}",
        facts={"done_group": conflict.done_group, "wanted_group": conflict.wanted_group},
    )


def task_taken(name: str | None, at: datetime | None, local: str, how: str) -> Refused:
    """Somebody else has `claimed`, `signed` or `completed` the task; says who and when."""
    return Refused(
        "task_taken",
        f"本环节已由{name or '系统'}于 {local} {_TAKEN_ZH[how]}",
        f"Expected an open task, but {name or 'the system'} {how} it at {local}",
        facts={"by": name, "at": at.isoformat() if at else None, "done": how == "completed"},
    )


def signers_missing() -> Refused:
    """Somebody who was asked to sign (加签, 会签) has not yet."""
    words = "还有人未签署，签署后方可提交", "Expected all signatures that were asked for, but some are missing"
    return Refused("control_node_missing", *words, [Detail("signature_missing", *words)])


def case_halted() -> Refused:
    return Refused(
        "case_halted",
        "办件已中止，须由一级监察员处置后方可继续",
        "Expected a running case, but it is halted until the level-1 supervisor has ruled",
    )


def case_suspended(ground: str, since: str) -> Refused:
    """Nothing is done on a suspended case (中止); says on which ground and since when (local date)."""
    return Refused(
        "case_suspended",
        f"办件自 {since} 起依法中止，恢复后方可办理。依据：{ground}",
        f"Expected a running case, but it has been suspended since {since}; ground: {ground}",
        facts={"ground": ground, "since": since},
    )


def require_present(receiver: Actor, *, self_acts: bool = False) -> None:
    """Nothing new comes to whoever is on leave (请假). Raises Refused on_leave."""
    if not receiver.on_leave:
        return
    if self_acts:
        raise Refused("on_leave", "您正在请假，销假后方可领取", "Expected somebody who is back, but you are on leave")
    words = f"{receiver.name}正在请假，请选择另一人", f"Expected somebody present, but {receiver.name} is on leave"
    raise Refused("on_leave", *words)
