"""Files of the treasury, as finance takes them in."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from sqlalchemy import select

from service.commands.import_receipts import ImportReceipts, examine, import_receipts
from service.commands.performing import perform
from service.database.session import reading
from service.database.tables import case, payment_notice
from simulation.hands import Hands

_HEADINGS = "receipt_no,pay_code,dept_code,payer,amount_fen,paid_on,kind,note"


def code_and_amount(hands: Hands, number: str) -> tuple[str, int]:
    """Of the case's notice that is to be paid."""
    asked = (
        select(payment_notice.c.pay_code, payment_notice.c.amount_fen)
        .join(case, case.c.id == payment_notice.c.case_id)
        .where(case.c.number == number, payment_notice.c.status == "unpaid")
    )
    with reading(hands.engine) as connection:
        row = connection.execute(asked).one()
    return row.pay_code, row.amount_fen


def line(
    hands: Hands, code: str, fen: int, paid_on: date, department: str, *, kind: str = "", note: str = ""
) -> tuple[str, str]:
    """The receipt's number, and its line in a file."""
    number = f"R{hands.chances.randrange(10**12):012d}"
    payer = hands.chances.choice(("张伟明", "李秀兰", "陈志强", "赵小雨"))
    return number, f"{number},{code},{department},{payer},{fen},{paid_on.isoformat()},{kind},{note}"


def take_in(hands: Hands, receipt: tuple[str, str]) -> str:
    """Finance imports a file with this receipt; its number."""
    number, row = receipt
    content = f"{_HEADINGS}\n{row}\n".encode()
    finance = hands.named("cz_cashier")
    with reading(hands.engine) as connection:
        command = ImportReceipts(BytesIO(content), f"{number}.csv")
        examined = examine(connection, hands.services, finance, command)
    perform(hands.engine, lambda c: import_receipts(c, hands.services, finance, examined, hands.now))
    return number
