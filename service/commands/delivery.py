"""送达回证: what was served, on whom, how, when and where, for the receiver to sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from service.catalogue.item import DocumentRule
from service.commands import documents
from service.commands.documents import ROWS
from service.database.in_text import among
from service.database.rows import read_rows
from service.database.tables import document

if TYPE_CHECKING:
    from service.commands.act import CaseAct

RECEIPT: Final = "delivery_receipt"
_NAME: Final = "送达回证"
# step -> the kinds of papers that it hands over
SERVED_AT: Final[Mapping[str, tuple[str, ...]]] = {
    "deliver": ("certificate", "cancel_proof", "decision"),
    "serve_refusal": ("refusal",),
    "serve": ("change_decision",),
}
_PAPERS = {
    step: select(document.c.name_zh, document.c.number)
    .where(document.c.case_id == bindparam("case_id"), among(document.c.kind, kinds))
    .order_by(document.c.id)
    for step, kinds in SERVED_AT.items()
}
_WAY, _ON = ("delivery_way", "refusal_way"), ("delivered_on", "refusal_served_on")
_PLACE = ("delivery_place", "delivered_place")


def make_receipt(act: CaseAct, step_id: str, form_key: str, answers: Mapping[str, Any]) -> None:
    """At the step that serves a paper, its receipt; nothing where nothing is served."""
    if step_id not in _PAPERS:
        return
    papers = read_rows(act.connection, _PAPERS[step_id], {"case_id": act.row.case_id})
    if papers:
        served = "；".join(f"《{paper.name_zh}》{paper.number or ''}" for paper in papers)
        content = {ROWS: _rows(act, served, form_key, answers)}
        documents.make(act, DocumentRule(RECEIPT, _NAME, step_id, None, None, None), content)


def _rows(act: CaseAct, served: str, form_key: str, answers: Mapping[str, Any]) -> list[list[str]]:
    form = act.bundle.forms.get(form_key)

    def shown(keys: tuple[str, ...]) -> str:
        key = next((one for one in keys if answers.get(one)), None)
        if key is None:
            return ""
        return form.display(key, answers[key], "zh-CN") if form is not None else str(answers[key])

    rows = [
        ["送达文书", served],
        ["受送达人", act.row.applicant_name],
        ["送达方式", shown(_WAY)],
        ["邮寄单号", shown(("courier_no",))],
        ["领取人（签收人）", shown(("receiver_name",))],
        ["送达时间", shown(_ON) or act.today.isoformat()],
        ["送达地点", shown(_PLACE) or _usual_place(answers)],
        ["送达人", act.actor.name if act.actor is not None else ""],
    ]
    return [row for row in rows if row[1]]


def _usual_place(answers: Mapping[str, Any]) -> str:
    way = next((answers[key] for key in _WAY if answers.get(key)), None)
    return "政务服务窗口" if way == "window" else ""
