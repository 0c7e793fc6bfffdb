"""What hangs on a case: its tasks, files, fees and documents. One statement each, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select
from sqlalchemy.engine import Row

from service.catalogue.item import Material, PowerItem
from service.certificates.standing import Term, standing_on
from service.database.tables import attachment, certificate, document, payment_notice, person, user_task
from service.definitions.bundle import Bundle
from service.fees.facts import SETTLED
from service.people.masking import mask_id_number
from service.reads.case_values import CaseValues

_ASSIGNEE, _SIGNER, _DOER = person.alias("assignee"), person.alias("signer"), person.alias("doer")
_OF_CASE: BindParameter[int] = bindparam("case_id")
# A draft may be as large as a form; the page of the case does not show it.
_TASK_COLUMNS = [column for column in user_task.c if column.name != "draft"]
TASKS = (
    select(
        *_TASK_COLUMNS,
        _ASSIGNEE.c.name.label("assignee_name"),
        _SIGNER.c.name.label("signer_name"),
        _DOER.c.name.label("doer_name"),
    )
    .outerjoin(_ASSIGNEE, _ASSIGNEE.c.id == user_task.c.assignee)
    .outerjoin(_SIGNER, _SIGNER.c.id == user_task.c.signed_by)
    .outerjoin(_DOER, _DOER.c.id == user_task.c.completed_by)
    .where(user_task.c.case_id == _OF_CASE)
)
FILE_ROWS = (
    select(
        attachment,
        person.c.name.label("uploader_name"),
        certificate.c.number.label("certificate_number"),
        certificate.c.standing,
        certificate.c.valid_from,
        certificate.c.valid_until,
    )
    .outerjoin(person, person.c.id == attachment.c.uploaded_by)
    .outerjoin(certificate, certificate.c.document_id == attachment.c.certificate_id)
    .where(attachment.c.removed_at.is_(None) | attachment.c.replaced_by.is_not(None))
)
FILES = FILE_ROWS.where(attachment.c.case_id == _OF_CASE)
NOTICES = select(payment_notice).where(payment_notice.c.case_id == _OF_CASE)
_NOTICE = select(payment_notice).where(payment_notice.c.id == bindparam("notice_id"))
DOCUMENTS = select(*(document.c[name] for name in ("id", "kind", "name_zh", "number", "made_at", "copies"))).where(
    document.c.case_id == _OF_CASE
)


# Rows of a part, of its select or of a gathering.
Rows = Iterable[Any]
_ID = attrgetter("id")


@dataclass(frozen=True, slots=True)
class PersonRef:
    id: int
    name: str


def person_ref(person_id: int | None, name: str | None) -> PersonRef | None:
    return None if person_id is None else PersonRef(person_id, name or "")


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """A step of the case, open or done, without its form. `answers` are those of a step that is done."""

    id: str
    element_id: str
    name_zh: str
    name_en: str
    post: str
    department: str
    form_key: str
    status: str
    assignee: PersonRef | None
    claimed_at: datetime | None
    entered_at: datetime
    earliest_at: datetime | None
    due_at: datetime | None
    officers: int
    signed_by: PersonRef | None
    signed_at: datetime | None
    separation_group: str | None
    halts: bool
    completed_at: datetime | None
    completed_by: PersonRef | None
    answers: Mapping[str, Any] | None
    # The only persons who may do it, as `,1,2,`.
    named: str | None = None


def tasks_of_case(connection: Connection, case_id: int, bundle: Bundle) -> tuple[TaskSummary, ...]:
    """Every step a person had or has to do, in the order in which they were entered; ID numbers are masked."""
    return tasks_view(connection.execute(TASKS, {"case_id": case_id}), bundle)


def tasks_view(rows: Rows, bundle: Bundle) -> tuple[TaskSummary, ...]:
    return tuple(_task(row, bundle) for row in sorted(rows, key=_entered))


def _entered(row: Any) -> tuple[Any, ...]:
    """Of steps entered at one instant those that are done go first, as they were done."""
    return row.entered_at, row.completed_at is None, row.completed_at or row.entered_at, row.id


def _masked(bundle: Bundle, form_key: str, answers: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Who works on the step sees the whole number; the case page of everybody else does not need it."""
    form = bundle.forms.get(form_key)
    if form is None or not answers:
        return answers
    hidden = {field.key for field in form.fields if field.format == "id_number"}
    return {key: mask_id_number(str(v)) if key in hidden and v else v for key, v in answers.items()}


