"""A payment notice for whoever holds its code (缴款码): what is to be paid and where, the payer masked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, exists, select

from service.database.tables import case, department, payment_notice, power_item
from service.people.masking import mask_party

_CODE: Final = re.compile(r"[0-9]{20}")
_LATER = payment_notice.alias("later")
# Another notice of the case was made since, and asks for what is owed instead.
_REPLACED = exists().where(
    _LATER.c.case_id == payment_notice.c.case_id, _LATER.c.id > payment_notice.c.id, _LATER.c.status != "void"
)
_NOTICE = (
    select(
        payment_notice,
        case.c.applicant,
        case.c.applicant_name,
        power_item.c.category,
        _REPLACED.label("replaced"),
        department.c.name_zh.label("department_name_zh"),
        department.c.name_en.label("department_name_en"),
    )
    .join(case, case.c.id == payment_notice.c.case_id)
    .join(department, department.c.code == case.c.department)
    .outerjoin(power_item, (power_item.c.code == case.c.power_item) & (power_item.c.version == case.c.item_version))
    .where(payment_notice.c.pay_code == bindparam("code"))
)


@dataclass(frozen=True, slots=True)
class PublicPayment:
    """`status` as the notice's, or `expired` once its last day is over: then the bank takes nothing under it.

    `replaced` is a void one in whose place another stands.
    """

    pay_code: str
    name: str
    item_code: str
    payer: str
    amount_fen: int
    status: str
    due_at: datetime | None
    pay_url: str | None
    department_name_zh: str
    department_name_en: str


def read_public_payment(connection: Connection, code: str, now: datetime) -> PublicPayment | None:
    """The notice of this code; None for a code of nobody and for what is no code, alike."""
    if not _CODE.fullmatch(code):
        return None
    row = connection.execute(_NOTICE, {"code": code}).one_or_none()
    if row is None:
        return None
    # Another payer than the applicant is shown as a person is, whatever the applicant be.
    applicant = (row.applicant or {}) if row.payer == row.applicant_name else {}
    expired = row.status == "unpaid" and row.due_at is not None and row.due_at <= now
    return PublicPayment(
        row.pay_code,
        row.name_zh,
        row.item_code,
        mask_party(row.payer, applicant, penalised=row.category == "CF"),
        row.amount_fen,
        "expired" if expired else "replaced" if row.status == "void" and row.replaced else row.status,
        row.due_at,
        row.pay_url if row.status == "unpaid" and not expired else None,
        row.department_name_zh,
        row.department_name_en,
    )
