"""Payment notices on their way to the bank, which answers with the address where the payer pays."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from service.database.tables import case, fee_change, payment_notice, power_item
from service.gateways.bank_client import BankClient, BankNotice, BankRefund, BankRefunded
from service.gateways.transport import GatewayError
from service.notices.outbox import OutsideSender, Payload
from service.notices.writing import add_to_outbox
from service.people.masking import mask_party
from service.settings import Settings

CALLBACK_PATH = "/bank/callbacks"
FINE = "罚款"
REFUND_QUERY = "bank_refund_query"
REFUND_PAID = "bank_refund_paid"
# The callback mostly comes at once; a bank tries for some two minutes.
_ASK_AFTER = timedelta(minutes=3)
# The moment before midnight is still the day on which one may pay.
_MOMENT = timedelta(microseconds=1)

_NOTICE = (
    select(payment_notice, case.c.number, case.c.department, case.c.applicant, power_item.c.content)
    .join(case, case.c.id == payment_notice.c.case_id)
    .outerjoin(power_item, (power_item.c.code == case.c.power_item) & (power_item.c.version == case.c.item_version))
    .where(payment_notice.c.pay_code == bindparam("pay_code"))
)
_SET_URL = (
    update(payment_notice)
    .where(payment_notice.c.pay_code == bindparam("b_pay_code"), payment_notice.c.pay_url.is_(None))
    .values(pay_url=bindparam("pay_url"))
)


@dataclass(frozen=True)
class BankNoticeSender(OutsideSender):
    """Outbox kind `bank_notice`, payload {"pay_code"}: the notice gets its pay address."""

    client: BankClient
    settings: Settings

    def prepare(self, connection: Connection, payload: Payload, key: str) -> BankNotice | None:
        """LookupError for a notice that is not there."""
        row = connection.execute(_NOTICE, {"pay_code": payload["pay_code"]}).one_or_none()
        if row is None:
            raise LookupError(f"Expected payment notice {payload['pay_code']}, but there is none")
        if row.pay_url is not None or row.status == "void":
            return None
        fee = (row.content or {}).get("fee") or {}
        last_day = (row.due_at - _MOMENT).astimezone(self.settings.zone).date() if row.due_at else None
        return BankNotice(
            pay_code=row.pay_code,
            amount_fen=row.amount_fen,
            payer=row.payer,
            payer_shown=mask_party(row.payer, row.applicant or {}, penalised=fee.get("kind") == FINE),
            item=row.name_zh,
            item_en=fee.get("name_en", ""),
            callback_url=self.settings.public_url + CALLBACK_PATH,
            return_url=f"{self.settings.public_url}/public/cases/{row.number}",
            case_number=row.number,
            department_code=row.department,
            item_code=row.item_code,
            kind=fee.get("kind", ""),
            due_on=last_day,
        )

    def send(self, request: BankNotice) -> str:
        """Empty for a notice that was withdrawn while this message was under way."""
        try:
            return self.client.register(request)
        except GatewayError as refused:
            if refused.code != "notice_withdrawn":
                raise
            return ""

    def record(self, connection: Connection, payload: Payload, receipt: str, now: datetime) -> None:
        if receipt:
            connection.execute(_SET_URL, {"b_pay_code": payload["pay_code"], "pay_url": receipt})


@dataclass(frozen=True)
class BankWithdrawalSender(OutsideSender):
    """Outbox kind `bank_withdrawal`, payload {"pay_code"}: the bank takes no money for a void notice any more.

    A payment that crosses it is booked as it comes: to a void notice, overpaid.
    """

    client: BankClient

    def prepare(self, connection: Connection, payload: Payload, key: str) -> str:
        return str(payload["pay_code"])

    def send(self, request: str) -> str:
        return self.client.withdraw(request)

    def record(self, connection: Connection, payload: Payload, receipt: str, now: datetime) -> None:
        """The receipt with the message is all: `withdrawn`, or `paid`."""


_REFUND = (
    select(fee_change, case.c.number)
    .join(case, case.c.id == fee_change.c.case_id)
    .where(fee_change.c.case_id == bindparam("case_id"))
)


@dataclass(frozen=True)
class BankRefundSender(OutsideSender):
    """Outbox kind `bank_refund`, payload {"case_id"} of the case that approved it: the bank is told to pay back."""

    client: BankClient
    settings: Settings

    def prepare(self, connection: Connection, payload: Payload, key: str) -> BankRefund | None:
        """LookupError for a refund that is not there; None for one that nobody has approved, or that is done."""
        row = connection.execute(_REFUND, {"case_id": payload["case_id"]}).one_or_none()
        if row is None:
            raise LookupError(f"Expected a refund of case {payload['case_id']}, but there is none")
        if row.kind != "refund" or row.status != "posted":
            return None
        callback = self.settings.public_url + CALLBACK_PATH
        return BankRefund(row.number, row.pay_code, row.amount_fen, callback, row.reason[:200])

    def send(self, request: BankRefund) -> str:
        return self.client.refund(request)

    def record(self, connection: Connection, payload: Payload, receipt: str, now: datetime) -> None:
        """Money is back only when the bank says so: by its callback or, should that be lost, when we ask."""
        key, asked = f"{REFUND_QUERY}/{payload['case_id']}", {"case_id": payload["case_id"]}
        add_to_outbox(connection, REFUND_QUERY, key, asked, now, at=now + _ASK_AFTER)


@dataclass(frozen=True)
class BankRefundQuerySender(BankRefundSender):
    """Outbox kind `bank_refund_query`, payload as `bank_refund`: asks what became of a refund whose callback has not
    come, again and again with the outbox's pauses."""

    def send(self, request: BankRefund) -> Any:
        """GatewayError `queued` while the bank has not paid it back."""
        refunded = self.client.refund_state(request.refund_no)
        if refunded is None:
            raise GatewayError("queued", retryable=True)
        return refunded

    def record(self, connection: Connection, payload: Payload, receipt: Any, now: datetime) -> None:
        """What the bank says is posted as if its callback had come."""
        said: BankRefunded = receipt
        told = asdict(said) | {"paid_at": said.paid_at.isoformat()}
        add_to_outbox(connection, REFUND_PAID, f"{REFUND_PAID}/{payload['case_id']}", told, now)

    def receipt_of(self, receipt: Any) -> str:
        return f"{receipt.receipt_no}"
