"""The ways an office moves a case and its tasks, in one table: who may, with which reason, clock and separation. Pure.

A way that is not in the table does not exist. `docs/operations-on-cases.md` is made from it (`moves_docs`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from service.errors import Detail, Refused
from service.people.actor import Actor
from service.people.separation import BUSINESS_POSTS
from service.user_tasks.terminals import ruling_posts

REVIEWING = frozenset({"review", "review_dept", "legal", "approve"})
DECIDING = frozenset({"decide", "approve"})
# Whose work the head of a section hands on; legal review, hearings and decisions are not his to give away.
OF_A_SECTION = frozenset({"clerk", "officer", "section", "printer", "cashier"})
_RANKS: Mapping[str, int] = {
    **dict.fromkeys(("clerk", "officer", "printer", "cashier", "hearing_chair"), 1),
    **dict.fromkeys(("section", "legal"), 2),
    "vice": 3,
    "head": 4,
}


class Who(StrEnum):
    """In which relation to the task or the case one must stand."""

    CANDIDATE = "candidate"
    HOLDER = "holder"
    LAST_DOER = "last_doer"
    REVIEWER = "reviewer"
    DECIDER = "decider"
    SECTION = "section"
    ABOVE = "above"
    CASE_DECIDER = "case_decider"
    CASE_REVIEWER = "case_reviewer"
    APPROVER = "approver"
    APPLICANT = "applicant"
    READER = "reader"
    PLACER = "placer"
    SUPERVISOR = "supervisor"
    ABSENT = "absent"
    NOBODY = "nobody"


WHO_WORDS: Mapping[Who, tuple[str, str]] = {
    Who.CANDIDATE: ("有该岗位且不受职责分离限制的人", "whoever holds the post and whom separation does not exclude"),
    Who.HOLDER: ("已领取该环节的人", "who has claimed the task"),
    Who.LAST_DOER: ("刚办结上一环节、其后尚无人经手的人", "who did the last act, while nobody has acted since"),
    Who.REVIEWER: ("已领取审核、法制审核环节的人", "who has claimed a task of review or legal review"),
    Who.DECIDER: ("已领取审签、审批环节的人", "who has claimed a task of approval or decision"),
    Who.SECTION: ("本部门科室负责人", "the head of section of the department"),
    Who.ABOVE: (
        "上级：科室、分管、主要负责人，监察员，控制中心",
        "anyone above: head of section, vice head, head, supervisors, centre",
    ),
    Who.CASE_DECIDER: ("本部门具有该流程审批岗位的人", "a holder of the post that decides in the case's diagram"),
    Who.CASE_REVIEWER: ("已领取审核、法制审核环节的人", "who has claimed a task of review or legal review"),
    Who.APPROVER: ("法律、事项规定的批准人（行政机关负责人）", "the approver whom the law and the item name"),
    Who.APPLICANT: ("申请人凭查询码，或窗口代录", "the applicant with the secret, or the window for him"),
    Who.READER: ("收到的人", "who received it"),
    Who.PLACER: (
        "安全管理员，或本部门负责人（不得为本人）",
        "the security administrator or a leader of the department, for another than oneself",
    ),
    Who.SUPERVISOR: (
        "本部门一级监察员，其为当事人时由二级监察员；督办单由控制中心",
        "the level-1 supervisor of the department, level 2 where that one has a part in it; of an order, the centre",
    ),
    Who.ABSENT: (
        "本部门负责人或者安全管理员代为登记",
        "a leader of the department or the security administrator for somebody",
    ),
    Who.NOBODY: ("任何人都不可以", "nobody"),
}
Reason = Literal["no", "yes", "legal"]
REASON_WORDS: Mapping[str, tuple[str, str]] = {
    "no": ("不需要", "no"),
    "yes": ("须写明", "required"),
    "legal": ("须写明法律依据", "a ground of law"),
}
Clock = Literal["runs", "moves", "stops", "ends", "none"]
CLOCK_WORDS: Mapping[str, tuple[str, str]] = {
    "runs": ("照走", "runs on"),
    "moves": ("到期日顺延", "the due instant moves"),
    "stops": ("停表", "stops"),
    "ends": ("终止", "ends"),
    "none": ("—", "—"),
}
Separation = Literal[
    "none", "stays", "receiver", "both", "review", "signers", "decide", "supervise", "not_handler", "no_way"
]
SEPARATION_WORDS: Mapping[str, tuple[str, str]] = {
    "none": ("不计", "does not count"),
    "stays": ("已计的职责仍计", "roles used stay used"),
    "receiver": ("查接办人", "the receiver is checked"),
    "both": ("本人和受托人都计", "both persons count"),
    "review": ("按审核计", "counts as review"),
    "signers": ("签署按审核计，征求意见不计", "a signature counts as review, an answer to a consultation does not"),
    "decide": ("按审批计", "counts as decision"),
    "supervise": ("按监察计", "counts as supervision"),
    "not_handler": ("不得为经办人", "not the handler"),
    "no_way": ("改流程图并迁移", "change the diagram, then migrate"),
}


@dataclass(frozen=True, slots=True)
class Move:
    """One way. `route` is its path below /api/v1; empty for one that nobody has. Any of `who` is enough."""

    name: str
    zh: str
    en: str
    who: tuple[Who, ...]
    reason: Reason
    clock: Clock
    separation: Separation
    route: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a move is about: a task and its case, as far as the question who may needs them."""

    department: str
    case_kind: str
    post: str
    group: str | None
    assignee: int | None
    halts: bool = False
    completed_by: int | None = None
    # Of a move of the whole case: the posts that may decide or approve it, and who has claimed its review.
    posts: frozenset[str] = frozenset()
    reviewers: frozenset[int] = frozenset()


