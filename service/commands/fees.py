"""Making payment notices. The amount comes from the standard; nobody edits it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from service.commands.booking import book
from service.commands.paying_later import plan_of
from service.database.tables import fee_assessment, payment_notice
from service.fees.fines import PAY_DAYS, Part
from service.fees.ledger import Account, Entry, assess, issue, reduce_by_rule, withdraw
from service.fees.plans import last_day_of
from service.fees.standards import Calculation

if TYPE_CHECKING:
    from service.commands.act import CaseAct
    from service.engine import Element

APPLY_FEE_CHANGE = "apply_fee_change"
_ASSESSMENT = insert(fee_assessment)
_INSERT = insert(payment_notice).returning(payment_notice.c.id)
_VOID = (
    update(payment_notice)
    .where(payment_notice.c.pay_code == bindparam("b_code"), payment_notice.c.status == "unpaid")
    .values(status="void")
)
DUE_DAYS = 30  # County default; a natural day ends at its midnight.


def make_notice(act: CaseAct, step_id: str | None) -> int | None:
    """A payment notice (缴款通知书) for what the standard asks; None if nothing is due or one stands already."""
    if act.item is not None and act.item.fines and act.item.fee is not None:
        owed = act.books.balance(Account.ASSESSED)
        line = {"amount_fen": owed, "quantity": 1, "condition": "fine_amount"}
        named = Named(act.item.fee.item_code, act.item.fee.name_zh, [line])
        plan = plan_of(act)
        if plan is not None:
            lawful = last_day_of((_served(act) or act.today) + timedelta(days=PAY_DAYS), act.calendar)
            parts = [Part(max(lawful, part.last_day), part.amount_fen) for part in plan.parts]
            return issue_parts(act, named, parts, step_id)
        return issue_notice(act, named, [], step_id, PAY_DAYS, since=_served(act))
    asked = act.fee.calculation if act.item is not None and act.item.fee is not None else None
    if asked is None or not asked.lines or act.item is None or act.item.fee is None or act.books.codes:
        return None
    entries = assess_fee(act, asked)
    named = Named(act.item.fee.item_code, act.item.fee.name_zh, act.fee.lines)
    return issue_notice(act, named, entries, step_id, calculation=asked)


def assess_fee(act: CaseAct, asked: Calculation) -> list[Entry]:
    """What falls due by the standard, less what was assessed before; what the rule takes off stands beside it.

    What the case's own decision took off is not assessed at all.
    """
    decided = act.fee.reduction
    reduced = asked.reduced_fen - act.books.of_kind("reduced_by_rule")
    owed = asked.gross_fen + (decided.amount_fen if decided else 0) - act.books.of_kind("fee_assessed")
    reference = f"fee/{act.row.number}/{len(act.books.entries)}"
    return [*assess("fee", reference, owed), *reduce_by_rule(reference, reduced)]


@dataclass(frozen=True, slots=True)
class Named:
    """What a notice is for: the non-tax item's code and name, and the lines that add up to it."""

    item_code: str
    name_zh: str
    lines: list[dict[str, Any]]


def _served(act: CaseAct) -> date | None:
    """The day on which the party got the decision: its fifteen days count from there (行政处罚法 Art. 67)."""
    served = act.run.lookup("served_on")
    return date.fromisoformat(served) if isinstance(served, str) else None


def issue_notice(
    act: CaseAct,
    named: Named,
    entries: list[Entry],
    step_id: str | None,
    due_days: int = DUE_DAYS,
    *,
    since: date | None = None,
    calculation: Calculation | None = None,
    part_fen: int | None = None,
) -> int | None:
    """A notice over all that is assessed after `entries` and under no notice yet, or over `part_fen` of it.

    None if that is nothing. Its days count from `since`, today where that is not given. `calculation` is by what it
    was computed; it is kept beside the notice, and the history names its version.
    """
    books = act.books
    assessed = books.then(entries).balance(Account.ASSESSED)
    amount = assessed if part_fen is None else min(part_fen, assessed)
    if amount <= 0:
        return None
    code = pay_code()
    entries = [*entries, *issue(books.then(entries), code, amount)]
    notice_id = act.connection.execute(
        _INSERT,
        {
            "case_id": act.row.case_id,
            "pay_code": code,
            "item_code": named.item_code,
            "name_zh": named.name_zh,
            "payer": payer_of(act),
            "amount_fen": amount,
            "lines": named.lines,
            "status": "unpaid",
            "made_at": act.now,
            "due_at": act.calendar.add_natural_days(since or act.now, due_days),
        },
    ).scalar_one()
    told = book(act, entries)
    about = {"standard": calculation.version} if calculation is not None else {}
    act.note("payment_notice_made", step_id, pay_code=code, amount_fen=amount, ledger=told, **about)
    if calculation is not None:
        keep_calculation(act, calculation, code)
    act.send("bank_notice", f"bank_notice/{code}", {"pay_code": code})
    return int(notice_id)


