"""What the diagram of a certificate's change does by itself: the holder is told, the decision draws its number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from service.catalogue.item import DocumentRule
from service.certificates.standing import ENDED_BY, REPLACED
from service.commands import documents
from service.commands.telling import tell_applicant
from service.database.tables import certificate, certificate_change
from service.engine import Element, EngineFailure

if TYPE_CHECKING:
    from service.commands.act import CaseAct

APPLY: Final = "apply_certificate_change"
CHANGE_DECISION: Final = "change_decision"
_NAMES: Final[Mapping[str, str]] = {
    "revoke": "撤销行政许可决定书",
    "cancel": "注销行政许可决定书",
    "correct": "证照更正决定书",
}
_CHANGE = (
    select(certificate_change, certificate.c.number, certificate.c.name_zh, certificate.c.issued_at)
    .join(certificate, certificate.c.document_id == certificate_change.c.document_id)
    .where(certificate_change.c.case_id == bindparam("case_id"))
)


def tell_holder(act: CaseAct, _element: Element, _variables: dict[str, Any]) -> bool:
    """The holder hears what is intended, and that he may state his case (行政许可法 Art. 7)."""
    change = _change(act)
    act.later(lambda: tell_applicant(act, "certificate_to_be_revoked", name=change.name_zh, certificate=change.number))
    return True


def decide_change(act: CaseAct, element: Element, _variables: dict[str, Any]) -> bool:
    """The decision draws its number here. What is replaced is replaced at once, for the new certificate is handed
    over with the decision; what ends a right waits until its holder is served."""
    change = _change(act)
    if change.kind in _NAMES:
        act.later(lambda: _decision(act, element.id, change))
    if ENDED_BY[change.kind] == REPLACED:
        _apply(act)
    return True


def end_certificate(act: CaseAct, _element: Element, _variables: dict[str, Any]) -> bool:
    """The decision has been served: the certificate that it revokes or cancels is void from now on."""
    if ENDED_BY[_change(act).kind] != REPLACED:
        _apply(act)
    return True


def change_certificate(act: CaseAct, element: Element, variables: dict[str, Any]) -> bool:
    """Both at once, as diagrams before the separate step of service have it."""
    decide_change(act, element, variables)
    return end_certificate(act, element, variables)


def _apply(act: CaseAct) -> None:
    """The certificate's own case hears of it in a transaction of its own."""
    act.send(APPLY, f"{APPLY}/{act.row.case_id}", {"case_id": act.row.case_id})


def _change(act: CaseAct) -> Row[Any]:
    found = act.connection.execute(_CHANGE, {"case_id": act.row.case_id}).one_or_none()
    if found is None:
        raise EngineFailure(f"Expected case {act.row.number} to be about a certificate")
    return found


def _decision(act: CaseAct, step_id: str, change: Row[Any]) -> None:
    rule = DocumentRule(CHANGE_DECISION, _NAMES[change.kind], step_id, None, None, None)
    reasons = [given["answers"].get("change_reason") for given in act.pending.task_updates]
    content = {
        "change_kind": change.kind,
        "item_name": change.name_zh,
        "certificate_name": change.name_zh,
        "certificate_number": change.number,
        "certificate_issued_on": act.calendar.local_date(change.issued_at).isoformat(),
        "legal_basis": change.legal_basis,
        "decision_reason": next(filter(None, reasons), change.reason),
        documents.CERTIFICATE_ID: change.document_id,
        documents.CORRECTIONS: [list(one) for one in change.corrections.items()] if change.corrections else None,
    }
    documents.make(act, rule, content)
