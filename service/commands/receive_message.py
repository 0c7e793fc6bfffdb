"""Something comes in from outside: the applicant's correction, a statement, an objection, the bank's payment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from service.commands.act import CaseAct, require_not_suspended, require_open
from service.commands.checks import invalid_answers, require_entry
from service.commands.fire_timers import current
from service.commands.penalties import said_so_far
from service.commands.recording import record_events
from service.commands.services import Services
from service.commands.writing import settle
from service.database.tables import case_message
from service.errors import Refused, not_found
from service.people.actor import Actor
from service.reads.hot import hot_by_number
from service.reads.visibility import may_on_case
from service.user_tasks.rules import case_halted

KINDS = frozenset({"correction", "statement", "objection", "completion", "milestone_report"})
# Forms that a message may be checked against, tried in this order; the step that waits names its own.
_OBJECTION_FORM = "objection"


@dataclass(frozen=True, slots=True)
class ReceiveMessage:
    number: str
    kind: str
    answers: Mapping[str, Any]


def receive_message(
    connection: Connection, services: Services, actor: Actor | None, command: ReceiveMessage, now: datetime
) -> int:
    """Take in an applicant's or the public's answer; the case's id. `actor` None: it came through the public door.

    An objection is kept whether or not a step waits for it; the others need one. Raises Refused: not_found,
    not_permitted, not_waiting, invalid_answers, case_halted, case_closed.
    """
    act = open_case_act(connection, services, command.number, now, actor)
    permission = "report_milestones" if command.kind == "milestone_report" else "enter_messages"
    allowed = actor is not None and may_on_case(connection, actor, permission, act.row.case_id, act.row.case_department)
    if not allowed and (actor is not None or command.kind == "milestone_report"):
        raise Refused("not_permitted", "您不能代录申请人材料", "Expected a window clerk of the department")
    if command.kind not in KINDS:
        raise Refused("invalid_request", "未知的信息类型", f"Expected one of {sorted(KINDS)}, found {command.kind!r}")
    act.load()
    if command.kind == "objection":
        return _object(act, command)
    if act.row.case_status == "halted":
        raise case_halted()
    require_not_suspended(act)
    answers = _answers(act, command)
    step_id = act.run.receive(command.kind, {**answers, **said_so_far(act, answers), **_receipt(act, command.kind)})
    if step_id is None:
        raise Refused("not_waiting", "当前没有环节等待该信息", f"Expected a step that waits for {command.kind}")
    outcome = act.run.outcome()
    require_entry(act, outcome)
    act.record("message_received", None, kind=command.kind, via="window" if actor else "portal")
    _keep(act, command)
    settle(act, outcome)
    return int(act.row.case_id)


def open_case_act(
    connection: Connection, services: Services, number: str, now: datetime, actor: Actor | None = None
) -> CaseAct:
    """An act on an open case by its number, due timers fired first."""
    row = current(connection, services, lambda: hot_by_number(connection, number), now)
    if row is None:
        raise not_found("该办件", f"case {number}")
    require_open(row)
    return CaseAct(connection, services, row, now, actor)


def _receipt(act: CaseAct, kind: str) -> dict[str, Any]:
    """The day on which the complete materials came in; after acceptance it stands. Of others their own day."""
    if kind != "correction":
        return {f"{kind}_on": act.today.isoformat()}
    return {} if act.run.lookup("accepted_on") else {"received_on": act.today.isoformat()}


def _answers(act: CaseAct, command: ReceiveMessage) -> dict[str, Any]:
    """Checked against the form of the waiting step, where the bundle has one."""
    for step in act.run.waiting_steps():
        form = act.bundle.forms.get(step.element.id)
        if step.element.message == command.kind and form is not None:
            cleaned, problems = form.check(
                command.answers, lookup=act.run.lookup, today=act.today, calendar=act.calendar
            )
            if problems:
                raise invalid_answers(problems)
            return act.variables_from(form, cleaned)
    return {}


def _object(act: CaseAct, command: ReceiveMessage) -> int:
    if not any(s.element.is_publicity for s in act.run.waiting_steps()):
        raise Refused("not_waiting", "当前不在公示期", "Expected a publicity that is running, but there is none")
    form = act.bundle.forms.get(_OBJECTION_FORM)
    if form is not None:
        _, problems = form.check(command.answers, lookup=act.run.lookup, today=act.today, calendar=act.calendar)
        if problems:
            raise invalid_answers(problems)
    act.record("objection_received", None, via="window" if act.actor else "portal")
    _keep(act, command)
    record_events(act)
    return int(act.row.case_id)


def _keep(act: CaseAct, command: ReceiveMessage) -> None:
    act.connection.execute(
        insert(case_message).values(
            case_id=act.row.case_id,
            kind=command.kind,
            answers=dict(command.answers),
            received_at=act.now,
            entered_by=act.actor.person_id if act.actor else None,
        )
    )