def _task(row: Row[Any], bundle: Bundle) -> TaskSummary:
    return TaskSummary(
        row.id,
        row.element_id,
        row.name_zh,
        row.name_en,
        row.post,
        row.department,
        row.form_key,
        row.status,
        person_ref(row.assignee, row.assignee_name),
        row.claimed_at,
        row.entered_at,
        row.earliest_at,
        row.due_at,
        row.officers,
        person_ref(row.signed_by, row.signer_name),
        row.signed_at,
        row.separation_group,
        row.halts,
        row.completed_at,
        person_ref(row.completed_by, row.doer_name),
        _masked(bundle, row.form_key, row.answers),
        row.named,
    )


@dataclass(frozen=True, slots=True)
class CertificateOnFile:
    """A certificate of an earlier case that stands for a file: what the register says of it now."""

    id: int
    number: str
    standing: str
    valid_from: date | None
    valid_until: date | None

    def standing_on(self, day: date) -> str:
        return standing_on(self.standing, Term(self.valid_from, self.valid_until), day)


@dataclass(frozen=True, slots=True)
class FileView:
    id: int
    material: str
    filename: str
    media_type: str
    size: int
    digest: str
    uploaded_at: datetime
    uploaded_by: PersonRef | None
    replaced_by: int | None
    original_seen_at: datetime | None
    refused_at: datetime | None
    refused_because: str | None
    certificate: CertificateOnFile | None = None


@dataclass(frozen=True, slots=True)
class MaterialView:
    """A row of the checklist. `need` files are asked for if it `applies`; `missing` if a control node would hold.

    `have` counts what was not refused; `former` are earlier versions of the files.
    """

    key: str
    name_zh: str
    name_en: str
    kind: str
    provided_by: str
    required: bool
    applies: bool
    needed_before_step: str
    need: int
    have: int
    missing: bool
    files: tuple[FileView, ...]
    former: tuple[FileView, ...]
    basis: str


def files_of_case(connection: Connection, case_id: int) -> tuple[FileView, ...]:
    return files_view(connection.execute(FILES, {"case_id": case_id}))


def files_view(rows: Rows) -> tuple[FileView, ...]:
    return tuple(file_view(row) for row in sorted(rows, key=_ID))


def file_view(row: Row[Any]) -> FileView:
    return FileView(
        row.id,
        row.material,
        row.filename,
        row.media_type,
        row.size,
        row.digest,
        row.uploaded_at,
        person_ref(row.uploaded_by, row.uploader_name),
        row.replaced_by,
        row.original_seen_at,
        row.refused_at,
        row.refused_because,
        _on_file(row),
    )


def _on_file(row: Row[Any]) -> CertificateOnFile | None:
    if row.certificate_id is None or row.certificate_number is None:
        return None
    return CertificateOnFile(row.certificate_id, row.certificate_number, row.standing, row.valid_from, row.valid_until)


def checklist(
    materials: Mapping[str, Material],
    values: CaseValues,
    files: Iterable[FileView],
    keys: Iterable[str] | None = None,
) -> tuple[MaterialView, ...]:
    """The case's materials with what is on file, or those of `keys` alone that apply."""
    on_file: dict[str, list[FileView]] = {}
    for one in files:
        on_file.setdefault(one.material, []).append(one)
    wanted = list(materials) if keys is None else [key for key in keys if key in materials]
    rows = (_material(materials[key], values, tuple(on_file.get(key, ()))) for key in wanted)
    return tuple(row for row in rows if keys is None or row.applies)


