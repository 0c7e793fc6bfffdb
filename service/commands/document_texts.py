"""What each document of a case says: the case's rows and answers put into the renderer's frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.engine import Row

from service.catalogue.item import PowerItem
from service.certificates import PROOFS, DocumentData, PaymentDue, Remedy
from service.commands.act import CaseAct
from service.commands.departments import issuer
from service.commands.document_fields import PAPERS
from service.commands.documents import ACCEPTED, DUE, ON_FILE, PROVISIONAL_DUE, RECEIVED
from service.commands.paper_words import cited, label_on_paper, row_on_paper, shown_on_paper
from service.commands.penalty_texts import PenaltyPaper
from service.commands.written_notices import BASIS, ROWS, VARIANT
from service.database.tables import attachment, department, payment_notice, user_task
from service.enquiry.reference import secret_of
from service.form_schemas import CompiledForm
from service.reads.document_words import words_in_force

COUNTY = "临江"
REMEDY = Remedy("临江县人民政府", "临江县人民法院")
# DOMAIN: 10, and the limit of the shared process `correction`.
CORRECTION_NATURAL_DAYS = 30
# The articles on the procedure, which hold for every licence (行政许可法).
_PROCEDURE = {
    "acceptance_notice": "《中华人民共和国行政许可法》第三十二条",
    "correction_notice": "《中华人民共和国行政许可法》第三十二条",
    "non_acceptance": "《中华人民共和国行政许可法》第三十二条",
    "special_notice": "《中华人民共和国行政许可法》第四十五条",
}
_MATERIAL_KINDS = {"original": ("原件", "original"), "copy": ("复印件", "copy"), "electronic": ("电子", "electronic")}
# What stands on the paper that the applicant takes home, by diagram; an item without a row shows its public fields.
_FIELDS: Mapping[str, tuple[str, ...]] = {
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
_FILES = select(attachment.c.material).where(
    attachment.c.case_id == bindparam("case_id"), attachment.c.removed_at.is_(None), attachment.c.refused_at.is_(None)
)
_NOTICE = (
    select(payment_notice)
    .where(payment_notice.c.case_id == bindparam("case_id"), payment_notice.c.status != "void")
    .order_by(payment_notice.c.id.desc())
)
_ORGAN = select(department.c.name_zh).where(department.c.code == bindparam("code"))


@dataclass(frozen=True, slots=True)
class Filled:
    """Every answer of the case, the last form winning, and the form that asked for it."""

    answers: Mapping[str, Any]
    forms: Mapping[str, CompiledForm]

    def text(self, key: str) -> str:
        value = self.answers.get(key)
        return str(value) if value else ""


def document_data(act: CaseAct, document: Row[Any], locale: str = "zh-CN") -> DocumentData:
    """What the document says. Its own content, taken when it was made, goes before later answers.

    Names of fields and options are in the reader's language; what people wrote is as they wrote it.
    """
    filled = _filled(act, document.content)
    kind, row = document.kind, act.row
    due_on = _due_on(act, kind, document.made_at, filled)
    penalty = _penalty(act, kind, filled, document.content, locale)
    return DocumentData(
        number=document.number or "",
        title_zh=document.name_zh,
        organ_zh=_organ(act.connection, issuer(act, act.item.document(kind) if act.item else None)),
        item_name_zh=act.item.name_zh if act.item else filled.text("item_name") or row.applicant_name,
        case_number=row.number,
        holder=filled.text("buyer_name") or row.applicant_name,
        made_on=act.calendar.local_date(document.made_at),
        fields=penalty.rows if penalty and ROWS not in filled.answers else _fields(act, kind, filled, locale),
        materials=_materials(act, kind, filled, locale),
        variant=penalty.variant if penalty else _variant(kind, act, filled),
        more=penalty.facts if penalty else (),
        legal_basis=_basis(act, kind, filled),
        reason=filled.text("not_accepted_reason" if kind == "non_acceptance" else "decision_reason"),
        competent_organ=filled.text("competent_organ"),
        received_on=_kept_day(filled, RECEIVED, row.received_on),
        accepted_on=_kept_day(filled, ACCEPTED, row.accepted_on),
        due_on=due_on,
        due_provisional=due_on is not None
        and filled.answers.get(PROVISIONAL_DUE, act.calendar.is_provisional(due_on.year)),
        query_secret=secret_of(act.services.settings.secret_key, row.number) if kind == "acceptance_notice" else "",
        payment=_payment(act) if kind == "payment_notice" else None,
        remedy=REMEDY,
        copy_no=str(document.copies + 1) if kind in PROOFS else "",
        sections=_own_words(act, kind, document.made_at),
        verify_url=_address_on_paper(act, kind, document.number),
    )


def _kept_day(filled: Filled, name: str, of_case: date | None) -> date | None:
    """As the document was made with; one that older programs made kept none."""
    return date.fromisoformat(filled.answers[name]) if name in filled.answers else of_case


def _own_words(act: CaseAct, kind: str, made_at: datetime) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The county's own words that were in force when the document was made; nothing where the built-in ones were."""
    own = words_in_force(act.connection, kind, act.row.power_item, made_at)
    return tuple(own.sections.items()) if own.version is not None else ()


