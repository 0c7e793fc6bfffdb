"""The county's side of the bank: payment notices out, settlement statements and signed callbacks in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from service.form_schemas.size import UNSTORABLE
from service.gateways.transport import Gateway, GatewayError

# Ten thousand million yuan: more is a slip of units.
MOST_FEN = 10**12
_LONGEST_NUMBER = 64
_LONGEST_TEXT = 200
_LONGEST_ADDRESS = 2000
# Of an instant; beside the ends of `datetime` a zone's hours overflow.
_YEARS = range(1970, 9001)


@dataclass(frozen=True, slots=True)
class BankNotice:
    """One 缴款通知书 as the bank knows it. The amount is fixed by it: a payer cannot change it.

    `callback_url` receives the signed callback, `return_url` is a link that the payer may follow back. `payer` is for
    the receipt; `payer_shown` is what the page of the bank, which anybody with the code may open, names him by.
    """

    pay_code: str
    amount_fen: int
    payer: str
    item: str
    callback_url: str
    item_en: str = ""
    case_number: str = ""
    department_code: str = ""
    item_code: str = ""
    kind: str = ""
    due_on: date | None = None
    return_url: str = ""
    payer_shown: str = ""


@dataclass(frozen=True, slots=True)
class BankReceipt:
    """One payment that the bank took: in its callback and, again, in the statement of its day."""

    receipt_no: str
    pay_code: str
    payer: str
    amount_fen: int
    paid_at: datetime
    bank: str
    department_code: str = ""
    item_code: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class BankRefund:
    """Money to go back along the way on which it came. `refund_no` is ours: the same again is the same refund."""

    refund_no: str
    pay_code: str
    amount_fen: int
    callback_url: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BankRefunded:
    """The bank's word that it has paid back."""

    refund_no: str
    pay_code: str
    amount_fen: int
    receipt_no: str
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class BankReversed:
    """The bank's word that it has taken a payment back (冲正); `of_receipt` is the receipt that it undoes."""

    receipt_no: str
    of_receipt: str
    pay_code: str
    amount_fen: int
    paid_at: datetime
    reason: str = ""


BankSays = BankReceipt | BankRefunded | BankReversed


class BankClient:
    """`key` is shared with the bank; `now` dates our messages and judges the age of theirs."""

    def __init__(self, base_url: str, key: bytes, *, now: Callable[[], datetime]) -> None:
        self._gateway = Gateway(base_url.rstrip("/"), key, now)

    def register(self, notice: BankNotice) -> str:
        """The address where the payer pays. The same notice again gives the same address.

        GatewayError `notice_conflict` when the code is taken by another notice.
        """
        payload = asdict(notice) | {"due_on": notice.due_on.isoformat() if notice.due_on else None}
        return _text(self._gateway.post("/notices", payload), "pay_url", _LONGEST_ADDRESS)

    def withdraw(self, pay_code: str) -> str:
        """Nobody is to pay this notice any more: `withdrawn`, or `paid` if somebody was quicker. Again is the same."""
        return _text(self._gateway.post("/withdrawals", {"pay_code": pay_code}), "state")

    def refund(self, order: BankRefund) -> str:
        """Order a refund; the bank's own number for it. GatewayError `refund_refused` for more than was paid."""
        return _text(self._gateway.post("/refunds", asdict(order)), "receipt_no")

    def refund_state(self, refund_no: str) -> BankRefunded | None:
        """What became of a refund that was ordered; None while the bank has not paid it back."""
        answer = self._gateway.get("/refunds?" + urlencode({"refund_no": refund_no}))
        return _refunded(answer) if answer.get("state") == "refunded" else None

    def statement(self, day: date) -> tuple[BankReceipt, ...]:
        """The settlement list of one day of the county's calendar, in the order of payment."""
        answer = self._gateway.get("/statement?" + urlencode({"day": day.isoformat()}))
        rows = answer.get("items")
        if not isinstance(rows, list):
            raise GatewayError("malformed", retryable=True)
        return tuple(_receipt(row) for row in rows)

    def settlement_file(self, day: date) -> bytes:
        """The same list as the file that the bank hands to the treasury: CSV with headings and a line of totals."""
        return self._gateway.download("/settlement.csv?" + urlencode({"day": day.isoformat()}))

    def read_callback(self, body: bytes, timestamp: str, signature: str) -> BankSays:
        """What a callback says; GatewayError `signature_invalid` or `malformed`, never retryable."""
        message = self._gateway.read(body, timestamp, signature)
        if message.get("event") == "refunded":
            return _refunded(message)
        if message.get("event") == "reversed":
            return _reversed(message)
        if message.get("event") != "paid":
            raise GatewayError("malformed", retryable=False)
        return _receipt(message)


def _refunded(row: Mapping[str, Any]) -> BankRefunded:
    texts = {name: _number(row, name) for name in ("refund_no", "pay_code", "receipt_no")}
    return BankRefunded(**texts, amount_fen=_amount(row), paid_at=_instant(row))


def _reversed(row: Mapping[str, Any]) -> BankReversed:
    texts = {name: _number(row, name) for name in ("receipt_no", "of_receipt", "pay_code")}
    reason = UNSTORABLE.sub("", str(row.get("reason") or ""))
    return BankReversed(**texts, amount_fen=_amount(row), paid_at=_instant(row), reason=reason)


def _amount(row: Mapping[str, Any]) -> int:
    amount_fen = row.get("amount_fen")
    if not isinstance(amount_fen, int) or isinstance(amount_fen, bool) or not 0 < amount_fen <= MOST_FEN:
        raise GatewayError("malformed", retryable=False)
    return amount_fen


def _receipt(row: Any) -> BankReceipt:
    if not isinstance(row, Mapping):
        raise GatewayError("malformed", retryable=False)
    return BankReceipt(
        receipt_no=_number(row, "receipt_no"),
        pay_code=_number(row, "pay_code"),
        payer=_text(row, "payer"),
        amount_fen=_amount(row),
        paid_at=_instant(row),
        bank=_text(row, "bank"),
        department_code=str(row.get("department_code") or ""),
        item_code=str(row.get("item_code") or ""),
        kind=str(row.get("kind") or ""),
    )


def _number(row: Mapping[str, Any], name: str) -> str:
    number = _text(row, name, _LONGEST_NUMBER)
    if not number.strip():
        raise GatewayError("malformed", retryable=False)
    return number


def _text(row: Mapping[str, Any], name: str, longest: int = _LONGEST_TEXT) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or UNSTORABLE.search(value):
        raise GatewayError("malformed", retryable=False)
    return value


def _instant(row: Mapping[str, Any]) -> datetime:
    try:
        instant = datetime.fromisoformat(_text(row, "paid_at"))
    except ValueError:
        raise GatewayError("malformed", retryable=False) from None
    if instant.tzinfo is None or instant.year not in _YEARS:
        raise GatewayError("malformed", retryable=False)
    return instant