_TASK = "/user-tasks/{id}"
_CASE = "/cases/{number}"
_ROWS = (
    Move("claim", "签收", "Claim", (Who.CANDIDATE,), "no", "runs", "none", f"POST {_TASK}/claim"),
    Move("claim_many", "批量签收", "Claim several", (Who.CANDIDATE,), "no", "runs", "none", "POST /user-tasks/claims"),
    Move("release", "退签", "Release", (Who.HOLDER,), "no", "runs", "none", f"POST {_TASK}/release"),
    Move("transfer", "转办", "Transfer", (Who.SECTION,), "yes", "runs", "receiver", f"POST {_TASK}/transfer"),
    Move("delegate", "委托代办", "Delegate", (Who.HOLDER,), "yes", "runs", "both", f"POST {_TASK}/delegate"),
    Move("hand_over", "交接", "Hand over", (Who.PLACER,), "yes", "runs", "receiver", "POST /people/{id}/hand-over"),
    Move("leave", "请假", "Leave", (Who.HOLDER, Who.ABSENT), "yes", "runs", "receiver", "POST /leaves"),
    Move("urge", "催办", "Urge", (Who.ABOVE,), "no", "runs", "none", f"POST {_TASK}/urge"),
    Move("add_signer", "加签", "Add signers", (Who.HOLDER,), "yes", "runs", "review", f"POST {_TASK}/signers"),
    Move("countersign", "会签", "Countersign", (Who.DECIDER,), "no", "runs", "review", f"POST {_TASK}/countersign"),
    Move("consult", "征求意见", "Consult", (Who.REVIEWER,), "yes", "runs", "none", f"POST {_TASK}/consult"),
    Move("answer", "签署、答复", "Sign or answer", (Who.READER,), "no", "runs", "signers", "POST /opinions/{id}"),
    Move("copy", "抄送", "Copy to read", (Who.HOLDER,), "no", "runs", "none", f"POST {_TASK}/copies"),
    Move("read", "阅", "Read a copy", (Who.READER,), "no", "runs", "none", "POST /copies/{id}/read"),
    Move("read_many", "批量阅", "Read several copies", (Who.READER,), "no", "runs", "none", "POST /copies/receipts"),
    Move("link", "关联、并案", "Link cases", (Who.HOLDER,), "yes", "runs", "none", f"POST {_TASK}/links"),
    Move("unlink", "撤销关联", "Undo a link", (Who.HOLDER,), "yes", "runs", "none", f"POST {_TASK}/links/remove"),
    Move(
        "send_back", "退回", "Send back", (Who.REVIEWER, Who.DECIDER), "yes", "runs", "stays", f"POST {_TASK}/send-back"
    ),
    Move("take_back", "撤回", "Take back", (Who.LAST_DOER,), "yes", "runs", "stays", f"POST {_TASK}/take-back"),
    Move("extend", "延期", "Extend", (Who.APPROVER,), "yes", "moves", "not_handler", f"POST {_CASE}/extend"),
    Move("suspend", "依法中止", "Suspend", (Who.CASE_DECIDER,), "legal", "stops", "none", f"POST {_CASE}/suspend"),
    Move("resume", "恢复办理", "Resume", (Who.CASE_DECIDER,), "yes", "runs", "none", f"POST {_CASE}/resume"),
    Move(
        "special_step",
        "特别程序",
        "Special procedure",
        (Who.CASE_REVIEWER,),
        "legal",
        "stops",
        "none",
        f"POST {_CASE}/special-step",
    ),
    Move(
        "end_special_step",
        "特别程序结束",
        "End the special procedure",
        (Who.CASE_REVIEWER,),
        "no",
        "runs",
        "none",
        f"POST {_CASE}/special-step/end",
    ),
    Move("terminate", "终止", "Terminate", (Who.CASE_DECIDER,), "legal", "ends", "decide", f"POST {_CASE}/terminate"),
    Move(
        "withdraw",
        "申请人撤回申请",
        "Applicant withdraws",
        (Who.APPLICANT,),
        "no",
        "ends",
        "none",
        f"POST {_CASE}/withdraw",
    ),
    Move(
        "correct_slip",
        "笔误更正",
        "Clerical correction",
        (Who.SECTION,),
        "yes",
        "runs",
        "none",
        f"POST {_CASE}/clerical-corrections",
    ),
    Move(
        "halt_ruling",
        "解除中止（同一终端）",
        "Rule on a halt (one terminal)",
        (Who.SUPERVISOR,),
        "yes",
        "runs",
        "supervise",
        f"POST {_CASE}/halt-ruling",
    ),
    Move("jump", "跳转", "Jump", (Who.NOBODY,), "no", "none", "no_way", ""),
)
MOVES: Mapping[str, Move] = {move.name: move for move in _ROWS}


