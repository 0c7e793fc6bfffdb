"""A case begins: the first form is checked, the case gets its number, and its first step counts as done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from service.cases.numbers import case_number
from service.catalogue.item import PowerItem
from service.commands.act import CaseAct
from service.commands.checks import checked_answers, require_entry
from service.commands.enter_from_paper import PaperReceipt, count_from_receipt, find_receipt, use_receipt
from service.commands.official_data import compare_official
from service.commands.services import Services
from service.commands.telling import tell_applicant
from service.commands.writing import settle
from service.database.rows import read_rows
from service.database.tables import case, user_task
from service.definitions.bundle import Bundle
from service.engine import CaseRun, OpenStep
from service.errors import Detail, Refused, not_found
from service.history.chain import NO_HASH
from service.outages.receipts import AS_OF_RECEIPT, KnownReceipt, receipt_refused
from service.people.actor import Actor, Holding
from service.people.permissions import starting_holding
from service.people.posts import post_name, starting_posts
from service.people.secrecy import HIDDEN, UNKNOWN_CALLER, wants_secrecy, without_identity
from service.reads.hot import read_beginning, unborn

_INSERT_CASE = insert(case).returning(case.c.id)
_INSERT_TASK = insert(user_task).inline()


@dataclass(frozen=True, slots=True)
class Applicant:
    """A natural person or an organisation; `agent` acts with an authorisation that is on file."""

    name: str
    mobile: str
    id_number: str | None = None
    credit_code: str | None = None
    agent: Mapping[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        given: dict[str, Any] = {"name": self.name, "mobile": self.mobile, "id_number": self.id_number}
        given |= {"credit_code": self.credit_code, "agent": dict(self.agent) if self.agent else None}
        return {key: value for key, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class StartCase:
    """`applicant` None: nobody applies, the first form's answers say whom it is about.

    `paper` is the numbered receipt on which it was taken in while the system was out (停机补录).
    """

    power_item: str
    applicant: Applicant | None
    answers: Mapping[str, Any]
    paper: PaperReceipt | None = None


@dataclass(frozen=True, slots=True)
class Started:
    case_id: int
    case_number: str


def start_case(connection: Connection, services: Services, actor: Actor, command: StartCase, now: datetime) -> Started:
    """Enter an application at the counter (收件). Raises Refused: not_found, not_permitted, invalid_answers.

    From an outage's paper receipt: receipt_refused too.
    """
    found = read_beginning(connection, command.power_item)
    if found is None:
        raise not_found("该事项", f"power item {command.power_item}")
    item = services.items.get(connection, command.power_item, found.item_version)
    if found.definition_id is None:
        raise not_found("该事项的流程", f"a deployed diagram {item.definition_key}")
    bundle = services.bundles.get(connection, found.definition_id)
    row = _row(services.calendars.get(connection, found.calendar_version), item, bundle, command, now)
    row.calendar_version = found.calendar_version
    row.blue_percent, row.yellow_percent = found.blue_percent, found.yellow_percent
    act = CaseAct(connection, services, row, now, actor)
    act.run = CaseRun.start(bundle.model, act, now, _facts(act, command))
    first = _first_step(act)
    act.holding = _holding(actor, first.element.post, item.department)
    receipt = _receipt(act, item, command)
    form = bundle.form(first.element.properties.get("formKey", first.element.id))
    answers = checked_answers(act, form, command.answers)
    compare_official(act, form, first.element.properties.get("formKey", first.element.id), answers)
    # Whom a penalty is about its first form alone says, or the public might read another's name unmasked.
    named = command.applicant if not item.penalises else None
    _name_applicant(row, named or applicant_named(item, answers))
    if wants_secrecy(item.applicant_from, answers):
        row.applicant_name, row.applicant = UNKNOWN_CALLER, {**row.applicant, HIDDEN: True}
        answers = without_identity(item.applicant_from, answers)
    act.run.complete(first.id, act.variables_from(form, answers))
    if command.paper is not None:
        count_from_receipt(act, command.paper.received_at)
    outcome = act.run.outcome()
    require_entry(act, outcome)
    _insert_case(act, item, actor)
    act.record("case_started", first.element.id, applicant=row.applicant_name, power_item=item.code)
    if command.paper is not None and receipt is not None:
        use_receipt(act, receipt, command.paper.received_at)
    # Entered by a clerk at the window counts as acceptance work (items.yaml, note of the step `apply`).
    act.count_for_separation(first.element.separation_group or "accept", act.persons())
    if told := item.applicant_from.get("told", "received"):
        act.later(lambda: tell_applicant(act, told))
    _put_first_task(act, first, answers)
    settle(act, outcome)
    return Started(row.case_id, row.number)


def _facts(act: CaseAct, command: StartCase) -> dict[str, Any]:
    """What the case knows before its first form."""
    received = {"received_on": act.row.received_on.isoformat()}
    return received | {"has_agent": True} if command.applicant and command.applicant.agent else received


def _receipt(act: CaseAct, item: PowerItem, command: StartCase) -> KnownReceipt | None:
    """The paper by which the case comes in late. What the office begins itself comes in on none."""
    if command.paper is None:
        return None
    if item.penalises:
        words = "依职权办理的事项不凭收件凭证补录", "Expected an application, but the office begins this item itself"
        raise receipt_refused("not_applied_for", *words)
    receipt = find_receipt(act.connection, command.paper, item.department, act.now)
    act.run.memory[AS_OF_RECEIPT] = act.row.received_on.isoformat()
    return receipt


def applicant_named(item: PowerItem, answers: Mapping[str, Any]) -> Applicant:
    """Whom the answers name, of an item for which nobody applies at a window. Raises Refused invalid_answers."""
    keys = item.applicant_from
    if not keys:
        words = "请填写申请人", "Expected an applicant, but found none"
        raise Refused("invalid_answers", *words, [Detail("required", *words, pointer="/applicant")])

    def answered(part: str) -> str:
        return str(answers.get(keys.get(part, "")) or "")

    name = answered("name") or keys.get("unnamed_zh", "—")
    return Applicant(name[:200], answered("mobile"), answered("id_number") or None, answered("credit_code") or None)


def _name_applicant(row: Any, applicant: Applicant) -> None:
    row.applicant_name, row.applicant = applicant.name, applicant.as_json()


def _row(calendar: Any, item: PowerItem, bundle: Bundle, command: StartCase, now: datetime) -> Any:
    return unborn(
        kind="item",
        power_item=item.code,
        item_version=item.version,
        definition_id=bundle.id,
        case_department=item.department,
        applicant_name="",
        applicant={},
        created_at=now,
        received_on=calendar.local_date(command.paper.received_at if command.paper is not None else now),
    )


def _first_step(act: CaseAct) -> OpenStep:
    ready = act.run.ready_steps()
    if len(ready) != 1:
        raise Refused(
            "invalid_diagram", "流程图须以一个用户任务开始", "Expected the diagram to begin with one user task"
        )
    return ready[0]


def _holding(actor: Actor, post: str, department: str) -> Holding:
    found = starting_holding(actor, post, department)
    if found is None:
        posts = starting_posts(post)
        names = "、".join(post_name(p) for p in posts)
        raise Refused("not_permitted", f"您不是该部门的{names}", f"Expected {' or '.join(posts)} of {department}")
    return found


def _insert_case(act: CaseAct, item: PowerItem, actor: Actor | None) -> None:
    row = act.row
    row.number = case_number(act.connection, item.department, item.category, act.today)
    row.case_id = insert_case_rows(act, actor.person_id if actor else None)


def insert_case_rows(act: CaseAct, created_by: int | None) -> int:
    """The case and its (still empty) state; `settle` fills both within the same transaction."""
    row = act.row
    inserted = read_rows(
        act.connection,
        _INSERT_CASE,
        {
            "number": row.number,
            "kind": row.kind,
            "power_item": row.power_item,
            "item_version": row.item_version,
            "definition_id": row.definition_id,
            "department": row.case_department,
            "status": "open",
            "applicant_name": row.applicant_name,
            "applicant": row.applicant,
            "created_at": act.now,
            "created_by": created_by,
            "received_on": row.received_on,
            "version": 0,
            "event_seq": 0,
            "event_hash": NO_HASH,
            "state": b"",
            "actors": {},
        },
    )
    return int(inserted[0].id)


def _put_first_task(act: CaseAct, first: OpenStep, answers: dict[str, Any]) -> None:
    element, person = first.element, act.actor.person_id if act.actor else None
    act.put(
        _INSERT_TASK,
        {
            "id": first.id,
            "case_id": act.row.case_id,
            "element_id": element.id,
            "name_zh": element.name_zh,
            "name_en": element.name_en,
            "post": element.post,
            "department": act.row.case_department,
            "form_key": element.properties.get("formKey", element.id),
            "separation_group": element.separation_group,
            "officers": 1,
            "halts": False,
            "status": "completed",
            "assignee": person,
            "entered_at": act.now,
            "answers": answers,
            "completed_at": act.now,
            "completed_by": person,
        },
    )