def _address_on_paper(act: CaseAct, kind: str, number: str) -> str:
    """What the paper's QR code leads to: where it is verified, or where it is paid."""
    public_url = act.services.settings.public_url
    if kind == "payment_notice":
        due = _payment(act)
        return f"{public_url}/public/pay/{due.code}" if due is not None else ""
    return f"{public_url}/public/verify?{urlencode({'number': number})}" if kind in PROOFS else ""


def _penalty(act: CaseAct, kind: str, filled: Filled, own: Mapping[str, Any], locale: str) -> PenaltyPaper | None:
    if act.item is None or not act.item.penalises:
        return None
    return PenaltyPaper(act, kind, filled.answers, filled.forms, own, locale)


def _filled(act: CaseAct, own: Mapping[str, Any]) -> Filled:
    answers: dict[str, Any] = {}
    forms: dict[str, CompiledForm] = {}
    for form_key, given in act.connection.execute(_ANSWERS, {"case_id": act.row.case_id}):
        for key, value in (given or {}).items():
            if value is not None:
                answers[key] = value
                forms[key] = act.bundle.forms[form_key]
    return Filled({**answers, **{k: v for k, v in own.items() if v is not None}}, forms)


def _organ(connection: Connection, code: str) -> str:
    return organ_in_full(connection.execute(_ORGAN, {"code": code}).scalar_one_or_none() or code)


def organ_in_full(name: str) -> str:
    """A department's name as papers say it: 临江县应急管理局."""
    return f"{COUNTY}{name}" if name.startswith("县") else name


def _basis(act: CaseAct, kind: str, filled: Filled) -> tuple[str, ...]:
    """The procedure's article for a licence, else the law that the item stands on; what a decision names itself."""
    if own := filled.text(BASIS):
        return (cited(own),)
    if act.item is None:
        return (cited(filled.text("legal_basis")),) if filled.text("legal_basis") else ()
    if act.item.category == "XK" and kind in _PROCEDURE:
        return (_PROCEDURE[kind],)
    return tuple(cited(str(basis)) for basis in act.item.content.get("legal_basis") or ())


def _cited(basis: object) -> str:
    return cited(str(basis)) if basis else ""


def _variant(kind: str, act: CaseAct, filled: Filled) -> str:
    if VARIANT in filled.answers:
        return filled.text(VARIANT)
    if kind == "change_decision":
        return filled.text("change_kind")
    if kind == "acceptance_notice":
        return "deemed" if act.run.lookup("deemed") else ""
    return filled.text("check_result") if kind == "non_acceptance" else ""


