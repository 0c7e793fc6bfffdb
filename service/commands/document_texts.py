"""What each document of a case says: the case's rows and answers put into the renderer's frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from service.certificates import PROOFS, DocumentData, PaymentDue, Remedy
from service.commands.act import CaseAct
from service.commands.answers_on_paper import FIELDS, Filled, filled_answers
from service.commands.correcting import correctable_fields
from service.commands.departments import issuer
from service.commands.document_fields import PAPERS
from service.commands.documents import (
    ACCEPTED,
    CERTIFICATE_ID,
    CORRECTIONS,
    ON_FILE,
    PROVISIONAL_DUE,
    RECEIVED,
    ROWS,
)
from service.commands.paper_words import DUE, cited, label_on_paper, row_on_paper, rows_on_paper, shown_on_paper
from service.commands.penalty_texts import PenaltyPaper
from service.commands.urging import URGED_WORKING_DAYS
from service.commands.written_notices import BASIS, VARIANT
from service.database.tables import attachment, department, payment_notice
from service.enquiry.reference import secret_of
from service.people.organs import organ_in_english, organ_in_full
from service.reads.document_words import words_in_force

REMEDY = Remedy("临江县人民政府", "临江县人民法院")
_REMEDY_EN = Remedy("the People's Government of Linjiang County", "the People's Court of Linjiang County")
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
_FILES = select(attachment.c.material).where(
    attachment.c.case_id == bindparam("case_id"), attachment.c.removed_at.is_(None), attachment.c.refused_at.is_(None)
)
_NOTICE = (
    select(payment_notice)
    .where(payment_notice.c.case_id == bindparam("case_id"), payment_notice.c.status != "void")
    .order_by(payment_notice.c.id.desc())
)
_ORGAN = select(department.c.name_zh, department.c.name_en).where(department.c.code == bindparam("code"))


def document_data(act: CaseAct, document: Row[Any], locale: str = "zh-CN") -> DocumentData:
    """What the document says. Its own content, taken when it was made, goes before later answers.

    Names of fields and options are in the reader's language; what people wrote is as they wrote it.
    """
    filled = filled_answers(act, document.content)
    kind, row = document.kind, act.row
    due_on = _due_on(act, kind, document.made_at, filled)
    penalty = _penalty(act, kind, filled, document.content, locale)
    return DocumentData(
        number=document.number or "",
        title_zh=document.name_zh,
        organ_zh=organ_of(act, kind),
        organ_en=organ_of(act, kind, locale) if locale.startswith("en") else "",
        item_name_zh=act.item.name(locale) if act.item else filled.text("item_name") or row.applicant_name,
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
        remedy=_REMEDY_EN if locale.startswith("en") else REMEDY,
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


def organ_of(act: CaseAct, kind: str | None, locale: str = "zh-CN") -> str:
    """Whose paper a document of that kind is, in full; without a kind the organ whose case it is."""
    code = issuer(act, act.item.document(kind) if act.item and kind else None)
    found = act.connection.execute(_ORGAN, {"code": code}).one_or_none()
    if found is None:
        return code
    return organ_in_english(*found) if locale.startswith("en") else organ_in_full(found.name_zh)


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
    if kind == "urging":  # As older programs made it: ten working days.
        return _last_day(act, act.calendar.add_working_days(made_at, URGED_WORKING_DAYS))
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
        return rows_on_paper(filled.answers[ROWS], locale)
    if kind == "special_notice":
        days = filled.text("review_days")
        values = ("Expert review", f"{days} days") if locale.startswith("en") else ("专家评审", f"{days} 天")
        procedure = zip(("特别程序", "所需时间"), values, strict=True)
        return tuple(row_on_paper(label, value, locale) for label, value in procedure)
    if kind == "change_decision":
        shown = ("certificate_name", "certificate_number", "certificate_issued_on")
        rows = zip(("证照名称", "证照编号", "发证日期"), map(filled.text, shown), strict=True)
        about = tuple(row_on_paper(label, value, locale) for label, value in rows)
        return (*about, *_corrected(act, filled, locale))
    if act.item is None or kind not in ("certificate", "cancel_proof", "decision", *PAPERS):
        return ()
    keys = PAPERS[kind] if kind in PAPERS else FIELDS.get(act.item.definition_key, act.item.public_fields)
    if kind == "cancel_proof":
        keys = tuple(key for key in keys if not key.startswith("valid_"))
    told = tuple(
        (
            label_on_paper(filled.forms.get(key), key, locale),
            shown_on_paper(filled.forms.get(key), key, filled.answers[key], locale, dated=kind == "plan"),
        )
        for key in keys
        if filled.answers.get(key)
    )
    if kind != "certificate":
        return told
    # A translation is headed Certificate alone; the Chinese title says of what.
    about = (("Matter", act.item.name_en),) if locale.startswith("en") else ()
    return (*about, *told, *_in_place_of(filled.text("replaces"), locale))


def _in_place_of(former: str, locale: str) -> tuple[tuple[str, str], ...]:
    """What a certificate that was issued anew says of the one before it."""
    if not former:
        return ()
    said = (
        f"In place of {former}, which is void" if locale.startswith("en") else f"换（补）发，原编号 {former} 的证照作废"
    )
    return (row_on_paper("备注", said, locale),)


def _corrected(act: CaseAct, filled: Filled, locale: str) -> tuple[tuple[str, str], ...]:
    """What a decision on a correction corrects, field by field in the order of the certificate, from what to what."""
    changes: dict[str, str] = dict(filled.answers.get(CORRECTIONS) or ())
    if not changes:
        return ()
    fields = correctable_fields(act.connection, act.services, filled.answers[CERTIFICATE_ID], act.now)
    told = [(one, changes[one.key]) for one in fields if one.key in changes]
    if locale.startswith("en"):
        return tuple((one.label_en, f"“{one.value}” is corrected to “{after}”") for one, after in told)
    return tuple((one.label_zh, f"“{one.value}”更正为“{after}”") for one, after in told)
