"""Notices on their way to people: by text message, mail or push, and later what became of a text message."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from service.database.in_text import in_text
from service.database.rows import read_row, write_row
from service.database.tables import notice
from service.gateways.mail_client import Mail, MailClient
from service.gateways.push_client import PushClient
from service.gateways.sms_client import SmsClient, SmsReceipt
from service.gateways.transport import GatewayError
from service.notices.outbox import OutsideSender, Payload
from service.notices.writing import add_to_outbox

# Eight parts of 67 UCS-2 characters are the most that carriers pass on (3GPP TS 23.040, 9.2.3.24.1).
MOST_CHARACTERS = 8 * 67
# A notice that failed is sent after all when a person has its dead message tried again.
_UNSENT = frozenset({"waiting", "failed"})
_SUBJECT = "【明镜】工作通知 Notice"

_NOTICE = select(notice).where(notice.c.id == bindparam("id"))
_OF_NOTICE = update(notice).where(notice.c.id == bindparam("b_id"))
_SENT = _OF_NOTICE.values(status=in_text("sent"), sent_at=bindparam("now"), provider_id=bindparam("provider_id"))
RECEIPT = _OF_NOTICE.values(status=bindparam("status"), receipt_at=bindparam("now"))
_FAILED = _OF_NOTICE.values(status="failed")
_LONGEST_PROVIDER_ID = 64


@dataclass(frozen=True, slots=True)
class Outgoing:
    to: str
    text: str
    key: str


class NoticeSender(OutsideSender):
    """Outbox kinds `sms`, `mail` and `push`, payload {"notice_id"}: waiting -> sent, or failed."""

    def prepare(self, connection: Connection, payload: Payload, key: str) -> Outgoing | None:
        row = _notice(connection, payload)
        return Outgoing(row.address, row.text, key) if row.status in _UNSENT else None

    @abstractmethod
    def send(self, request: Outgoing) -> str:
        """The other side's word for the message."""

    def record(self, connection: Connection, payload: Payload, receipt: str, now: datetime) -> None:
        row = _notice(connection, payload)
        if row.status in _UNSENT:
            provider_id = receipt[:_LONGEST_PROVIDER_ID]
            write_row(connection, _SENT, {"b_id": row.id, "now": now, "provider_id": provider_id})
            self.follow(connection, row, now)

    def follow(self, connection: Connection, row: Any, now: datetime) -> None:
        """What comes after a notice that went out; for most, nothing."""

    def give_up(self, connection: Connection, payload: Payload) -> None:
        connection.execute(_FAILED, {"b_id": payload["notice_id"]})


class SmsSender(NoticeSender):
    """Text messages: what became of one is asked for later."""

    def __init__(self, client: SmsClient) -> None:
        self._client = client

    def send(self, request: Outgoing) -> str:
        text = request.text
        text = text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
        return self._client.send(request.to, text, idempotency_key=request.key)

    def follow(self, connection: Connection, row: Any, now: datetime) -> None:
        key, payload = f"sms_receipt/{row.id}", {"notice_id": row.id}
        add_to_outbox(connection, "sms_receipt", key, payload, now, case_id=row.case_id)


class MailSender(NoticeSender):
    """Mail: the relay's answer is the receipt; the same message twice carries the same Message-ID."""

    def __init__(self, client: MailClient) -> None:
        self._client = client

    def send(self, request: Outgoing) -> str:
        return self._client.send(Mail(request.to, _SUBJECT, request.text, request.key))


class PushSender(NoticeSender):
    """Push, through the gateway of the county's own app."""

    def __init__(self, client: PushClient) -> None:
        self._client = client

    def send(self, request: Outgoing) -> str:
        return self._client.send(request.to, request.text, idempotency_key=request.key)


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
        write_row(connection, RECEIPT, {"b_id": payload["notice_id"], "status": receipt.status, "now": now})

    def receipt_of(self, receipt: SmsReceipt) -> str:
        return f"{receipt.message_id} {receipt.status}"


def _notice(connection: Connection, payload: Payload) -> Any:
    """LookupError for a notice that is not there."""
    row = read_row(connection, _NOTICE, {"id": payload["notice_id"]})
    if row is None:
        raise LookupError(f"Expected notice {payload['notice_id']}, but there is none")
    return row
