"""One case as a stranger with its secret sees it: allow-listed, masked, from rows alone. Nothing here runs a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.catalogue.item import PowerItem
from service.catalogue.reading import ItemCache
from service.database.tables import case, department, document, due_row, payment_notice, publication, user_task
from service.definitions.bundle import Bundle, BundleCache
from service.engine import Element
from service.enquiry.disclosure import Disclosed, disclosed_fields
from service.enquiry.reference import is_secret_of
from service.people.masking import mask_party

_CASE = (
    select(
        *(c for c in case.c if c.name not in ("state", "previous_state", "actors")),
        department.c.name_zh.label("department_name_zh"),
        department.c.name_en.label("department_name_en"),
    )
    .outerjoin(department, department.c.code == case.c.department)
    .where(case.c.number == bindparam("number"), case.c.kind == "item")
)
_TASKS = (
    select(
        user_task.c.element_id,
        user_task.c.name_zh,
        user_task.c.name_en,
        user_task.c.status,
        user_task.c.entered_at,
        user_task.c.completed_at,
        user_task.c.form_key,
        user_task.c.answers,
    )
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status.in_(("open", "completed")))
    .order_by(user_task.c.entered_at, user_task.c.completed_at.nulls_last(), user_task.c.id)
)
_ARMED = select(due_row.c.step_id).where(due_row.c.case_id == bindparam("case_id")).distinct()
_DOCUMENTS = (
    select(document.c.id, document.c.kind, document.c.name_zh, document.c.number, document.c.made_at)
    .where(document.c.case_id == bindparam("case_id"))
    .order_by(document.c.id)
)
_NOTICES = (
    select(payment_notice)
    .where(payment_notice.c.case_id == bindparam("case_id"), payment_notice.c.status != "void")
    .order_by(payment_notice.c.id)
)
_PUBLISHED = select(publication.c.published_at, publication.c.content).where(
    publication.c.case_id == bindparam("case_id"),
    publication.c.stage == "result",
    publication.c.withdrawn_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class PublicStep:
    """A step by its name and days; never who did it."""

    name_zh: str
    name_en: str
    done: bool
    entered_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicFee:
    """What the applicant has to pay and where. `pay_url` is None until the bank has the notice."""

    name: str
    amount_fen: int
    status: str
    pay_code: str
    pay_url: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicDocument:
    id: int
    kind: str
    name: str
    number: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class PublicCase:
    """`waiting_for`: the messages that may be sent in now. `result` only once it has been published."""

    reference: str
    power_item: str | None
    item_name_zh: str
    item_name_en: str
    department: str
    department_name_zh: str
    department_name_en: str
    status: str
    outcome: str | None
    applicant: str
    received_on: date | None
    accepted_on: date | None
    decided_on: date | None
    due_at: datetime | None
    closed_at: datetime | None
    steps: tuple[PublicStep, ...]
    waiting_for: tuple[str, ...]
    fees: tuple[PublicFee, ...]
    documents: tuple[PublicDocument, ...]
    published_at: datetime | None
    result: tuple[Disclosed, ...]
    penalty: bool = False

    @property
    def withdrawable(self) -> bool:
        """Whether the applicant may take the application back; what the organ began itself is nobody's to withdraw."""
        return self.status in ("open", "suspended") and self.decided_on is None and not self.penalty


def read_public_case(
    connection: Connection, items: ItemCache, bundles: BundleCache, key: bytes, number: str, secret: str
) -> PublicCase | None:
    """The case of this number if the secret is its own; None for a wrong number and for a wrong secret alike."""
    row = connection.execute(_CASE, {"number": number}).one_or_none()
    genuine = is_secret_of(key, number, secret)
    if row is None or not genuine:
        return None
    bundle = bundles.get(connection, row.definition_id)
    item = items.get(connection, row.power_item, row.item_version)
    tasks = connection.execute(_TASKS, {"case_id": row.id}).all()
    published = connection.execute(_PUBLISHED, {"case_id": row.id}).one_or_none()
    return PublicCase(
        reference=row.number,
        power_item=row.power_item,
        item_name_zh=item.name_zh,
        item_name_en=item.name_en,
        department=row.department,
        department_name_zh=row.department_name_zh or row.department,
        department_name_en=row.department_name_en or row.department,
        status=row.status,
        outcome=row.outcome,
        applicant=mask_party(row.applicant_name, row.applicant, penalised=item.penalises),
        received_on=row.received_on,
        accepted_on=row.accepted_on,
        decided_on=row.decided_on,
        due_at=row.due_at,
        closed_at=row.closed_at,
        steps=tuple(_step(task) for task in tasks),
        waiting_for=_waits(connection, row, bundle),
        fees=tuple(_fee(notice) for notice in connection.execute(_NOTICES, {"case_id": row.id})),
        documents=tuple(PublicDocument(*d) for d in connection.execute(_DOCUMENTS, {"case_id": row.id})),
        published_at=published.published_at if published is not None else None,
        result=_result(row, item, bundle, tasks, published) if published is not None else (),
        penalty=item.penalises,
    )


def _step(task: Any) -> PublicStep:
    return PublicStep(task.name_zh, task.name_en, task.status == "completed", task.entered_at, task.completed_at)


def _fee(notice: Any) -> PublicFee:
    return PublicFee(notice.name_zh, notice.amount_fen, notice.status, notice.pay_code, notice.pay_url, notice.due_at)


def _waits(connection: Connection, row: Any, bundle: Bundle) -> tuple[str, ...]:
    """The messages whose steps have armed timers: each wait has a limit, so each open wait has a row."""
    if row.status in ("completed", "terminated"):
        return ()
    found: dict[str, None] = {}
    for (step_id,) in connection.execute(_ARMED, {"case_id": row.id}):
        element = bundle.model.find(step_id)
        for message in _messages(bundle, element) if element is not None else ():
            found[message] = None
    return tuple(sorted(found))


def _messages(bundle: Bundle, element: Element) -> Iterable[str]:
    if element.is_publicity:
        return ("objection",)
    if element.called is not None:
        inside = [e for (process, _), e in bundle.model.elements.items() if process == element.called]
        return tuple(e.message for e in inside if e.message)
    return (element.message,) if element.message else ()


def _result(row: Any, item: PowerItem, bundle: Bundle, tasks: Iterable[Any], published: Any) -> tuple[Disclosed, ...]:
    if item.penalises:  # Masked when it was published, and nothing else is ever shown.
        return tuple(Disclosed(**one) for one in published.content or ())
    answers: dict[str, Any] = {}
    for task in tasks:
        if task.status == "completed":
            answers.update({key: value for key, value in (task.answers or {}).items() if value is not None})
    own: Mapping[str, Any] = {
        "applicant_name": mask_party(row.applicant_name, row.applicant),
        "case_no": row.number,
        "status": row.status,
        "decided_on": row.decided_on,
    }
    return disclosed_fields(item, bundle.forms.values(), answers, own)
