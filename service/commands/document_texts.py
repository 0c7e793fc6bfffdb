"""What each document of a case says: the case's facts and answers put into the renderer's frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from service.catalogue.item import PowerItem
from service.certificates import DocumentData, PaymentDue
from service.form_schemas import CompiledForm

# The certificate shows the item's public fields in this many rows at most.
MOST_FIELDS = 12
_MATERIAL_KINDS = {"original": "原件", "copy": "复印件", "electronic": "电子"}


@dataclass(frozen=True, slots=True)
class Papers:
    """All that documents are made from. `answers` are those of every form of the case, the last one winning."""

    item: PowerItem
    organ_zh: str
    case_number: str
    holder: str
    answers: Mapping[str, Any]
    forms: tuple[CompiledForm, ...]
    on_file: Mapping[str, int]
    received_on: date | None
    accepted_on: date | None
    due_on: date | None
    deemed: bool
    secret: str
    verify_url: str


@dataclass(frozen=True, slots=True)
class Made:
    """One document as it was made. `payment` is (code, fen, due day) of a payment notice."""

    kind: str
    name_zh: str
    number: str
    made_on: date
    copies: int
    payment: tuple[str, int, date | None] | None = None


def document_data(papers: Papers, made: Made) -> DocumentData:
    """The data of one document, ready to be rendered."""
    common: dict[str, Any] = {
        "number": made.number,
        "title_zh": made.name_zh,
        "organ_zh": papers.organ_zh,
        "item_name_zh": papers.item.name_zh,
        "case_number": papers.case_number,
        "holder": papers.holder,
        "made_on": made.made_on,
        "legal_basis": tuple(papers.item.content.get("legal_basis") or ())[:6],
        "received_on": papers.received_on or made.made_on,
        "accepted_on": papers.accepted_on or made.made_on,
        "due_on": papers.due_on or made.made_on,
    }
    special = _SPECIAL.get(made.kind)
    return DocumentData(**{**common, **(special(papers, made) if special else {})})


def _certificate(papers: Papers, made: Made) -> dict[str, Any]:
    return {
        "fields": tuple(_shown(papers))[:MOST_FIELDS],
        "verify_url": papers.verify_url,
        "copy_no": str(made.copies + 1),
    }


def _shown(papers: Papers) -> list[tuple[str, str]]:
    """Label and value of the item's public fields, as the forms call and display them."""
    rows: list[tuple[str, str]] = []
    for key in papers.item.public_fields:
        if key in ("applicant_name", "cert_no", "decision") or papers.answers.get(key) in (None, "", []):
            continue
        for form in papers.forms:
            if key in form.keys:
                rows.append((form.labels("zh-CN")[key], form.display(key, papers.answers[key], "zh-CN")))
                break
    return rows


def _acceptance(papers: Papers, _made: Made) -> dict[str, Any]:
    materials = tuple(
        (material.name_zh, _MATERIAL_KINDS.get(material.kind, material.kind), str(papers.on_file[material.key]))
        for material in papers.item.materials.values()
        if material.provided_by == "applicant" and papers.on_file.get(material.key)
    )
    variant = "deemed" if papers.deemed else ""
    return {"materials": materials, "query_secret": papers.secret, "variant": variant}


def _correction(papers: Papers, _made: Made) -> dict[str, Any]:
    rows = papers.answers.get("correction_items") or ()
    return {"materials": tuple(tuple(str(row.get(k) or "") for k in ("material", "problem", "basis")) for row in rows)}


def _non_acceptance(papers: Papers, _made: Made) -> dict[str, Any]:
    return {
        "reason": _sentence(papers.answers.get("not_accepted_reason")),
        "competent_organ": str(papers.answers.get("competent_organ") or ""),
        "variant": str(papers.answers.get("check_result") or ""),
    }


def _special(papers: Papers, _made: Made) -> dict[str, Any]:
    days = papers.answers.get("review_days")
    length = f"所需时间 {days} 天" if days else "所需时间以实际为准"
    return {"fields": (("程序", "专家评审（技术评估）"), ("时间", length))}


def _payment(papers: Papers, made: Made) -> dict[str, Any]:
    if made.payment is None:
        return {}
    code, amount, due_on = made.payment
    fee = papers.item.fee.name_zh if papers.item.fee else ""
    return {"payment": PaymentDue(code, amount), "fields": (("收费项目", fee),), "due_on": due_on or made.made_on}


def _refusal(papers: Papers, _made: Made) -> dict[str, Any]:
    return {"reason": _sentence(papers.answers.get("decision_reason"))}


def _sentence(text: Any) -> str:
    words = str(text or "不符合法定条件").strip()
    return words if words.endswith(("。", "！", "？", ".")) else words + "。"


_SPECIAL = {
    "certificate": _certificate,
    "cancel_proof": _certificate,
    "acceptance_notice": _acceptance,
    "correction_notice": _correction,
    "non_acceptance": _non_acceptance,
    "special_notice": _special,
    "payment_notice": _payment,
    "refusal": _refusal,
}
