"""Which pre-numbered paper receipt may be entered as a case, and as of when. Pure: frozen values in, refusals out."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.errors import Detail, Refused
from service.working_time import Limit

# DOMAIN.md, section 7: entered within two working days, there is no alarm of back-filling.
ENTRY_LIMIT: Final = Limit(2, "working_days")
MOST_IN_BLOCK: Final = 200
# In the memory of a case that was entered from paper: the day of its receipt, as of which it is accepted.
AS_OF_RECEIPT: Final = "as_of_receipt"
BLANK, ENTERED, VOID = "blank", "entered", "void"
# Without letters and digits that a hand writes alike.
_SIGNS: Final = "ABCDEFGHJKMNPQRTUVWXY346789"
_NUMBER = re.compile(rf"SJ-(\d{{4}})-(\d{{6}})-([{_SIGNS}]{{5}})")


@dataclass(frozen=True, slots=True)
class KnownReceipt:
    """A receipt of a printed block; the outage's part is None where its block serves none yet."""

    id: int
    number: str
    department: str
    status: str
    printed_at: datetime
    outage_id: int | None = None
    outage: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    enter_by: datetime | None = None


def receipt_number(year: int, serial: int) -> str:
    """A new number such as SJ-2026-000123-K7QXM: running digits, and a code by chance, one of 14 million."""
    return f"SJ-{year}-{serial:06d}-{''.join(secrets.choice(_SIGNS) for _ in range(5))}"


def written_number(typed: str) -> str | None:
    """The number as it is kept, whatever blanks and small letters it was typed with; None for what is no number."""
    given = re.sub(r"\s", "", typed).upper()
    return given if _NUMBER.fullmatch(given) else None


def require_enterable(
    receipt: KnownReceipt | None, department: str, received_at: datetime, now: datetime
) -> KnownReceipt:
    """The receipt, if it may be entered as received at that instant by that department. Raises Refused."""
    if receipt is None:
        raise receipt_refused(
            "receipt_unknown", "没有这个收件凭证编号，请核对校验码", "No receipt has this number: look at its code"
        )
    if receipt.department != department:
        raise receipt_refused(
            "receipt_of_other_department", "该收件凭证不是本部门领用的", "The receipt belongs to another department"
        )
    if receipt.status == ENTERED:
        raise receipt_refused("receipt_used", "该收件凭证已补录过", "The receipt has been entered already")
    if receipt.status == VOID:
        raise receipt_refused("receipt_void", "该收件凭证已作废", "The receipt is void")
    if receipt.starts_at is None or receipt.ends_at is None:
        raise receipt_refused(
            "no_outage",
            "该收件凭证印制以后没有公告过停机，不能补录",
            "No outage was declared for the department after the receipt was printed",
        )
    if not receipt.starts_at <= received_at < receipt.ends_at or received_at > now:
        raise receipt_refused(
            "outside_outage",
            f"收件时间须在停机（{receipt.outage}）期间内",
            f"Expected an instant of receipt within the outage {receipt.outage}",
            "received_at",
        )
    return receipt


def receipt_refused(code: str, zh: str, en: str, field: str = "number") -> Refused:
    """The refusal of an entry from paper, with the field that is wrong."""
    return Refused("receipt_refused", zh, en, [Detail(code, zh, en, pointer=f"/paper_receipt/{field}")])
