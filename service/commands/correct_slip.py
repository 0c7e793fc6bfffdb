"""A slip of the pen in what was entered is put right (笔误更正): nothing that anybody decided by, and on record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from service.catalogue.item import PowerItem
from service.commands.act import READ_BY_NAME, CaseAct
from service.commands.answers_on_paper import keys_on_paper
from service.commands.moving_case import begin_case_move, move_refused
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import case, user_task
from service.definitions.bundle import Bundle
from service.errors import Detail, Refused
from service.form_schemas.clerical import clerical_fields, is_slip
from service.form_schemas.form import Field
from service.form_schemas.identity import is_mobile
from service.form_schemas.problems import Words
from service.people.actor import Actor

MOVE: Final = "correct_slip"
LONGEST_VALUE: Final = 400
# What a case keeps of the applicant beside the forms, by the place in a command.
APPLICANT: Final[Mapping[str, Words]] = {
    "applicant.mobile": Words("申请人联系电话", "Applicant's telephone"),
    "applicant.agent.mobile": Words("代理人联系电话", "Agent's telephone"),
}
_ROWS = (
    select(user_task.c.id, user_task.c.form_key, user_task.c.answers)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at, user_task.c.id)
)
_ANSWERS = update(user_task).where(user_task.c.id == bindparam("b_id")).values(answers=bindparam("answers"))
_APPLICANT = update(case).where(case.c.id == bindparam("b_id")).values(applicant=bindparam("applicant"))


@dataclass(frozen=True, slots=True)
class CorrectSlip:
    """`place` is one of `Slip.place`; `version` the case's as the person saw it, where the shell knows."""

    number: str
    place: str
    value: str
    reason: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """Something entered that may be put right: where it stands, what it is called, what it says now."""

    place: str
    label: Words
    value: str
    field: Field | None = None


def correctable_slips(
    applicant: Mapping[str, Any], tasks: Iterable[Any], bundle: Bundle, item: PowerItem | None, *, decided: bool
) -> Iterator[Slip]:
    """What may be put right in a case. `tasks` have id, form_key and answers.

    Once it is decided, what its paper shows is no longer among it: a certificate is corrected by a case of its own.
    """
    for place, label in APPLICANT.items():
        value = _at(applicant, place.split(".")[1:])
        if value:
            yield Slip(place, label, value)
    read = bundle.names | READ_BY_NAME | (item.names if item is not None else frozenset())
    settled = read | set(keys_on_paper(item)) if decided else read
    for task in tasks:
        form, given = bundle.forms.get(task.form_key), task.answers or {}
        for field in clerical_fields(form, settled) if form is not None else ():
            answer = given.get(field.key)
            if isinstance(answer, str) and answer:
                yield Slip(f"{task.id}.{field.key}", field.label, answer, field)


def correct_slip(connection: Connection, services: Services, actor: Actor, command: CorrectSlip, now: datetime) -> None:
    """Write the right value beside the history of the wrong one.

    Raises Refused as `begin_case_move`; version_conflict; not_found for what may not be put right; invalid_answers
    for a value that the form would refuse or that says something else than before.
    """
    act = begin_case_move(connection, services, actor, command.number, MOVE, command.reason, now, suspended=True)
    if command.version is not None and command.version != act.row.version:
        raise Refused("version_conflict", "办件已有变化，请刷新后再办", "Expected the case as it is now")
    rows = connection.execute(_ROWS, {"case_id": act.row.case_id}).all()
    decided = act.row.decided_on is not None
    slips = correctable_slips(act.row.applicant, rows, act.bundle, act.item, decided=decided)
    slip = next((one for one in slips if one.place == command.place), None)
    if slip is None:
        raise move_refused("该栏目不能作笔误更正", "Expected an entry that nothing was decided by")
    value = _checked(act, slip, command.value)
    digest = _write_applicant(act, slip, value) if slip.field is None else _write_answer(act, slip, value, rows)
    act.holding = actor.holding_for("section", act.row.case_department)
    act.record(
        "slip_corrected",
        None,
        place=slip.place,
        label=slip.label.zh,
        label_en=slip.label.en,
        before=slip.value,
        after=value,
        reason=command.reason.strip(),
        digest=digest,
    )
    record_events(act)


def _checked(act: CaseAct, slip: Slip, given: str) -> str:
    """The value as the form keeps it."""
    text = given.strip()
    if not text or len(text) > LONGEST_VALUE:
        raise _wrong("required", "请填写更正后的内容", "Give the right value")
    value: object = text
    if slip.field is not None:
        value = slip.field.read(text, act.today, act.run.lookup)
    elif not is_mobile(text):
        value = ()
    if not isinstance(value, str):
        raise _wrong("format", "更正后的内容不符合该栏目的格式", "The value does not fit the field")
    if value == slip.value:
        raise _wrong("same", "更正前后相同", "The value is the same as before")
    if slip.field is not None and not is_slip(slip.field, slip.value, value):
        words = "改动过大，不是笔误；请由申请人补正", "This says something else: let the applicant correct it"
        raise _wrong("no_slip", *words)
    return value


def _wrong(code: str, zh: str, en: str) -> Refused:
    return Refused("invalid_answers", zh, en, [Detail(code, zh, en, pointer="/value")])


def _write_answer(act: CaseAct, slip: Slip, value: str, rows: Iterable[Any]) -> str:
    """SHA-256 of the answers as they stand now: it takes the place of the one that the completion left."""
    task_id, _, key = slip.place.partition(".")
    answers = {**next(row.answers for row in rows if row.id == task_id), key: value}
    act.connection.execute(_ANSWERS, {"b_id": task_id, "answers": answers})
    return _digest(answers)


def _write_applicant(act: CaseAct, slip: Slip, value: str) -> str:
    applicant: dict[str, Any] = json.loads(json.dumps(act.row.applicant))
    *path, last = slip.place.split(".")[1:]
    place = applicant
    for part in path:
        place = place[part]
    place[last] = value
    act.connection.execute(_APPLICANT, {"b_id": act.row.case_id, "applicant": applicant})
    return _digest(applicant)


def _at(found: Any, path: list[str]) -> str:
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def _digest(answers: Mapping[str, Any]) -> str:
    text = json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
