"""The ways in which a person may move a whole case now, for its page: by the same rules as the commands."""

from __future__ import annotations

from service.definitions.bundle import Bundle
from service.people.actor import Actor
from service.reads.case_view import CaseRow, CaseView
from service.user_tasks.moves import MOVES, REVIEWING, Move, Subject, may_move

# Which ways there are while the case is in this state.
_WHILE_OPEN = ("special_step", "end_special_step", "extend", "suspend", "terminate", "withdraw", "correct_slip")
_WHILE_SUSPENDED = ("resume", "terminate", "withdraw", "correct_slip")
# What is still a way once the case is decided.
_AFTER_DECISION = frozenset({"correct_slip"})
_DECISION_ALONE = frozenset({"special_step", "end_special_step", "extend", "suspend", "terminate"})


def case_subject(department: str, bundle: Bundle, approver: str | None, reviewers: frozenset[int]) -> Subject:
    """The case as the rule who may sees it; `approver` is the post that the item names for an extension."""
    deciding = {e.post for e in bundle.model.elements.values() if e.separation_group == "decide" and e.post}
    posts = frozenset({approver}) if approver is not None else frozenset(deciding)
    return Subject(department, "item", "", None, None, posts=posts, reviewers=reviewers)


def open_case_moves(actor: Actor, found: CaseRow, view: CaseView) -> tuple[Move, ...]:
    """On a case that is halted only the ruling, where its diagram draws none; nothing on one that is over."""
    if waits_for_ruling(view):
        ruling = MOVES["halt_ruling"]
        subject = Subject(found.row.department, view.kind, "", None, None)
        return (ruling,) if may_move(actor, ruling, subject) else ()
    if view.kind != "item" or found.item is None:
        return ()
    names = {"open": _WHILE_OPEN, "suspended": _WHILE_SUSPENDED}.get(view.status, ())
    if view.decided_on is not None:
        names = tuple(name for name in names if name in _AFTER_DECISION)
    assigned = [t for t in view.user_tasks if t.assignee is not None and t.separation_group in REVIEWING]
    reviewers = frozenset(t.assignee.id for t in assigned if t.assignee is not None)
    fits = [name for name in names if _fits(name, found, view)]
    return tuple(MOVES[n] for n in fits if may_move(actor, MOVES[n], _subject(n, found, reviewers)))


def waits_for_ruling(view: CaseView) -> bool:
    """Whether the case stands still because an act was held: no task of its diagram is the ruling."""
    return view.status == "halted" and not any(task.halts for task in view.user_tasks)


def _subject(name: str, found: CaseRow, reviewers: frozenset[int]) -> Subject:
    rule = found.item.limits.get("extension") if found.item is not None else None
    approver = str(rule["approver"]) if name == "extend" and rule else None
    return case_subject(found.row.department, found.bundle, approver, reviewers)


def _fits(name: str, found: CaseRow, view: CaseView) -> bool:
    item = found.item
    if item is None or (name == "withdraw" and item.category == "CF"):
        return False
    if name == "extend" and (not item.limits.get("extension") or view.clock.stopped or _extended(view)):
        return False
    if name in ("special_step", "end_special_step") and view.clock.stopped != (name == "end_special_step"):
        return False
    return name not in _DECISION_ALONE or view.accepted_on is not None


def _extended(view: CaseView) -> bool:
    """A limit is extended once, and the applicant told so in writing."""
    return any(one.kind == "extension_notice" for one in view.documents)
