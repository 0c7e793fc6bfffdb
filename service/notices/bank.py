"""Payment notices on their way to the bank, which answers with the address where the payer pays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select, update

from service.database.tables import case, fee_change, payment_notice, power_item
from service.gateways.bank_client import BankClient, BankNotice, BankRefund
from service.notices.outbox import OutsideSender, Payload
from service.people.masking import mask_party
from service.settings import Settings

CALLBACK_PATH = "/bank/callbacks"
FINE = "罚款"
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
        if row.pay_url is not None:
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
        return self.client.register(request)

    def record(self, connection: Connection, payload: Payload, receipt: str, now: datetime) -> None:
        connection.execute(_SET_URL, {"b_pay_code": payload["pay_code"], "pay_url": receipt})


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
        """Nothing: money is back only when the bank's signed callback says so."""
