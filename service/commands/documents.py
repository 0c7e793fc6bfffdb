"""Making a case's documents within an act: numbers are drawn here, PDFs are rendered when somebody prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, select

from service.cases.numbers import document_number
from service.catalogue.item import DocumentRule
from service.commands import urging
from service.commands.departments import issuer
from service.commands.paper_words import DUE
from service.commands.penalty_texts import yuan
from service.database.tables import attachment, document
from service.engine import OpenStep
from service.fees.ledger import Account

if TYPE_CHECKING:
    from service.commands.act import CaseAct

# What the case said when the document was made, under keys that no form can have: a copy says it whatever comes later.
ROWS: Final = "#rows"
# Of a decision on a correction: the certificate that it corrects, and [key, what it says from now on] of each field.
CERTIFICATE_ID, CORRECTIONS = "#certificate", "#corrections"
RECEIVED, ACCEPTED, PROVISIONAL_DUE, ON_FILE = "#received_on", "#accepted_on", "#provisional", "#on_file"
_INSERT = insert(document).inline()
_REFUSED = (
    select(attachment.c.material, attachment.c.refused_because)
    .where(
        attachment.c.case_id == bindparam("case_id"),
        attachment.c.removed_at.is_(None),
        attachment.c.refused_at.is_not(None),
    )
    .order_by(attachment.c.id)
)
# decision -> the step that hands out its paper
DECIDED_AT: Mapping[str, str] = {"grant": "print_certificate", "refuse": "serve_refusal"}
# The food licence's number begins with the form of business (items.yaml: JY{form:1}).
_FORM_DIGITS = {"shop": "1", "catering": "2", "canteen": "3"}


def make_for_step(act: CaseAct, step_id: str, answers: dict[str, Any] | None = None) -> None:
    """Make every document that the item names for this step and that applies; the decision's stand already."""
    if act.item is None or step_id in DECIDED_AT.values():
        return
    for rule in act.item.documents:
        if rule.made_at_step == step_id and rule.made_on == "done" and rule.applies(act.run.lookup):
            make(act, rule, answers or {})


def make_on_entry(act: CaseAct, steps: Iterable[OpenStep]) -> None:
    """Make what has to be printed and served in the steps that begin now."""
    for step in steps:
        for rule in act.item.made_on_entry.get(step.element.id, ()) if act.item is not None else ():
            if rule.applies(act.run.lookup):
                act.later(partial(_make_to_serve, act, rule))


def _make_to_serve(act: CaseAct, rule: DocumentRule) -> None:
    number = make(act, rule, {})
    if rule.kind == "decision":
        act.run.variables["decision_no"] = number


def make_decided(act: CaseAct, answers: dict[str, Any]) -> None:
    """At the decision its paper draws its number, without gaps; it is printed later (items.yaml, `documents`)."""
    step = DECIDED_AT.get(str(answers.get("decision")))
    for rule in act.item.documents if act.item is not None else ():
        if rule.made_at_step == step and rule.applies(act.run.lookup):
            number = make(act, rule, answers)
            if step == "print_certificate":
                act.run.variables["cert_no"] = number


def make(act: CaseAct, rule: DocumentRule, answers: dict[str, Any], *, number: str | None = None) -> str:
    """Write the document's row and event; its number, drawn here unless it stands on the paper already."""
    lasts = _made_to_last(act) if rule.kind == "urging" else {}
    number = number or document_number(
        act.connection,
        department=issuer(act, rule),
        kind=rule.kind,
        pattern=rule.number_pattern,
        on=act.today,
        values={"form": form_digit(act.run.lookup("business_form"))},
    )
    act.put(
        _INSERT,
        {
            "case_id": act.row.case_id,
            "kind": rule.kind,
            "name_zh": rule.name_zh,
            "number": number,
            "made_at": act.now,
            "content": _as_of_now(act, rule, lasts)
            | {key: value for key, value in answers.items() if _plain(value)}
            | _lacking(act, rule, answers),
            "copies": 0,
        },
    )
    act.note("document_made", rule.made_at_step, kind=rule.kind, number=number, name=rule.name_zh)
    return number