def _due_on(act: CaseAct, kind: str, made_at: datetime, filled: Filled) -> date | None:
    if DUE in filled.answers:
        return date.fromisoformat(filled.answers[DUE]) if filled.answers[DUE] else None
    if kind == "correction_notice":
        return _last_day(act, act.calendar.add_natural_days(made_at, CORRECTION_NATURAL_DAYS))
    if kind == "payment_notice":
        notice = act.connection.execute(_NOTICE, {"case_id": act.row.case_id}).first()
        return _last_day(act, notice.due_at) if notice is not None and notice.due_at else None
    return _last_day(act, act.row.case_due_at) if act.row.case_due_at else None


def _last_day(act: CaseAct, due: datetime) -> date:
    """A limit in natural days ends at 24:00, which is the next day's first instant."""
    return act.calendar.local_date(due - timedelta(microseconds=1))


def _payment(act: CaseAct) -> PaymentDue | None:
    notice = act.connection.execute(_NOTICE, {"case_id": act.row.case_id}).first()
    return PaymentDue(notice.pay_code, notice.amount_fen) if notice is not None else None


def _materials(act: CaseAct, kind: str, filled: Filled, locale: str) -> tuple[tuple[str, str, str], ...]:
    if act.item is None:
        return ()
    if kind == "correction_notice":
        rows = [*(filled.answers.get("correction_items") or ()), *(filled.answers.get("lacking") or ())]
        return tuple((str(r.get("material", "")), str(r.get("problem", "")), _cited(r.get("basis"))) for r in rows)
    if kind != "acceptance_notice":
        return ()
    found: dict[str, int] = dict(filled.answers.get(ON_FILE) or ())
    if ON_FILE not in filled.answers:
        for (key,) in act.connection.execute(_FILES, {"case_id": act.row.case_id}):
            found[key] = found.get(key, 0) + 1
    listed = [(material, found[key]) for key, material in act.item.materials.items() if key in found]
    english = locale.startswith("en")
    return tuple(
        (m.name_en if english else m.name_zh, _MATERIAL_KINDS.get(m.kind, (m.kind,) * 2)[english], str(count))
        for m, count in listed
    )


def _fields(act: CaseAct, kind: str, filled: Filled, locale: str) -> tuple[tuple[str, str], ...]:
    if ROWS in filled.answers:
        return tuple(row_on_paper(str(label), str(value), locale) for label, value in filled.answers[ROWS])
    if kind == "special_notice":
        return (("特别程序", "专家评审"), ("所需时间", f"{filled.text('review_days')} 天"))
    if kind == "change_decision":
        shown = ("certificate_name", "certificate_number", "certificate_issued_on")
        rows = zip(("证照名称", "证照编号", "发证日期"), map(filled.text, shown), strict=True)
        return tuple(row_on_paper(label, value, locale) for label, value in rows)
    if act.item is None or kind not in ("certificate", "cancel_proof", "decision", *PAPERS):
        return ()
    keys = PAPERS[kind] if kind in PAPERS else _FIELDS.get(act.item.definition_key, act.item.public_fields)
    if kind == "cancel_proof":
        keys = tuple(key for key in keys if not key.startswith("valid_"))
    return tuple(
        (
            label_on_paper(filled.forms.get(key), key, locale),
            shown_on_paper(filled.forms.get(key), key, filled.answers[key], locale, dated=kind == "plan"),
        )
        for key in keys
        if filled.answers.get(key)
    )


def shown_fields(act: CaseAct, document: Row[Any]) -> tuple[tuple[str, CompiledForm, object], ...]:
    """Key, form and value of each field of the item that a certificate shows."""
    if act.item is None:
        return ()
    filled = _filled(act, document.content)
    keys = _FIELDS.get(act.item.definition_key, act.item.public_fields)
    return tuple((k, filled.forms[k], filled.answers[k]) for k in keys if filled.answers.get(k) and k in filled.forms)


def keys_on_paper(item: PowerItem | None) -> tuple[str, ...]:
    """The fields of an item that stand on the paper which its decision hands out."""
    return _FIELDS.get(item.definition_key, item.public_fields) if item is not None else ()
