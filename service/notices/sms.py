"""Text messages: a notice goes out through the gateway, and later we ask what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, select, update

from service.database.tables import notice
from service.gateways.sms_client import SmsClient, SmsReceipt
from service.gateways.transport import GatewayError
from service.notices.outbox import OutsideSender, Payload
from service.notices.writing import add_to_outbox

# Eight parts of 67 UCS-2 characters are the most that carriers pass on (3GPP TS 23.040, 9.2.3.24.1).
MOST_CHARACTERS = 8 * 67

_NOTICE = select(notice).where(notice.c.id == bindparam("id"))
_OF_NOTICE = update(notice).where(notice.c.id == bindparam("b_id"))
_SENT = _OF_NOTICE.values(status="sent", sent_at=bindparam("now"), provider_id=bindparam("provider_id"))
_RECEIPT = _OF_NOTICE.values(status=bindparam("status"), receipt_at=bindparam("now"))
_FAILED = _OF_NOTICE.values(status="failed")


@dataclass(frozen=True, slots=True)
class Sms:
    to: str
    text: str
    key: str


class SmsSender(OutsideSender):
    """Outbox kind `sms`, payload {"notice_id"}: waiting -> sent, or failed."""

    def __init__(self, client: SmsClient) -> None:
        self._client = client

    def prepare(self, connection: Connection, payload: Payload, key: str) -> Sms | None:
        row = _notice(connection, payload)
        if row.status != "waiting":
            return None
        text = row.text if len(row.text) <= MOST_CHARACTERS else row.text[: MOST_CHARACTERS - 1] + "…"
        return Sms(row.address, text, key)

    def send(self, request: Sms) -> str:
        return self._client.send(request.to, request.text, idempotency_key=request.key)

    def record(self, connection: Connection, payload: Payload, receipt: str, now: datetime) -> None:
        notice_id = payload["notice_id"]
        if _notice(connection, payload).status != "waiting":
            return
        connection.execute(_SENT, {"b_id": notice_id, "now": now, "provider_id": receipt})
        add_to_outbox(connection, "sms_receipt", f"sms_receipt/{notice_id}", {"notice_id": notice_id}, now)

    def give_up(self, connection: Connection, payload: Payload) -> None:
        connection.execute(_FAILED, {"b_id": payload["notice_id"]})


class SmsReceiptSender(OutsideSender):
    """Outbox kind `sms_receipt`, payload {"notice_id"}: sent -> delivered, or undelivered."""

    def __init__(self, client: SmsClient) -> None:
        self._client = client

    def prepare(self, connection: Connection, payload: Payload, key: str) -> str | None:
        row = _notice(connection, payload)
        return None if row.receipt_at is not None else str(row.provider_id)

    def send(self, request: str) -> SmsReceipt:
        """GatewayError `queued` while there is no word of it yet: we ask again."""
        receipt = self._client.status(request)
        if receipt.status == "queued":
            raise GatewayError("queued", retryable=True)
        return receipt

    def record(self, connection: Connection, payload: Payload, receipt: SmsReceipt, now: datetime) -> None:
        connection.execute(_RECEIPT, {"b_id": payload["notice_id"], "status": receipt.status, "now": now})


def _notice(connection: Connection, payload: Payload) -> Row[tuple[object, ...]]:
    """LookupError for a notice that is not there."""
    row = connection.execute(_NOTICE, {"id": payload["notice_id"]}).one_or_none()
    if row is None:
        raise LookupError(f"Expected notice {payload['notice_id']}, but there is none")
    return row
