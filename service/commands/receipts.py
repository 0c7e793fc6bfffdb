"""非税收入票据: one for each payment that is booked, its number drawn without gaps as it is booked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, bindparam, select

from service.catalogue.item import DocumentRule
from service.certificates import amount_in_words
from service.commands import documents
from service.commands.documents import ROWS
from service.commands.print_document import hand_out_kept
from service.commands.reversed_receipts import BANK_REFERENCE, RECEIPT
from service.commands.services import Services
from service.database.tables import case, document
from service.errors import not_found

if TYPE_CHECKING:
    from service.commands.act import CaseAct

_RULE: Final = DocumentRule(RECEIPT, "非税收入票据", "await_payment", None, None, None)
_ONE = (
    select(document.c.number)
    .join(case, case.c.id == document.c.case_id)
    .where(document.c.id == bindparam("id"), case.c.number == bindparam("number"), document.c.kind == RECEIPT)
)


def make_receipt(act: CaseAct, notice: Any, amount_fen: int, bank_reference: str, paid_at: datetime) -> None:
    """The receipt of one payment under a notice that waited for it. The act's run is loaded."""
    rows = [
        ["缴款人", notice.payer],
        ["收费项目", notice.name_zh],
        ["非税项目编码", notice.item_code],
        ["缴款码", notice.pay_code],
        ["金额", f"¥{amount_fen // 100:,}.{amount_fen % 100:02d}"],
        ["金额（大写）", f"人民币{amount_in_words(amount_fen)}"],
        [BANK_REFERENCE, bank_reference],
        ["缴款日期", act.calendar.local_date(paid_at).isoformat()],
    ]
    documents.make(act, _RULE, {ROWS: rows})


def print_receipt_for_payer(
    connection: Connection, services: Services, number: str, document_id: int, now: datetime
) -> bytes:
    """A copy for whoever knows the case's secret, which the shell has checked; counted like any other.

    Raises Refused not_found for what is no receipt of this case.
    """
    if connection.execute(_ONE, {"id": document_id, "number": number}).one_or_none() is None:
        raise not_found("该票据", f"receipt {document_id} of case {number}")
    return hand_out_kept(connection, services, number, document_id, now)
