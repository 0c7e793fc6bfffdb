"""A person completes a user task: rules, form, clock, engine, record, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.cases.happened import CaseDecided, HaltRuled, OrderMoved, TooEarlyActed
from service.commands import documents, penalties
from service.commands.act import CaseAct, require_not_suspended, require_open
from service.commands.certificate_term import with_last_day
from service.commands.certificates_on_file import require_certificates_examined
from service.commands.checks import checked_answers, prints, require_entry, require_fee
from service.commands.delivery import make_receipt
from service.commands.departments import let_read
from service.commands.fire_timers import current
from service.commands.held_acts import fresh, hold, shared
from service.commands.official_data import compare_official
from service.commands.reentering import let_count
from service.commands.services import Services
from service.commands.signing_after import begin_followers
from service.commands.telling import tell_applicant
from service.commands.telling_people import tell_who_signed_unseen
from service.commands.writing import settle
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.presence import kind_of_act, require_presence
from service.people.queries import person_names
from service.reads.hot import HotRow, hot_by_task
from service.user_tasks.rules import (
    HALTING_GROUPS,
    case_halted,
    permitted_holding,
    require_named,
    signers_missing,
    task_taken,
)
from service.user_tasks.signature import answers_digest, content_digest
from service.user_tasks.terminals import Seat

# What the applicant hears of a check of materials that does not lead to acceptance.
CHECK_RESULTS_TOLD: Mapping[str, str] = {
    "correction": "correction",
    "not_competent": "not_accepted",
    "not_needed": "not_accepted",
}


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """`version` is the case's version that the person saw (If-Match), if the client sent one.

    `seen` looks at the case before anything is done with it, and may refuse it.
    """

    task_id: str
    answers: Mapping[str, Any]
    version: int | None = None
    seen: Callable[[HotRow], None] | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """`outcome` is `completed`, or `halted` when it came too early or from a shared terminal and does not count."""

    outcome: str
    case_id: int
    case_number: str
    alarms: tuple[dict[str, Any], ...]


def complete_task(
    connection: Connection, services: Services, actor: Actor, command: CompleteTask, now: datetime
) -> Completed:
    """Complete a task. Raises Refused with the code that says why not; nothing of the act is then written."""
    act, answers, content = _begun(connection, services, actor, command, now)
    row = act.row
    if row.task_earliest_at is not None and now < row.task_earliest_at:
        _note_too_early(act)
        if row.task_separation_group in HALTING_GROUPS:
            return _halt(act, answers)
    _require_signature(act, content)
    require_certificates_examined(act)
    earlier = shared(act, row.task_separation_group)
    return _complete(act, answers) if earlier is None else _hold(act, answers, earlier)


def complete_held(
    connection: Connection, services: Services, actor: Actor, command: CompleteTask, now: datetime
) -> Completed:
    """Complete a task whose completion was held until the supervisor released it: for him who handed it in then.

    It was compared with what was signed when it was handed in, and nobody could sign since.
    """
    act, answers, _ = _begun(connection, services, actor, command, now)
    _require_signature(act)
    require_certificates_examined(act)
    return _complete(act, answers)


def _begun(
    connection: Connection, services: Services, actor: Actor, command: CompleteTask, now: datetime
) -> tuple[CaseAct, dict[str, Any], str | None]:
    """The act of who may do the task, its state loaded, the answers as the form takes them, and where a signature is
    bound to a content, the digest of theirs.
    """
    row = current_row(connection, services, command.task_id, now, command.seen)
    act = CaseAct(connection, services, row, now, actor)
    require_task(act, command.version)
    require_presence(actor.presence, kind_of_act(row.task_separation_group, halts=row.task_halts), row.presence)
    if row.task_officers == 2:
        require_own_post(act)
    if row.task_held_by or row.task_held_for:
        raise signers_missing()
    act.load()
    form = act.bundle.form(row.task_form_key)
    answers = checked_answers(act, form, command.answers)
    content = content_digest(form, command.answers, answers) if row.task_signed_digest is not None else None
    return act, with_last_day(act, form, answers), content


def current_row(
    connection: Connection,
    services: Services,
    task_id: str,
    now: datetime,
    seen: Callable[[HotRow], None] | None = None,
) -> HotRow:
    """The task's case, due timers fired first. Raises Refused not_found, and what `seen` refuses it with."""
    row = current(connection, services, lambda: hot_by_task(connection, task_id), now, seen)
    if row is None:
        raise not_found("该环节", f"user task {task_id}")
    return row


