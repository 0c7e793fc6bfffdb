"""The cases that one is linked with, from either side, as far as a person may read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, or_, select

from service.database.tables import case, case_link, person, power_item
from service.people.actor import Actor
from service.reads.case_parts import PersonRef
from service.reads.visibility import may_read_case

_LINKS = (
    select(
        case_link,
        case.c.id.label("far_id"),
        case.c.number,
        case.c.kind.label("case_kind"),
        case.c.department,
        case.c.status,
        case.c.outcome,
        case.c.applicant_name,
        person.c.name.label("maker_name"),
        power_item.c.name_zh.label("item_name_zh"),
        power_item.c.name_en.label("item_name_en"),
    )
    .join(
        case,
        or_(
            and_(case_link.c.case_id == bindparam("case_id"), case.c.id == case_link.c.other_id),
            and_(case_link.c.other_id == bindparam("case_id"), case.c.id == case_link.c.case_id),
        ),
    )
    .join(person, person.c.id == case_link.c.made_by)
    .outerjoin(power_item, and_(power_item.c.code == case.c.power_item, power_item.c.version == case.c.item_version))
    .where(case_link.c.removed_at.is_(None))
    .order_by(case_link.c.id)
)


@dataclass(frozen=True, slots=True)
class LinkView:
    """The other case. `role`: related, or of cases handled together whether the other one `leads` or `follows`."""

    case_number: str
    item_name_zh: str
    item_name_en: str
    applicant_name: str
    status: str
    outcome: str | None
    role: str
    reason: str
    made_by: PersonRef
    made_at: datetime


def links_of_case(connection: Connection, actor: Actor, case_id: int) -> tuple[LinkView, ...]:
    """Both cases show the link; one that this person may not read does not exist for him."""
    rows = connection.execute(_LINKS, {"case_id": case_id})
    return tuple(
        LinkView(
            row.number,
            row.item_name_zh or "",
            row.item_name_en or "",
            row.applicant_name,
            row.status,
            row.outcome,
            "related" if row.kind == "related" else "leads" if row.far_id == row.other_id else "follows",
            row.reason,
            PersonRef(row.made_by, row.maker_name),
            row.made_at,
        )
        for row in rows
        if may_read_case(actor, row.department, row.case_kind)
    )
