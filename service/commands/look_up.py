"""Official data is looked up for a field of a case that one has in hand (数据核验): each question with its purpose.

Nobody can browse by it: a question belongs to a field of a task that one has claimed, or of an application that one is
entering, and of the latter few may be open that no case has followed. A question stands on record before it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, bindparam, func, insert, null, select, update

from service.commands.act import CaseAct
from service.commands.complete_task import current_row, require_task
from service.commands.official_data import digest_of
from service.commands.performing import perform_on_case
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.session import transaction
from service.database.tables import official_lookup
from service.errors import Detail, Refused, not_found
from service.form_schemas.form import Field
from service.gateways.transport import GatewayError
from service.log import log
from service.people.actor import Actor
from service.people.masking import mask_id_number
from service.people.permissions import may_start

if TYPE_CHECKING:
    from service.gateways.register_client import RegisterClient

PURPOSE: Final = "核对申请材料"
# Questions without a case that one person may have open at a time, and in all within the hour.
MOST_OPEN: Final = 5
MOST_AN_HOUR: Final = 60
WITHIN: Final = timedelta(hours=1)
_KEEP = insert(official_lookup).returning(official_lookup.c.id)
_ANSWERED = (
    update(official_lookup)
    .where(official_lookup.c.id == bindparam("b_id"))
    .values(outcome=bindparam("outcome"), answer=bindparam("answer"))
)
_OWN = select(
    func.count(),
    func.count(official_lookup.c.subject.distinct()).filter(official_lookup.c.case_id.is_(None)),
).where(official_lookup.c.person_id == bindparam("person_id"), official_lookup.c.at > bindparam("since"))


@dataclass(frozen=True, slots=True)
class LookUp:
    """`task_id` of a task in hand, or `power_item` of an application that is being entered."""

    field: str
    value: str
    task_id: str | None = None
    power_item: str | None = None


@dataclass(frozen=True, slots=True)
class LookedUp:
    """`outcome` is found, not_found or unavailable; `values` what the register fills, by field."""

    outcome: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Question:
    field: Field
    form_key: str
    value: str
    reference: str
    case_id: int | None
    power_item: str | None


def look_up(
    engine: Engine, services: Services, registers: RegisterClient | None, actor: Actor, command: LookUp, now: datetime
) -> LookedUp:
    """Ask the register and tell what it fills. No transaction is open while it is asked.

    Raises Refused: not_found, not_permitted, task_taken, invalid_answers, rate_limited.
    """
    question = _question(engine, services, actor, command, now)
    official = question.field.official
    assert official is not None  # noqa: S101 - the question has one
    with transaction(engine) as connection:
        _require_few(connection, actor, question, now)
        lookup_id = _keep(connection, services, actor, question, now)
    outcome, answer = _asked(registers, question)
    with transaction(engine) as connection:
        connection.execute(_ANSWERED, {"b_id": lookup_id, "outcome": outcome, "answer": answer or null()})
    if question.case_id is not None and command.task_id is not None:
        _tell(engine, services, actor, command.task_id, question, outcome, now)
    return LookedUp(outcome, {field: answer[part] for field, part in official.fills} if answer else {})


def _question(engine: Engine, services: Services, actor: Actor, command: LookUp, now: datetime) -> _Question:
    with transaction(engine) as connection:
        if command.task_id is not None:
            row = current_row(connection, services, command.task_id, now)
            act = CaseAct(connection, services, row, now, actor)
            require_task(act)
            if row.task_assignee != actor.person_id:
                raise Refused("not_permitted", "请先领取本环节", "Expected whoever has claimed the task")
            form_key, form = row.task_form_key, act.bundle.forms.get(row.task_form_key)
            reference, case_id, item_code = row.number, int(row.case_id), row.power_item
            today = act.today
        else:
            item = services.items.current(connection, command.power_item or "")
            if item is None or not may_start(actor, item.first_post, item.department):
                raise not_found("该事项", f"power item {command.power_item}")
            bundle = services.bundles.current(connection, item.definition_key)
            form_key = str(item.content["steps"][0]["id"])
            form = bundle.forms.get(form_key) if bundle is not None else None
            reference, case_id, item_code = item.code, None, item.code
            today = services.calendars.get(connection).local_date(now)
    field = next((one for one in form.looked_up_officially if one.key == command.field), None) if form else None
    if field is None:
        raise not_found("该栏目", f"a field {command.field[:80]} that is looked up")
    value = field.read(command.value.strip(), today, lambda _name: None)
    if not isinstance(value, str) or not value:
        words = "号码不正确，无法核验", "Expected a number that proves itself"
        raise Refused("invalid_answers", *words, [Detail("format", *words, pointer=field.pointer)])
    return _Question(field, form_key, value, reference, case_id, item_code)


def _require_few(connection: Connection, actor: Actor, question: _Question, now: datetime) -> None:
    wanted = {"person_id": actor.person_id, "since": now - WITHIN}
    asked, unfollowed = connection.execute(_OWN, wanted).one()
    if asked >= MOST_AN_HOUR or (question.case_id is None and unfollowed >= MOST_OPEN):
        raise Refused(
            "rate_limited",
            "核验次数过多：请先把已核验的申请收件，或稍后再试",
            f"Expected at most {MOST_OPEN} look-ups without a case and {MOST_AN_HOUR} an hour",
        )


def _keep(connection: Connection, services: Services, actor: Actor, question: _Question, now: datetime) -> int:
    official = question.field.official
    row = {
        "at": now,
        "person_id": actor.person_id,
        "register": official.register if official else "",
        "subject": digest_of(services, question.value),
        "subject_masked": mask_id_number(question.value),
        "power_item": question.power_item,
        "form_key": question.form_key,
        "field": question.field.key,
        "purpose": PURPOSE,
        "case_id": question.case_id,
        "outcome": "asked",
    }
    return int(connection.execute(_KEEP, row).scalar_one())


def _asked(registers: RegisterClient | None, question: _Question) -> tuple[str, dict[str, str] | None]:
    official = question.field.official
    if registers is None or official is None:
        return "unavailable", None
    try:
        answer = registers.ask(official.register, question.value, purpose=PURPOSE, reference=question.reference)
    except GatewayError as problem:
        log.warning("register unavailable", register=official.register, code=problem.code)
        return "unavailable", None
    return ("found", answer) if answer is not None else ("not_found", None)


def _tell(
    engine: Engine, services: Services, actor: Actor, task_id: str, question: _Question, outcome: str, now: datetime
) -> None:
    """The question stands in the case's history with its purpose; of whom, only masked."""

    def command(connection: Connection) -> None:
        act = CaseAct(connection, services, current_row(connection, services, task_id, now), now, actor)
        subject, official = mask_id_number(question.value), question.field.official
        act.record(
            "official_data_looked_up",
            act.row.task_element_id,
            field=question.field.key,
            register=official.register if official else "",
            subject=subject,
            purpose=PURPOSE,
            outcome=outcome,
        )
        record_events(act)

    perform_on_case(engine, services, command, actor=actor, now=now, task_id=task_id)
