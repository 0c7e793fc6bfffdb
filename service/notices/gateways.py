"""Which kinds of messages this installation can send outside; the others wait in the outbox until it can."""

from __future__ import annotations

from service.clock import Clock
from service.gateways.bank_client import BankClient
from service.gateways.event_broker import EventBroker
from service.gateways.mail_client import MailClient
from service.gateways.push_client import PushClient
from service.gateways.sms_client import SmsClient
from service.gateways.webhook_client import Guard, WebhookClient, read_networks
from service.notices.announcing import BrokerSender, WebhookSender
from service.notices.bank import (
    REFUND_QUERY,
    BankNoticeSender,
    BankRefundQuerySender,
    BankRefundSender,
    BankWithdrawalSender,
)
from service.notices.outbox import OutsideSender
from service.notices.people import MailSender, PushSender, SmsReceiptSender, SmsSender
from service.settings import Settings


def gateway_senders(settings: Settings, clock: Clock) -> dict[str, OutsideSender]:
    """Senders by outbox kind, for those gateways whose address is set; webhooks bring their own addresses."""
    found: dict[str, OutsideSender] = {
        "webhook": WebhookSender(WebhookClient(guard_of(settings), clock.now), settings.secret_key)
    }
    if settings.sms_url:
        sms = SmsClient(settings.sms_url, settings.bank_key, now=clock.now)
        found |= {"sms": SmsSender(sms), "sms_receipt": SmsReceiptSender(sms)}
    if settings.mail_url:
        found["mail"] = MailSender(MailClient(settings.mail_url, settings.mail_from, clock.now))
    if settings.push_url:
        found["push"] = PushSender(PushClient(settings.push_url, settings.push_key, now=clock.now))
    if settings.events_url:
        found["broker_event"] = BrokerSender(EventBroker(settings.events_url))
    if settings.bank_url:
        bank = BankClient(settings.bank_url, settings.bank_key, now=clock.now)
        found |= {
            "bank_notice": BankNoticeSender(bank, settings),
            "bank_withdrawal": BankWithdrawalSender(bank),
            "bank_refund": BankRefundSender(bank, settings),
            REFUND_QUERY: BankRefundQuerySender(bank, settings),
        }
    return found


def guard_of(settings: Settings) -> Guard:
    """Where this installation's webhooks may go."""
    return Guard(read_networks(settings.webhook_networks), settings.testing)
