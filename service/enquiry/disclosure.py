"""Which fields of a result are public, and how each is masked (DOMAIN: 9). What no rule names is not shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.catalogue.item import PowerItem
from service.form_schemas import CompiledForm
from service.people.masking import mask_address, mask_id_number, mask_mobile, mask_name

# Fields that hold a natural person's name, and those that hold a place, by key: forms have no type for them.
PERSONS: Final = frozenset(
    "party_name legal_rep_name principal safety_manager contact_name seller_name buyer_name receiver_name "
    "agent_name hearing_chair_name officer_a officer_b".split()
)
PLACES: Final = frozenset("address site_address premises residence".split())
# Free text and tables may name anybody: they stay closed.
_CLOSED_KINDS: Final = frozenset({"textarea", "dynamiclist"})
_OWN_LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "applicant_name": ("申请人", "Applicant"),
    "case_no": ("办件编号", "Case number"),
    "status": ("办理状态", "Status"),
    "decided_on": ("决定日期", "Decided on"),
    "cert_no": ("证件编号", "Certificate number"),
    "party_name": ("当事人", "Party"),
    "decision_no": ("决定书文号", "Number of the decision"),
}


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One public field as people read it."""

    key: str
    label_zh: str
    label_en: str
    value_zh: str
    value_en: str


def disclosed_fields(
    item: PowerItem, forms: Iterable[CompiledForm], answers: Mapping[str, Any], own: Mapping[str, Any]
) -> tuple[Disclosed, ...]:
    """The item's public fields that have a value. `own` are what the case itself answers; they go before answers."""
    by_key = {field.key: (form, field) for form in forms for field in form.fields}
    found = []
    for key in item.public_fields:
        if key in item.masked_fields:
            continue
        form, field = by_key.get(key, (None, None))
        if key in own:
            shown = _own(key, own[key])
        elif form is None or field is None or field.kind in _CLOSED_KINDS:
            shown = _own(key, answers.get(key)) if key in _OWN_LABELS else None
        else:
            shown = _answer(form, key, field.format, answers.get(key))
        if shown is not None:
            found.append(shown)
    return tuple(found)


def _own(key: str, value: Any) -> Disclosed | None:
    if value is None or value == "":
        return None
    label_zh, label_en = _OWN_LABELS[key]
    return Disclosed(key, label_zh, label_en, str(value), str(value))


def _answer(form: CompiledForm, key: str, kind: str | None, value: Any) -> Disclosed | None:
    if value is None or value in ("", []):
        return None
    zh, en = form.labels("zh-CN")[key], form.labels("en")[key]
    masked = _masked(key, kind, value)
    if masked is not None:
        return Disclosed(key, zh, en, masked, masked)
    return Disclosed(key, zh, en, form.display(key, value, "zh-CN"), form.display(key, value, "en"))


def _masked(key: str, kind: str | None, value: Any) -> str | None:
    """The masked value, or None where the field needs no mask."""
    text = str(value)
    if kind == "id_number":
        return mask_id_number(text)
    if kind == "mobile":
        return mask_mobile(text)
    if key in PERSONS:
        return mask_name(text)
    return mask_address(text) if key in PLACES else None
