"""Making a case's documents within an act: numbers are drawn here, PDFs are rendered when somebody prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from service.cases.numbers import document_number
from service.catalogue.item import DocumentRule
from service.database.tables import document, publication

if TYPE_CHECKING:
    from service.commands.act import CaseAct

_INSERT = insert(document)
_PUBLISH = insert(publication)
# decision -> the step that hands out its paper
DECIDED_AT: Mapping[str, str] = {"grant": "print_certificate", "refuse": "serve_refusal"}
# The food licence's number begins with the form of business (items.yaml: JY{form:1}).
_FORM_DIGITS = {"shop": "1", "catering": "2", "canteen": "3"}


def make_for_step(act: CaseAct, step_id: str, answers: dict[str, Any] | None = None) -> None:
    """Make every document that the item names for this step and that applies; the decision's stand already."""
    if act.item is None or step_id in DECIDED_AT.values():
        return
    for rule in act.item.documents:
        if rule.made_at_step == step_id and rule.applies(act.run.lookup):
            make(act, rule, answers or {})


def make_decided(act: CaseAct, answers: dict[str, Any]) -> None:
    """At the decision its paper draws its number, without gaps; it is printed later (items.yaml, `documents`)."""
    step = DECIDED_AT.get(str(answers.get("decision")))
    for rule in act.item.documents if act.item is not None else ():
        if rule.made_at_step == step and rule.applies(act.run.lookup):
            number = make(act, rule, answers)
            if step == "print_certificate":
                act.run.variables["cert_no"] = number


def make(act: CaseAct, rule: DocumentRule, answers: dict[str, Any]) -> str:
    """Write the document's row and event; its number."""
    number = document_number(
        act.connection,
        department=act.row.case_department,
        kind=rule.kind,
        pattern=rule.number_pattern,
        on=act.today,
        values={"form": _FORM_DIGITS.get(str(act.run.lookup("business_form")), "9")},
    )
    act.connection.execute(
        _INSERT,
        {
            "case_id": act.row.case_id,
            "kind": rule.kind,
            "name_zh": rule.name_zh,
            "number": number,
            "made_at": act.now,
            "content": {key: value for key, value in answers.items() if _plain(value)},
            "copies": 0,
        },
    )
    act.note("document_made", rule.made_at_step, kind=rule.kind, number=number, name=rule.name_zh)
    return number


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | list) or value is None


def publish_result(act: CaseAct, step_id: str) -> None:
    """Open the result to the public; which fields is the item's rule, applied and masked when somebody reads."""
    fields = list(act.item.public_fields) if act.item else []
    act.connection.execute(
        _PUBLISH, {"case_id": act.row.case_id, "stage": "result", "published_at": act.now, "fields": fields}
    )
    act.note("decision_published", step_id, fields=fields)


def missing_materials(act: CaseAct, step_id: str) -> list[str]:
    """Keys of required, applicable materials that must be on file before this step and are not."""
    element = act.bundle.model.find(step_id)
    if element is None or act.item is None or not element.required_materials:
        return []
    on_file = act.files_on_file
    return [
        key
        for key in element.required_materials
        if (material := act.item.materials.get(key)) is None
        or (material.required and material.applies(act.run.lookup) and on_file.get(key, 0) < material.min_files)
    ]
