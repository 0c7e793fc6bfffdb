"""决定公开: results of cases are opened to the public, those of penalties masked as they are written and for a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from service.catalogue.item import PowerItem
from service.database.tables import publication, user_task
from service.enquiry.disclosure import disclosed_fields
from service.people.masking import mask_party
from service.working_time.months import months_later

if TYPE_CHECKING:
    from service.commands.act import CaseAct

_PUBLISH = insert(publication).inline()
_ANSWERS = (
    select(user_task.c.answers)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at, user_task.c.id)
)
# County default after the market regulation rule on publishing penalties: three months for warnings and small fines.
_SHORT_MONTHS, _LONG_MONTHS = 3, 36


def publish_result(act: CaseAct, step_id: str) -> None:
    """Open the result to the public; which fields is the item's rule. A penalty's are masked here, once for all."""
    fields = list(act.item.public_fields) if act.item else []
    published: dict[str, Any] = {"case_id": act.row.case_id, "stage": "result", "published_at": act.now}
    shown: dict[str, Any] = {"content": None, "until_on": None}
    if act.item is not None and act.item.penalises:
        shown = _penalty(act, act.item)
    act.put(_PUBLISH, published | {"fields": fields} | shown)
    act.note("decision_published", step_id, fields=fields)


def _penalty(act: CaseAct, item: PowerItem) -> dict[str, Any]:
    """What the public reads of a penalty, masked, and the day on which it is taken down."""
    answers: dict[str, Any] = {}
    for given in act.connection.execute(_ANSWERS, {"case_id": act.row.case_id}).scalars():
        answers.update({key: value for key, value in (given or {}).items() if value is not None})
    own = {
        "party_name": mask_party(act.row.applicant_name, act.row.applicant or {}, penalised=True),
        "decision_no": act.run.lookup("decision_no"),
        "decided_on": act.run.lookup("decided_on"),
        "case_no": act.row.number,
    }
    shown = disclosed_fields(item, act.bundle.forms.values(), answers, own)
    months = _SHORT_MONTHS if is_small(item.content, answers) else _LONG_MONTHS
    return {"content": [asdict(one) for one in shown], "until_on": months_later(act.today, months)}


def is_small(item: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Whether it is a warning, or a fine below what the county calls small (items.yaml, `small_fine_fen`)."""
    if answers.get("penalty_decision") != "fine":
        return True
    limits: Mapping[str, int] = (item.get("publication") or {}).get("small_fine_fen") or {}
    return int(answers.get("fine_amount") or 0) <= limits.get(str(answers.get("party_kind")), 0)
