"""One row of a file of receipts: the receipt that it is, or what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from service.fees.receipt_mapping import REQUIRED, ReceiptMapping

MOST_FEN: Final = 10**13
_LONGEST: Final[Mapping[str, int]] = {
    **{"receipt_no": 64, "pay_code": 40, "dept_code": 32, "item_code": 32, "payer": 200},
    **{"bank": 100, "kind": 40, "note": 300},
}
DAYS: Final = ("paid_on", "treasury_on")
_REFUND_WORDS: Final = ("退付", "退库", "退款", "退费", "refund")
# The bank took a payment back by itself (冲正); nobody at the office has decided it.
_REVERSAL_WORDS: Final = ("冲正", "退票", "冲销", "撤销", "reversal", "reversed")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
# What almost every amount is: digits, and at most two behind a point.
_PLAIN_AMOUNT = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,2}))?")
# Workbooks keep days as numbers: 1899-12-30 is day 0 (ECMA-376, 18.17.4.1).
_SERIAL = re.compile(r"([1-9][0-9]{4})(?:\.[0-9]+)?")
_SERIAL_BEGIN: Final = date(1899, 12, 30)
# Beside the ends of `date`, days before and after it overflow; no receipt is of such a year.
_YEARS: Final = range(1900, 3000)
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One payment as the treasury tells it (票据); `amount_fen` is below nothing for money that went back."""

    receipt_no: str
    pay_code: str
    dept_code: str
    item_code: str
    payer: str
    amount_fen: int
    paid_on: date
    treasury_on: date | None
    bank: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row of the file, counted as a reader of it counts lines; `receipt` None: `why` says what is wrong."""

    row_no: int
    receipt_no: str
    receipt: Receipt | None
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        days = {name: on.isoformat() for name in DAYS if self.receipt and (on := getattr(self.receipt, name))}
        told = {**asdict(self.receipt), "treasury_on": None, **days} if self.receipt else None
        return {"row_no": self.row_no, "receipt_no": self.receipt_no, "receipt": told, "why": self.why}

    @staticmethod
    def of_json(given: Mapping[str, Any]) -> ReadRow:
        told = given["receipt"]
        days = {name: date.fromisoformat(told[name]) for name in DAYS if told and told[name]}
        return ReadRow(
            given["row_no"], given["receipt_no"], Receipt(**{**told, **days}) if told else None, given["why"]
        )


def read_row(mapping: ReceiptMapping, number: int, cells: dict[str, str]) -> ReadRow:
    receipt_no = cells.get("receipt_no", "")[: _LONGEST["receipt_no"]]
    try:
        return ReadRow(number, receipt_no, _receipt(mapping, cells))
    except ValueError as wrong:
        shown = _UNSTORABLE.sub("", receipt_no)
        return ReadRow(number, shown, None, str(wrong))


def _receipt(mapping: ReceiptMapping, cells: dict[str, str]) -> Receipt:
    """ValueError whose words are the code of what is wrong, such as `required:paid_on`."""
    for name in REQUIRED:
        if not cells.get(name):
            raise ValueError(f"required:{name}")
    texts = {name: cells.get(name, "") for name in _LONGEST}
    if _UNSTORABLE.search("".join(texts.values())):
        raise ValueError(f"unstorable:{next(name for name, text in texts.items() if _UNSTORABLE.search(text))}")
    for name, longest in _LONGEST.items():
        if len(texts[name]) > longest:
            raise ValueError(f"too_long:{name}")
    back = is_refund(texts["kind"]) or is_reversal(texts["kind"])
    fen = amount_fen(cells["amount_fen"].removeprefix("-") if back else cells["amount_fen"], mapping.unit)
    return Receipt(
        **texts,
        amount_fen=-fen if back else fen,
        paid_on=_day(cells["paid_on"], "paid_on"),
        treasury_on=_day(cells["treasury_on"], "treasury_on") if cells.get("treasury_on") else None,
    )


def is_refund(kind: str) -> bool:
    """Whether a receipt of this kind (收入种类) says that money went back, however its amount is written."""
    return any(word in kind.casefold() for word in _REFUND_WORDS)


def is_reversal(kind: str) -> bool:
    """Whether a receipt of this kind says that the bank took a payment back."""
    return any(word in kind.casefold() for word in _REVERSAL_WORDS)


def total_fen(text: str, unit: str) -> int:
    """As `amount_fen`, of a sum: more may have gone back than came."""
    below = text.startswith("-")
    shown = text.removeprefix("-")
    fen = 0 if not shown.strip("0.") else amount_fen(shown, unit)
    return -fen if below else fen


def amount_fen(text: str, unit: str) -> int:
    """An amount above nothing, to the fen and never rounded; ValueError `not_an_amount:amount_fen`."""
    if plain := _PLAIN_AMOUNT.fullmatch(text):
        whole, part = plain[1], plain[2] or ""
        fen_of_it = int(whole) if unit == "fen" and not part else int(whole + part.ljust(2, "0"))
        if (unit == "yuan" or not part) and 0 < fen_of_it <= MOST_FEN:
            return fen_of_it
    try:
        amount = Decimal(text.replace(",", "").removeprefix("¥").removesuffix("元").strip())
        fen = amount if unit == "fen" else amount * 100
        if not fen.is_finite() or fen != fen.to_integral_value() or not 0 < fen <= MOST_FEN:
            raise InvalidOperation
    except InvalidOperation:
        raise ValueError("not_an_amount:amount_fen") from None
    return int(fen)


@lru_cache(maxsize=4096)
def _day(text: str, name: str) -> date:
    if serial := _SERIAL.fullmatch(text):
        return _SERIAL_BEGIN + timedelta(days=int(serial[1]))
    found = _DAY.fullmatch(text)
    try:
        if found is None or int(found[1]) not in _YEARS:
            raise ValueError
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ValueError(f"not_a_day:{name}") from None