def require_task(act: CaseAct, version: int | None = None) -> None:
    """The task is open, this person's to do, and the case neither halted nor closed nor changed meanwhile."""
    row, actor = act.row, act.actor
    if actor is None:
        raise Refused("not_signed_in", "请先登录", "Expected somebody signed in")
    if row.task_status == "void" and row.case_status == "halted":
        raise case_halted()  # nobody has completed it: what was handed in does not count
    if row.task_status != "open":
        raise taken(act, row.task_completed_by, row.task_completed_at, "completed")
    require_open(row)
    act.holding = permitted_holding(
        actor,
        post=row.task_post,
        department=row.task_department,
        group=row.task_separation_group,
        actors=act.actors,
        task_id=row.task_id,
        assignee=row.task_assignee,
    )
    require_named(row.task_named, actor.person_id)
    if row.task_assignee not in (None, actor.person_id, act.holding.principal_id):
        raise taken(act, row.task_assignee, row.task_claimed_at, "claimed")
    if row.case_status == "halted" and not row.task_halts:
        raise case_halted()
    require_not_suspended(act)
    if version is not None and version != row.version:
        raise Refused(
            "version_conflict", "办件已有变化，请刷新后再办", f"Expected version {version}, found {row.version}"
        )


def taken(act: CaseAct, person_id: int | None, at: datetime | None, how: str) -> Refused:
    """The refusal that says who has claimed, signed or completed the task, and when."""
    name = person_names(act.connection, {person_id}).get(person_id) if person_id is not None else None
    local = at.astimezone(act.calendar.zone).strftime("%Y-%m-%d %H:%M") if at else "—"
    return task_taken(name, at, local, how)


def _require_signature(act: CaseAct, content: str | None = None) -> None:
    """`officers: 2`: the second officer has signed, is not the one who completes, and has signed this content."""
    row = act.row
    if row.task_officers < 2 or row.task_halts:
        return
    if row.task_signed_by is None or row.task_signed_by == (act.actor.person_id if act.actor else None):
        raise _signature_lacks(
            "signature_missing",
            (
                "须两名执法人员共同办理：第二名人员尚未签字",
                "Expected the second officer's signature, but there is none",
            ),
            ("第二名人员尚未签字", "The second officer has not signed"),
        )
    if content is not None and content != row.task_signed_digest:
        raise _signature_lacks(
            "signature_outdated",
            (
                "签字后内容已改动：须由第二名人员看过后重新签字",
                "Expected what the second officer has signed, but the content has been changed since: "
                "the second officer must sign anew",
            ),
            (
                "签字后内容已改动，须重新签字",
                "The content has been changed after the signature; the second officer must sign anew",
            ),
        )


def _signature_lacks(code: str, words: tuple[str, str], detail: tuple[str, str]) -> Refused:
    return Refused("control_node_missing", *words, [Detail(code, *detail, pointer="/signature")])


def require_own_post(act: CaseAct) -> None:
    """Two officers are two who are qualified themselves: a post that was lent is not enough (行政处罚法 Art. 42)."""
    if act.holding is None or act.holding.principal_id is not None:
        raise Refused(
            "not_permitted",
            "两人办理的环节须由本人具备该岗位的人员办理，不得受托",
            f"Expected a holder of {act.row.task_post}, not a delegate, for a step of two officers",
        )


def _note_too_early(act: CaseAct) -> None:
    row, actor = act.row, act.actor
    if actor is None:
        return
    act.happened.append(
        TooEarlyActed(
            row.task_id,
            row.task_element_id,
            row.task_name_zh,
            row.task_name_en,
            row.task_separation_group,
            row.task_separation_group in HALTING_GROUPS,
            row.task_entered_at,
            row.task_earliest_at,
            act.now,
            actor.person_id,
            actor.name,
            row.task_department,
        )
    )


def _halt(act: CaseAct, answers: dict[str, Any]) -> Completed:
    """The act is recorded and does not count; the token takes the diagram's TOO_EARLY way to the supervisor."""
    row = act.row
    if not act.run.halt(row.task_id, act.variables_from(act.bundle.form(act.row.task_form_key), answers)):
        raise Refused(
            "control_node_missing",
            "未满最短时限，且流程图未画出“过早办结”的出路",
            "Expected the minimum duration to have passed; the diagram draws no TOO_EARLY way out",
        )
    act.record(
        "task_completed_too_early",
        row.task_element_id,
        task=row.task_id,
        entered_at=row.task_entered_at.isoformat(),
        earliest_at=row.task_earliest_at.isoformat(),
        seconds=int((act.now - row.task_entered_at).total_seconds()),
        answers=answers_digest(answers),
    )
    _finish_task(act, answers, "void")
    alarms = settle(act, act.run.outcome())
    return Completed("halted", row.case_id, row.number, tuple(alarms))


