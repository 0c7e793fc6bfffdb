"""Somebody proposes to reduce a fee or to give money back: a case of its own, decided by others (减免、退付)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select

from service.catalogue.office import FEE_REDUCTION, FEE_REFUND
from service.commands.act import CaseAct
from service.commands.open_case import OpenCase, open_case
from service.commands.services import Services
from service.commands.telling import yuan
from service.database.tables import case, fee_change
from service.errors import Detail, Refused, not_found
from service.fees.ledger import Account
from service.people.actor import Actor
from service.people.permissions import may
from service.reads.hot import hot_by_number
from service.reads.visibility import may_read_case

REDUCTION, REFUND = "reduction", "refund"
_DIAGRAMS: Final = {REDUCTION: (FEE_REDUCTION, "JM"), REFUND: (FEE_REFUND, "TF")}
KINDS: Final = tuple(_DIAGRAMS)
_CASE_KIND: Final = "office"
# Who proposes neither reviews nor decides it.
_GROUP: Final = "accept"
_UNDER_WAY = (
    select(case.c.number)
    .join(fee_change, fee_change.c.case_id == case.c.id)
    .where(fee_change.c.of_case_id == bindparam("of_case_id"))
    .where(fee_change.c.status == "open", case.c.closed_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class ProposeFeeChange:
    """`pay_code` names the notice whose payment goes back; a reduction has none."""

    number: str
    kind: str
    amount_fen: int
    legal_basis: str
    reason: str
    pay_code: str = ""


def propose_fee_change(
    connection: Connection, services: Services, actor: Actor, command: ProposeFeeChange, now: datetime
) -> str:
    """Open the case that decides it; its number.

    Raises Refused: not_found, not_permitted, invalid_request, move_refused while another one is under way.
    """
    act = _of_case(connection, services, actor, command.number, now)
    _require_words(command)
    most = reducible_fen(act) if command.kind == REDUCTION else refundable_fen(act, command.pay_code)
    _require_amount(command, most)
    other = connection.execute(_UNDER_WAY, {"of_case_id": act.row.case_id}).scalars().first()
    if other is not None:
        raise Refused("move_refused", f"本件正在办理减免或退付：{other}", f"Expected no other, but {other} is open")
    diagram, prefix = _DIAGRAMS[command.kind]
    opened = OpenCase(
        diagram,
        _CASE_KIND,
        act.row.case_department,
        str(act.row.applicant_name),
        prefix,
        applicant=act.row.applicant or {},
        actor=actor,
        group=_GROUP,
        about={"of": command.number, "amount_fen": command.amount_fen, "reason": command.reason.strip()},
    )

    def write(case_id: int, _number: str) -> None:
        values: dict[str, Any] = {"case_id": case_id, "of_case_id": act.row.case_id, "kind": command.kind}
        values |= {"amount_fen": command.amount_fen, "pay_code": command.pay_code, "status": "open"}
        values |= {"legal_basis": command.legal_basis.strip(), "reason": command.reason.strip()}
        connection.execute(insert(fee_change), {**values, "opened_at": now, "opened_by": actor.person_id})

    return open_case(connection, services, opened, now, with_case=write)[1]


def reducible_fen(act: CaseAct) -> int:
    """What of the fee may still be reduced: what the standard asks of the case, less what was reduced before."""
    if act.item is None or act.item.fee is None or act.item.fines:
        return 0
    act.load()
    return max(0, act.fee.due_fen - act.books.of_kind("reduced_by_case"))


def refundable_fen(act: CaseAct, pay_code: str) -> int:
    """What came under this code and was neither taken back nor promised to anybody."""
    of_code = [entry for entry in act.books.entries if entry.pay_code == pay_code]
    came = sum(e.amount_fen for e in of_code if e.kind == "received") if pay_code else 0
    gone = sum(e.amount_fen for e in of_code if e.kind in ("reversed", "refund_approved"))
    held = act.books.kept + act.books.balance(Account.OVERPAID)
    return max(0, min(came - gone, held))


def _of_case(connection: Connection, services: Services, actor: Actor, number: str, now: datetime) -> CaseAct:
    row = hot_by_number(connection, number)
    if row is None or not row.power_item or not may_read_case(actor, row.case_department):
        raise not_found("该办件", f"case {number}")
    if not may(actor, "propose_fee_changes", row.case_department):
        raise Refused("not_permitted", "您的岗位不能提出减免或退付", "Expected a clerk, officer or cashier")
    return CaseAct(connection, services, row, now, actor)


def _require_amount(command: ProposeFeeChange, most: int) -> None:
    if 0 < command.amount_fen <= most:
        return
    if most == 0 and command.kind == REFUND:
        words = "该缴款码没有可以退付的款项", "Expected a payment code under which something can be paid back"
        raise Refused("invalid_request", *words, [Detail("nothing_paid", *words, pointer="/pay_code")])
    if most == 0:
        words = "本件没有可以减免的费用", "Expected a case with a fee that can still be reduced"
    else:
        words = f"金额须在 0.01 至 {yuan(most)} 元之间", f"Expected an amount from 0.01 to {yuan(most)} yuan"
    raise Refused("invalid_request", *words, [Detail("too_large", *words, pointer="/amount_fen")])


def _require_words(command: ProposeFeeChange) -> None:
    missing = []
    if command.kind not in KINDS:
        missing.append(Detail("required", "请选择减免或退付", "Choose a reduction or a refund", pointer="/kind"))
    if not command.legal_basis.strip():
        missing.append(Detail("required", "须写明依据", "Name the ground of law", pointer="/legal_basis"))
    if not command.reason.strip():
        missing.append(Detail("required", "须写明理由", "Say why", pointer="/reason"))
    if missing:
        raise Refused("invalid_request", "请填写完整", "Expected kind, ground and reason", missing)
