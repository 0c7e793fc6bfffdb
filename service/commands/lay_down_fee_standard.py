"""A new version of a fee standard: proposed by whoever takes the money or by finance, approved by finance (四眼)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, select

from service.catalogue.item import PowerItem
from service.commands.proposals import Applied, Content, Proposal, ProposalKind
from service.commands.services import Services
from service.database.tables import fee_standard
from service.errors import Detail, Refused, not_found
from service.fees.dmn import DmnError, read_tables
from service.fees.standard_reading import StandardError, read_standard
from service.fees.standards import FeeStandard
from service.people.actor import Actor
from service.people.permissions import FINANCE, may

FEE_STANDARD: Final = "fee_standard"
_LAST = select(func.max(fee_standard.c.version)).where(fee_standard.c.power_item == bindparam("power_item"))
_SAME_DAY = select(fee_standard.c.version).where(
    fee_standard.c.power_item == bindparam("power_item"), fee_standard.c.effective_on == bindparam("effective_on")
)
_BEFORE = (
    select(fee_standard.c.version, fee_standard.c.effective_on, fee_standard.c.content)
    .where(
        fee_standard.c.power_item == bindparam("power_item"), fee_standard.c.effective_on < bindparam("effective_on")
    )
    .order_by(fee_standard.c.effective_on.desc())
    .limit(1)
)
# What the service itself gives every case, beside the answers to its forms.
_GIVEN_BY_SERVICE = frozenset({"received_on", "accepted_on", "decided_on"})


def standard_subject(department: str, power_item: str) -> str:
    """What a proposal about the item's standard is about; the department is part of it, since posts belong to one."""
    return f"{FEE_STANDARD}/{department}/{power_item}"


def proposed_standard(
    connection: Connection, services: Services, power_item: str, effective_on: date, content: Content
) -> FeeStandard:
    """The version that the content says, checked against the forms of the item.

    Raises Refused: not_found for an item that asks for no fee by a standard, invalid_request with a pointer.
    """
    item = charged_item(connection, services, power_item)
    try:
        found = read_standard(power_item, 0, effective_on, content)
    except StandardError as wrong:
        words = wrong.zh, wrong.en
        detail = Detail("invalid", *words, pointer=f"/standard{wrong.pointer}")
        raise Refused(
            "invalid_request", f"收费标准有误：{wrong.zh}", f"Expected a sound standard: {wrong}", [detail]
        ) from None
    if unknown := sorted(found.names - _answers(connection, services, item)):
        zh, en = f"本事项的表单没有这些字段：{'、'.join(unknown)}", f"Expected keys of the item's forms: {unknown}"
        raise Refused("invalid_request", zh, en, [Detail("unknown_field", zh, en, pointer="/standard/charges")])
    return found


def imported_tables(content: bytes) -> list[dict[str, Any]]:
    """The decision tables of a DMN 1.3 file as charges, for a proposal; nothing is kept.

    Raises Refused invalid_request with the line of what our evaluator does not take.
    """
    if not content:
        words = "请选择 DMN 文件", "Expected a DMN file in the part `file`"
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/file")])
    try:
        return read_tables(content)
    except DmnError as wrong:
        words = f"不能导入：{wrong.zh}", wrong.en
        raise Refused("invalid_request", *words, [Detail("invalid", *words, pointer="/file")]) from None


def charged_item(connection: Connection, services: Services, power_item: str) -> PowerItem:
    """The item in force. Raises Refused not_found where there is none, or where it asks for no fee."""
    item = services.items.current(connection, power_item)
    if item is None or item.fee is None or item.fines:
        raise not_found("该收费事项", f"a power item {power_item} with a fee")
    return item


def _answers(connection: Connection, services: Services, item: PowerItem) -> frozenset[str]:
    """The names that a case of the item can answer to."""
    bundle = services.bundles.current(connection, item.definition_key)
    if bundle is None:
        return frozenset()
    keys = {key for form in bundle.forms.values() for key in form.keys}
    return frozenset(keys | bundle.model.derived.keys()) | _GIVEN_BY_SERVICE


def _check(connection: Connection, services: Services, proposal: Proposal, now: datetime) -> Content:
    content = proposal.content
    power_item = str(content.get("power_item") or "")
    item = charged_item(connection, services, power_item)
    if proposal.subject != standard_subject(item.department, power_item):
        raise not_found("该收费事项", f"a fee standard {proposal.subject}")
    effective_on = _future_day(content.get("effective_on"), services.calendars.get(connection).local_date(now))
    given: Any = content.get("standard")
    proposed_standard(connection, services, power_item, effective_on, given if isinstance(given, dict) else {})
    asked = {"power_item": power_item, "effective_on": effective_on}
    if connection.execute(_SAME_DAY, asked).scalar_one_or_none() is not None:
        raise _wrong_day("该日已有另一版本生效", "Expected a day on which no other version takes effect")
    return {"power_item": power_item, "effective_on": effective_on.isoformat(), "standard": given}


def _future_day(given: Any, today: date) -> date:
    try:
        day = date.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        day = None
    if day is None:
        raise _wrong_day("请填生效日期，如 2026-11-23", "Expected a date such as 2026-11-23")
    if day <= today:
        raise _wrong_day("生效日期须在今日之后，不得追溯", "Expected a day to come: no standard reaches back")
    return day


def _wrong_day(zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("invalid", zh, en, pointer="/effective_on")])


def _apply(connection: Connection, _services: Services, proposal: Proposal, now: datetime) -> Applied:
    content = proposal.content
    effective_on = date.fromisoformat(content["effective_on"])
    asked = {"power_item": content["power_item"], "effective_on": effective_on}
    before = connection.execute(_BEFORE, asked).one_or_none()
    version = (connection.execute(_LAST, asked).scalar_one_or_none() or 0) + 1
    values = {**asked, "version": version, "content": content["standard"], "reason": proposal.reason}
    # Who approves stands in the proposal itself, and in the book of office changes.
    values |= {"laid_down_at": now, "proposed_by": proposal.proposed_by, "approved_by": proposal.decided_by}
    connection.execute(insert(fee_standard), values)
    old = None
    if before is not None:
        old = {"version": before.version, "effective_on": before.effective_on.isoformat(), "standard": before.content}
    new = {"version": version, "effective_on": content["effective_on"], "standard": content["standard"]}
    return Applied(old, new)


def may_propose_standard(actor: Actor, department: str) -> bool:
    """Cashiers and heads of section: of the department that takes the fee, and of finance."""
    return any(may(actor, "propose_fee_standards", place) for place in (department, FINANCE))


def may_approve_standard(actor: Actor) -> bool:
    return may(actor, "approve_fee_standards", FINANCE)


LAY_DOWN: Final = ProposalKind(
    FEE_STANDARD,
    may_propose=lambda actor, proposal: may_propose_standard(actor, proposal.subject.split("/")[1]),
    may_decide=lambda actor, _: may_approve_standard(actor),
    check=_check,
    apply=_apply,
    may_read=lambda actor: may(actor, "read_fee_standards"),
)
