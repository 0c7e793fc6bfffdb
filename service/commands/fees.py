"""Making payment notices. The amount comes from the standard; nobody edits it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from service.database.tables import payment_notice

if TYPE_CHECKING:
    from service.commands.act import CaseAct

_INSERT = insert(payment_notice).returning(payment_notice.c.id)


def make_notice(act: CaseAct, step_id: str | None) -> int | None:
    """A payment notice (缴款通知书) for what the standard asks; None if nothing is due or one stands already."""
    lines = act.item.fee.lines(act.run.lookup) if act.item and act.item.fee else []
    if not lines or act.item is None or act.item.fee is None or standing_notice(act) is not None:
        return None
    amount = sum(line["amount_fen"] for line in lines)
    code = pay_code()
    due_at = act.calendar.add_natural_days(act.now, 30)
    notice_id = act.connection.execute(
        _INSERT,
        {
            "case_id": act.row.case_id,
            "pay_code": code,
            "item_code": act.item.fee.item_code,
            "name_zh": act.item.fee.name_zh,
            "payer": payer_of(act),
            "amount_fen": amount,
            "lines": lines,
            "status": "unpaid",
            "made_at": act.now,
            "due_at": due_at,
        },
    ).scalar_one()
    act.note("payment_notice_made", step_id, pay_code=code, amount_fen=amount)
    act.send("bank_notice", f"bank_notice/{code}", {"pay_code": code})
    return int(notice_id)


def standing_notice(act: CaseAct) -> Any:
    """The case's notice that is neither void nor refunded, if there is one."""
    return act.connection.execute(
        select(payment_notice).where(
            payment_notice.c.case_id == act.row.case_id,
            payment_notice.c.status.in_(("unpaid", "paid", "reconciled")),
        )
    ).first()


def payer_of(act: CaseAct) -> str:
    buyer = act.run.lookup("buyer_name")
    return str(buyer) if buyer else str(act.row.applicant_name)


def pay_code() -> str:
    """A payment code (缴款码) of 20 digits: unguessable, since who knows it may pay."""
    return "32" + "".join(str(secrets.randbelow(10)) for _ in range(18))