def _material(material: Material, values: CaseValues, files: tuple[FileView, ...]) -> MaterialView:
    current = tuple(one for one in files if one.replaced_by is None)
    have = sum(one.refused_at is None for one in current)
    applies = material.applies(values)
    need = material.min_files if material.required and applies else 0
    return MaterialView(
        material.key,
        material.name_zh,
        material.name_en,
        material.kind,
        material.provided_by,
        material.required,
        applies,
        material.needed_before_step,
        need,
        have,
        have < need,
        current,
        tuple(one for one in files if one.replaced_by is not None),
        material.basis,
    )


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line of what the standard asks of this case. `status` is that of its notice, or `due` before there is one."""

    name: str
    item_code: str
    amount_fen: int
    quantity: int
    condition: str
    status: str
    pay_code: str | None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """缴款通知书. `pay_url` is where the payer pays; None until the bank has the notice."""

    id: int
    pay_code: str
    item_code: str
    name: str
    payer: str
    amount_fen: int
    lines: tuple[Mapping[str, Any], ...]
    status: str
    made_at: datetime
    due_at: datetime | None
    pay_url: str | None
    paid_at: datetime | None
    bank_reference: str | None


@dataclass(frozen=True, slots=True)
class CaseFees:
    """`settled`: nothing is due, or all of it is paid."""

    lines: tuple[FeeLine, ...]
    notices: tuple[NoticeView, ...]
    amount_fen: int
    settled: bool


def fees_of_case(connection: Connection, case_id: int, item: PowerItem | None, values: CaseValues) -> CaseFees:
    """What is due and what has been paid; the lines of a notice stand as they were when it was made."""
    return fees_view(connection.execute(NOTICES, {"case_id": case_id}), item, values)


def fees_view(rows: Rows, item: PowerItem | None, values: CaseValues) -> CaseFees:
    notices = tuple(_notice(row) for row in sorted(rows, key=_ID))
    standing = [n for n in notices if n.status in ("unpaid", *SETTLED)]
    if item is None or item.fee is None:
        return CaseFees((), notices, 0, settled=True)
    due = values.fee.lines
    if standing:
        lines = [_line(item, line, n.status, n.pay_code) for n in standing for line in n.lines]
    else:
        lines = [_line(item, line, "due", None) for line in due]
    paid = sum(n.amount_fen for n in standing if n.status in SETTLED)
    owed = sum(line["amount_fen"] for line in due)
    return CaseFees(tuple(lines), notices, sum(line.amount_fen for line in lines), settled=paid >= owed)


def _line(item: PowerItem, line: Mapping[str, Any], status: str, pay_code: str | None) -> FeeLine:
    fee = item.fee
    name, code = (fee.name_zh, fee.item_code) if fee else ("", "")
    return FeeLine(name, code, line["amount_fen"], line["quantity"], line["condition"], status, pay_code)


def read_notice(connection: Connection, notice_id: int) -> NoticeView:
    return _notice(connection.execute(_NOTICE, {"notice_id": notice_id}).one())


def _notice(row: Row[Any]) -> NoticeView:
    return NoticeView(
        row.id,
        row.pay_code,
        row.item_code,
        row.name_zh,
        row.payer,
        row.amount_fen,
        tuple(row.lines),
        row.status,
        row.made_at,
        row.due_at,
        row.pay_url,
        row.paid_at,
        row.bank_reference,
    )


@dataclass(frozen=True, slots=True)
class DocumentView:
    id: int
    kind: str
    name: str
    number: str | None
    made_at: datetime
    copies: int


def documents_view(rows: Rows) -> tuple[DocumentView, ...]:
    return tuple(DocumentView(r.id, r.kind, r.name_zh, r.number, r.made_at, r.copies) for r in sorted(rows, key=_ID))
