"""The last day of a certificate: the decision's own within the item's term, else the item's term counted out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.engine import Row

from service.catalogue.item import DocumentRule, Former, Lookup
from service.certificates.standing import last_day, term_of
from service.commands.act import CaseAct
from service.commands.checks import invalid_answers
from service.commands.documents import DECIDED_AT
from service.commands.end_former_certificate import former_certificates
from service.database.tables import document
from service.errors import Refused
from service.form_schemas import CompiledForm, FieldProblem, Words
from service.reads.verifying import answers_of

_KEEP = update(document).where(document.c.id == bindparam("b_id")).values(content=bindparam("said"))


def with_last_day(act: CaseAct, form: CompiledForm, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers of a decision that grants, its certificate's last day among them.

    Raises Refused invalid_answers for a day beyond the item's term, or beyond that of the certificate that a change
    keeps (变更不延长有效期); where such a change names no day and that certificate is not on the register; and where it
    ends before the new one begins.
    """
    rule = _granted(act, answers)
    if rule is None:
        return answers
    first, until = rule.registration.term
    term = term_of(answers.get(first) or act.run.lookup(first), answers.get(until))
    longest = last_day(term.valid_from or act.today, rule.validity)
    former = _kept_by(act, rule, act.run.lookup)
    if former is not None and longest is not None:
        earlier = former_certificates(act.connection, act.row, former, answers_of(act.connection, act.row.case_id))
        if not earlier and term.valid_until is None:
            raise _refused(form, until, "required")
        longest = _no_longer(longest, earlier)
    if longest is None:
        return answers
    if longest < (term.valid_from or act.today):  # What a change keeps has run out by then: it is to be renewed.
        raise _refused(form, first, "not_after", limit=longest.isoformat())
    if term.valid_until is not None and term.valid_until > longest:
        raise _refused(form, until, "not_after", limit=longest.isoformat())
    return answers if term.valid_until else answers | {until: longest.isoformat()}


def _refused(form: CompiledForm, key: str, code: str, **limit: str) -> Refused:
    zh, en = (form.labels(locale).get(key, key) for locale in ("zh-CN", "en"))
    return invalid_answers([FieldProblem(f"/answers/{key}", code, Words(zh, en), limit)])


def keep_last_day(act: CaseAct, row: Row[Any]) -> bool:
    """Whether a certificate that an older program decided without a last day got it now, before its first copy.

    A change gets that of the certificate which it replaces. Where that one is not on the register nobody can tell.
    """
    rule = act.item.document(row.kind) if act.item is not None else None
    if rule is None or row.copies or "replaces" in row.content:  # A replacement keeps the term of what it replaces.
        return False
    first, until = rule.registration.term
    known = answers_of(act.connection, act.row.case_id) | row.content
    if known.get(until):
        return False
    found = last_day(_first_day(known.get(first), act.calendar.local_date(row.made_at)), rule.validity)
    former = _kept_by(act, rule, known.get)
    if former is not None and found is not None:
        earlier = former_certificates(act.connection, act.row, former, known, but=row.id)
        found = _no_longer(found, earlier) if earlier else None
    if found is None:
        return False
    act.connection.execute(_KEEP, {"b_id": row.id, "said": {**row.content, until: found.isoformat()}})
    act.note("last_day_reckoned", None, kind=row.kind, number=row.number, until=found.isoformat())
    return True


def _no_longer(longest: date, earlier: Sequence[Row[Any]]) -> date:
    """A change begins no term of its own (变更不延长有效期)."""
    ends: list[date] = [one.valid_until for one in earlier if one.valid_until]
    return min([longest, *ends])


def _granted(act: CaseAct, answers: Mapping[str, Any]) -> DocumentRule | None:
    if act.item is None or act.row.task_separation_group != "decide" or answers.get("decision") != "grant":
        return None

    def lookup(name: str) -> Any:
        return answers[name] if name in answers else act.run.lookup(name)

    made = (rule for rule in act.item.documents if rule.made_at_step == DECIDED_AT["grant"] and rule.applies(lookup))
    return next((rule for rule in made if rule.validity), None)


def _kept_by(act: CaseAct, rule: DocumentRule, lookup: Lookup) -> Former | None:
    """Which certificate's last day this one keeps; None where it begins a term of its own.

    A case that began by a version of the item from before versions said so goes by the version that is in force.
    """
    former = rule.registration.former
    if former is None or act.item is None:
        return None
    keeps = former.keeps_term
    if keeps is None and rule.validity:
        now = act.services.items.current(act.connection, act.item.code)
        its = now.document(rule.kind) if now is not None else None
        keeps = its.registration.former.keeps_term if its is not None and its.registration.former else None
    return former if keeps is not None and keeps.holds(lookup) else None


def _first_day(value: object, otherwise: date) -> date:
    return term_of(value, None).valid_from or otherwise