def may_move(actor: Actor, move: Move, subject: Subject) -> bool:
    """Whether the person stands in one of the relations that the way asks for."""
    return any(_STANDS[who](actor, subject) for who in move.who)


def require_move(actor: Actor, name: str, subject: Subject) -> Move:
    """The way, if this person may take it. Raises Refused not_permitted."""
    move = MOVES[name]
    if not may_move(actor, move, subject):
        zh, en = "、".join(WHO_WORDS[w][0] for w in move.who), ", ".join(WHO_WORDS[w][1] for w in move.who)
        raise Refused("not_permitted", f"{move.zh}只能由{zh}办理", f"Expected for “{move.en}”: {en}")
    return move


def require_reason(move: Move, reason: str) -> str:
    """The reason without blanks around it. Raises Refused invalid_request where one is asked for and none is given."""
    given = reason.strip()
    if move.reason != "no" and not given:
        words = f"{move.zh}须写明理由", f"Say why: {move.en.lower()} takes a reason"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/reason")])
    return given


def _candidate(actor: Actor, subject: Subject) -> bool:
    return subject.assignee is None and actor.holding_for(subject.post, subject.department) is not None


def _holder(actor: Actor, subject: Subject) -> bool:
    return subject.assignee == actor.person_id


def _section(actor: Actor, subject: Subject) -> bool:
    """Of a whole case, which names no post, as of a task that is the section's to hand on."""
    ordinary = subject.case_kind != "order" and not subject.halts and subject.post in OF_A_SECTION | {""}
    return ordinary and actor.holding_for("section", subject.department) is not None


def _above(actor: Actor, subject: Subject) -> bool:
    """Whoever has a higher post in the task's department; supervisors urge what they supervise."""
    if subject.post not in BUSINESS_POSTS:
        return subject.post == "sup1" and actor.holding_for("sup2", subject.department) is not None
    rank = _RANKS.get(subject.post, 1)
    higher = [post for post, own in _RANKS.items() if own > rank] + ["sup1", "sup2", "centre"]
    return any(actor.holding_for(post, subject.department) is not None for post in higher)


def _of_case(actor: Actor, subject: Subject) -> bool:
    return any(actor.holding_for(post, subject.department) is not None for post in subject.posts)


def _supervisor(actor: Actor, subject: Subject) -> bool:
    return any(actor.holding_for(post, subject.department) for post in ruling_posts(subject.case_kind))


def _applicant(actor: Actor, subject: Subject) -> bool:
    return actor.holding_for("clerk", subject.department) is not None


_STANDS: Mapping[Who, Callable[[Actor, Subject], bool]] = {
    Who.CANDIDATE: _candidate,
    Who.HOLDER: _holder,
    Who.LAST_DOER: lambda actor, subject: subject.completed_by == actor.person_id,
    Who.REVIEWER: lambda actor, subject: _holder(actor, subject) and subject.group in REVIEWING,
    Who.DECIDER: lambda actor, subject: _holder(actor, subject) and subject.group in DECIDING,
    Who.SECTION: _section,
    Who.ABOVE: _above,
    Who.CASE_DECIDER: _of_case,
    Who.CASE_REVIEWER: lambda actor, subject: actor.person_id in subject.reviewers,
    Who.APPROVER: _of_case,
    Who.APPLICANT: _applicant,
    Who.READER: lambda _actor, _subject: False,
    Who.PLACER: lambda _actor, _subject: False,
    Who.ABSENT: lambda _actor, _subject: False,
    Who.SUPERVISOR: _supervisor,
    Who.NOBODY: lambda _actor, _subject: False,
}
