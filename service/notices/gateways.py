"""Which kinds of messages this installation can send outside; the others wait in the outbox until it can."""

from __future__ import annotations

from service.clock import Clock
from service.gateways.bank_client import BankClient
from service.gateways.sms_client import SmsClient
from service.notices.bank import BankNoticeSender
from service.notices.outbox import OutsideSender
from service.notices.sms import SmsReceiptSender, SmsSender
from service.settings import Settings


def gateway_senders(settings: Settings, clock: Clock) -> dict[str, OutsideSender]:
    """Senders by outbox kind, for those gateways whose address is set."""
    found: dict[str, OutsideSender] = {}
    if settings.sms_url:
        sms = SmsClient(settings.sms_url, settings.bank_key, now=clock.now)
        found |= {"sms": SmsSender(sms), "sms_receipt": SmsReceiptSender(sms)}
    if settings.bank_url:
        bank = BankClient(settings.bank_url, settings.bank_key, now=clock.now)
        found["bank_notice"] = BankNoticeSender(bank, settings)
    return found