def issue_parts(act: CaseAct, named: Named, parts: Sequence[Part], step_id: str | None) -> int | None:
    """A notice for each part of what is paid later, with its own code and day, so that the bank takes it; the first."""
    made = []
    for part in parts:
        line = {"amount_fen": part.amount_fen, "quantity": 1, "condition": "fine_amount"}
        one = Named(named.item_code, named.name_zh, [line])
        made.append(issue_notice(act, one, [], step_id, 0, since=part.due_on, part_fen=part.amount_fen))
    return made[0] if made else None


def withdraw_notice(act: CaseAct, standing: Any, *, replaced: bool = False) -> None:
    """The notice asks for nothing any more, and what was owed under it for another; `replaced`: by one that follows."""
    told = book(act, withdraw(act.books, standing.pay_code))
    void_notice(act, standing.pay_code)
    more = {"replaced": True} if replaced else {}
    act.record("payment_notice_withdrawn", None, pay_code=standing.pay_code, ledger=told, **more)


def void_notice(act: CaseAct, code: str) -> None:
    """Nobody is to pay this notice any more, at the bank neither; its ledger entries are the caller's."""
    act.connection.execute(_VOID, {"b_code": code})
    act.send("bank_withdrawal", f"bank_withdrawal/{code}", {"pay_code": code})


def keep_calculation(act: CaseAct, asked: Calculation, code: str) -> None:
    """On record: the version of the standard, the answers that it read and what came of them."""
    act.put(
        _ASSESSMENT,
        {
            "case_id": act.row.case_id,
            "at": act.now,
            "power_item": asked.power_item,
            "version": asked.version,
            "in_force_on": asked.in_force_on,
            "inputs": dict(asked.inputs),
            "lines": act.fee.lines,
            "amount_fen": act.fee.due_fen,
            "pay_code": code,
        },
    )


def send_fee_change(act: CaseAct, _element: Element, _variables: dict[str, Any]) -> bool:
    """A reduction or refund was decided: the fee's own case hears of it in a transaction of its own."""
    act.send(APPLY_FEE_CHANGE, f"{APPLY_FEE_CHANGE}/{act.row.case_id}", {"case_id": act.row.case_id})
    return True


def post_fine(act: CaseAct, step_id: str) -> None:
    """The decision's fine falls due, once. The diagram's operation `assess_fine` ends here."""
    fine = act.run.lookup("fine_amount")
    if isinstance(fine, int) and fine > 0 and act.books.of_kind("fine_assessed") == 0:
        told = book(act, assess("fine", f"fine/{act.row.number}", fine))
        act.note("fine_assessed", step_id, amount_fen=fine, ledger=told)


def standing_notice(act: CaseAct) -> Any:
    """The case's notice that is neither void nor refunded, if there is one."""
    return act.connection.execute(
        select(payment_notice).where(
            payment_notice.c.case_id == act.row.case_id,
            payment_notice.c.status.in_(("unpaid", "paid", "reconciled")),
        )
    ).first()


def expired_notice(act: CaseAct) -> Any:
    """The first unpaid notice whose term is over: the bank takes nothing under it any more."""
    return act.connection.execute(
        select(payment_notice)
        .where(
            payment_notice.c.case_id == act.row.case_id,
            payment_notice.c.status == "unpaid",
            payment_notice.c.due_at <= act.now,
        )
        .order_by(payment_notice.c.id)
    ).first()


def payer_of(act: CaseAct) -> str:
    buyer = act.run.lookup("buyer_name")
    return str(buyer) if buyer else str(act.row.applicant_name)


def pay_code() -> str:
    """A payment code (缴款码) of 20 digits: unguessable, since who knows it may pay."""
    return "32" + "".join(str(secrets.randbelow(10)) for _ in range(18))