def _made_to_last(act: CaseAct) -> dict[str, Any]:
    """The last day of the codes that a paper which urges names; a new code has a notice of its own."""
    last = urging.last_day_to_pay(act)
    if urging.renew_codes(act, last):
        make_for_step(act, "payment_notice")
    return {DUE: last.isoformat(), PROVISIONAL_DUE: act.calendar.is_provisional(last.year)}


def _as_of_now(act: CaseAct, rule: DocumentRule, lasts: Mapping[str, Any]) -> dict[str, Any]:
    days = {key: act.run.variables.get(name) for key, name in ((RECEIVED, "received_on"), (ACCEPTED, "accepted_on"))}
    listed = {ON_FILE: sorted(act.files_on_file.items())} if rule.kind == "acceptance_notice" else {}
    owed = {ROWS: [list(row) for row in owed_rows(act)]} if rule.kind == "urging" and not _penal(act) else {}
    return {**{key: str(day) for key, day in days.items() if day}, **listed, **owed, **lasts}


def _penal(act: CaseAct) -> bool:
    return act.item is not None and act.item.penalises


def owed_rows(act: CaseAct) -> tuple[tuple[str, str], ...]:
    """What is still to be paid, and by which codes: who is urged has to know what for."""
    books = act.books
    owed = [code for code in books.codes if books.balance(Account.NOTIFIED, code) > 0]
    rows = (
        ("缴款人", act.row.applicant_name),
        ("尚欠金额", yuan(books.outstanding)),
        ("缴款码", "、".join(owed)),
    )
    return tuple(row for row in rows if row[1])


def keep_due(act: CaseAct, due: datetime | None) -> None:
    """The notices of acceptance that this act has made say the day on which the case is due when the act is done."""
    for row in act.pending.added.get(_INSERT, ()):
        if row["kind"] == "acceptance_notice" and due is not None:
            day = act.calendar.local_date(due - timedelta(microseconds=1))
            row["content"] |= {DUE: day.isoformat(), PROVISIONAL_DUE: act.calendar.is_provisional(day.year)}


def form_digit(business_form: object) -> str:
    """The digit for the form of business in a food licence's number."""
    return _FORM_DIGITS.get(str(business_form), "9")


def _lacking(act: CaseAct, rule: DocumentRule, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What the one notice (一次性告知书) adds to the clerk's rows: each material refused or lacking (行政许可法 32)."""
    if rule.kind != "correction_notice" or act.item is None:
        return {}
    named = {str(row.get("material", "")).strip() for row in answers.get("correction_items") or ()}
    reasons: dict[str, str] = {
        material: reason for material, reason in act.connection.execute(_REFUSED, {"case_id": act.row.case_id})
    }
    rows = [
        {"material": m.name_zh, "problem": reasons.get(m.key, "未提交"), "basis": m.basis}
        for m in act.item.materials.values()
        if m.provided_by == "applicant"
        and m.required
        and m.name_zh not in named
        and m.applies(act.run.lookup)
        and act.files_on_file.get(m.key, 0) < m.min_files
    ]
    return {"lacking": rows}


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | list) or value is None


def missing_materials(act: CaseAct, step_id: str) -> list[str]:
    """Keys of required, applicable materials that must be on file before this step and are not."""
    element = act.bundle.model.find(step_id)
    if element is None:
        return []
    on_file, always = act.files_on_file, act.item.always_asked if act.item else {}
    return [
        key
        for key in (*element.required_materials, *always.get(step_id, ()))
        if (material := act.materials.get(key)) is None
        or (material.required and material.applies(act.run.lookup) and on_file.get(key, 0) < material.min_files)
    ]