def _hold(act: CaseAct, answers: dict[str, Any], earlier: Seat) -> Completed:
    """The act would pass, but it comes from the terminal of one that is kept apart from it: level 1 answers first."""
    row, actor = act.row, act.actor
    act.run.complete(row.task_id, _variables(act, answers))
    require_entry(act, act.run.outcome())
    held = fresh(act)
    held.happened += [fact for fact in act.happened if isinstance(fact, TooEarlyActed)]
    person = actor.person_id if actor is not None else None
    kept: dict[str, Any] = {"status": "open", "answers": None, "completed_at": None, "completed_by": None}
    held.pending.task_updates.append({"b_task_id": row.task_id, **kept, "assignee": person, "draft": answers})
    again = {"task": row.task_id, "person": person, "digest": answers_digest(answers)}
    alarms = hold(held, earlier, row.task_separation_group, row.task_element_id, again)
    return Completed("halted", row.case_id, row.number, tuple(alarms))


def _complete(act: CaseAct, answers: dict[str, Any]) -> Completed:
    row, element = act.row, act.bundle.model.find(act.row.task_element_id)
    if element is not None and prints(act, element):
        require_fee(act, next(iter(element.documents_printed), "certificate"))
    act.record(
        "task_completed", row.task_element_id, task=row.task_id, answers=answers_digest(answers), form=row.task_form_key
    )
    compare_official(act, act.bundle.form(row.task_form_key), row.task_form_key, answers)
    variables = _variables(act, answers)
    let_read(act, row.task_element_id, answers)
    _note_meaning(act, answers)  # What the act means is told before what the diagram then does by itself.
    act.run.complete(row.task_id, variables)
    outcome = act.run.outcome()
    require_entry(act, outcome)
    if element is None or element.properties.get("stopsClock") != "true":
        act.later(lambda: documents.make_for_step(act, row.task_element_id, answers))
        act.later(lambda: make_receipt(act, row.task_element_id, row.task_form_key, answers))
    _finish_task(act, answers, "completed")
    if row.task_signed_by is not None and row.task_signed_digest is None:
        act.later(lambda: tell_who_signed_unseen(act))
    alarms = settle(act, outcome)
    if row.task_followed_by:
        begin_followers(act, [step.id for step in outcome.entered if step.element.kind == "userTask"])
    return Completed("completed", row.case_id, row.number, tuple(alarms))


def _variables(act: CaseAct, answers: dict[str, Any]) -> dict[str, Any]:
    """What the diagram goes on with: the form's answers, and what the act itself makes known."""
    return act.variables_from(act.bundle.form(act.row.task_form_key), answers) | _decision(act, answers)


def _decision(act: CaseAct, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The day of the decision, from which delivery and publication count, and what the step itself records or sets."""
    if act.item is not None and act.item.penalises:
        return penalties.known_by(answers, act.today)
    decided = act.row.task_separation_group == "decide" and answers.get("decision") in ("grant", "refuse")
    element = act.bundle.model.find(act.row.task_element_id)
    days = {"decided_on" if decided else None, element.records_day if element is not None else None} - {None}
    return {str(day): act.today.isoformat() for day in days}


def _note_meaning(act: CaseAct, answers: Mapping[str, Any]) -> None:
    row, actor = act.row, act.actor
    if actor is None:
        return
    if row.task_halts:
        ruling, reason = str(answers.get("halt_ruling")), str(answers.get("ruling_reason", ""))
        act.record("halt_ruled", row.task_element_id, ruling=ruling, reason=reason)
        if ruling == "release":
            let_count(act)
        act.happened.append(HaltRuled(row.task_id, row.task_element_id, ruling, reason, actor.person_id, actor.name))
    elif row.kind == "order":
        act.happened.append(OrderMoved("completed", row.task_element_id, actor.person_id, answers))
    elif row.task_separation_group == "decide" and answers.get("decision") in ("grant", "refuse"):
        minimum = act.item.case_min_duration if act.item else None
        accepted = act.run.memory.get("accepted_at")
        accepted_at = datetime.fromisoformat(accepted) if accepted else row.created_at
        act.happened.append(CaseDecided(row.task_element_id, str(answers["decision"]), accepted_at, act.now, minimum))
        act.later(lambda: documents.make_decided(act, dict(answers)))
        told = "granted" if answers["decision"] == "grant" else "refused"
        act.later(lambda: tell_applicant(act, told))
    elif answers.get("check_result") in CHECK_RESULTS_TOLD:
        act.later(lambda: tell_applicant(act, CHECK_RESULTS_TOLD[str(answers["check_result"])]))
    elif answers.get("reply_way") == "sms":
        act.later(lambda: tell_applicant(act, "call_replied", reply=str(answers.get("reply_text", ""))))


def _finish_task(act: CaseAct, answers: dict[str, Any], status: str) -> None:
    row = act.row
    signer = (row.task_signed_by,) if row.task_signed_by is not None else ()
    act.count_for_separation(row.task_separation_group, act.persons() + signer)
    person = act.actor.person_id if act.actor else None
    act.pending.task_updates.append(
        {
            "b_task_id": row.task_id,
            "status": status,
            "answers": answers,
            "completed_at": act.now,
            "completed_by": person,
            "assignee": person,
            "draft": None,
        }
    )
