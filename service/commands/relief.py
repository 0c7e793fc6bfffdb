"""The check of means (家庭经济状况核对): what the county's own record says beside what the household declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from service.database.tables import case
from service.engine import Element
from service.reads.answers import answers_given

if TYPE_CHECKING:
    from service.commands.act import CaseAct

# Relief is for a passing hardship: what the household got within a year counts (社会救助暂行办法 Art. 47).
_LOOKS_BACK = timedelta(days=365)
_EARLIER = (
    select(case.c.number, case.c.closed_at)
    .where(
        case.c.power_item == bindparam("power_item"),
        case.c.id != bindparam("case_id"),
        case.c.outcome == "granted",
        case.c.closed_at >= bindparam("since"),
        case.c.applicant["id_number"].as_string() == bindparam("id_number"),
    )
    .order_by(case.c.closed_at)
)


def means_check(act: CaseAct, element: Element, _variables: dict[str, Any]) -> bool:
    """Compare, and put what was found into the case's history, where every reviewer reads it."""
    declared = _declared(act, "monthly_income")
    computed = income_a_head(_declared(act, "members") or (), _declared(act, "household_size"))
    earlier = act.connection.execute(
        _EARLIER,
        {
            "power_item": act.row.power_item,
            "case_id": act.row.case_id,
            "since": act.now - _LOOKS_BACK,
            "id_number": (act.row.applicant or {}).get("id_number"),
        },
    ).all()
    act.note(
        "means_checked",
        element.id,
        declared_fen=declared,
        computed_fen=computed,
        differs=computed is not None and computed != declared,
        earlier_relief=[row.number for row in earlier],
    )
    return True


def income_a_head(members: Iterable[Mapping[str, Any]], household_size: object) -> int | None:
    """Monthly income a head in fen, from the members' incomes in yuan; None where one of them is no number."""
    if not isinstance(household_size, int) or household_size < 1:
        return None
    try:
        yuan = sum((Decimal(str(row.get("monthly_income_yuan") or 0)) for row in members), Decimal(0))
    except InvalidOperation:
        return None
    return int(yuan * 100) // household_size if yuan.is_finite() else None


def _declared(act: CaseAct, key: str) -> Any:
    given = answers_given(act.connection, act.row.case_id, "apply", key)
    return given[-1] if given else None
