"""Every answer of a case as a paper finds it, and which of them stand on what the applicant takes home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from service.catalogue.item import PowerItem
from service.commands.act import CaseAct
from service.database.tables import user_task
from service.form_schemas import CompiledForm

# What stands on the paper that the applicant takes home, by diagram; an item without a row shows its public fields.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "hazardous_chemicals_licence": (
        "applicant_name",
        "applicant_code",
        "legal_rep_name",
        "site_address",
        "chemicals",
        "valid_from",
        "valid_until",
    ),
    "social_organisation_registration": (
        "applicant_name",
        "org_code",
        "legal_rep_name",
        "address",
        "supervisor_unit",
        "purpose",
        "funds",
        "valid_from",
        "valid_until",
    ),
    "environmental_impact_approval": (
        "project_name",
        "doc_type",
        "industry",
        "investment",
        "env_investment",
        "eia_unit",
        "valid_until",
    ),
    "real_estate_transfer": ("buyer_name", "buyer_id", "unit_no", "property_use", "area_m2", "transfer_kind"),
    "food_business_licence": (
        "applicant_name",
        "applicant_code",
        "legal_rep_name",
        "premises",
        "business_form",
        "business_items",
        "safety_manager",
        "valid_until",
    ),
    "temporary_relief": ("applicant_name", "applicant_id", "relief_kind", "household_size", "amount"),
    "road_excavation_levy": (
        "applicant_name",
        "applicant_code",
        "road_name",
        "dig_place",
        "pavement",
        "measured_m2",
        "dig_from",
        "dig_until",
    ),
    "medical_institution_registration": (
        "institution_name",
        "address",
        "legal_rep_name",
        "principal",
        "ownership",
        "departments",
        "beds",
        "valid_from",
        "valid_until",
    ),
}
_ANSWERS = (
    select(user_task.c.form_key, user_task.c.answers)
    .where(user_task.c.case_id == bindparam("case_id"), user_task.c.status == "completed")
    .order_by(user_task.c.completed_at)
)


@dataclass(frozen=True, slots=True)
class Filled:
    """Every answer of the case, the last form winning, and the form that asked for it."""

    answers: Mapping[str, Any]
    forms: Mapping[str, CompiledForm]

    def text(self, key: str) -> str:
        value = self.answers.get(key)
        return str(value) if value else ""


def filled_answers(act: CaseAct, own: Mapping[str, Any]) -> Filled:
    """The answers of the case; what the document holds itself goes before them."""
    answers: dict[str, Any] = {}
    forms: dict[str, CompiledForm] = {}
    for form_key, given in act.connection.execute(_ANSWERS, {"case_id": act.row.case_id}):
        for key, value in (given or {}).items():
            if value is not None:
                answers[key] = value
                forms[key] = act.bundle.forms[form_key]
    return Filled({**answers, **{k: v for k, v in own.items() if v is not None}}, forms)


def shown_fields(act: CaseAct, document: Row[Any]) -> tuple[tuple[str, CompiledForm, object], ...]:
    """Key, form and value of each field of the item that a certificate shows."""
    if act.item is None:
        return ()
    filled = filled_answers(act, document.content)
    keys = FIELDS.get(act.item.definition_key, act.item.public_fields)
    return tuple((k, filled.forms[k], filled.answers[k]) for k in keys if filled.answers.get(k) and k in filled.forms)


def keys_on_paper(item: PowerItem | None) -> tuple[str, ...]:
    """The fields of an item that stand on the paper which its decision hands out."""
    return FIELDS.get(item.definition_key, item.public_fields) if item is not None else ()
