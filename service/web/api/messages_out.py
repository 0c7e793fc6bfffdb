"""What leaves the house: dead messages and decisions about them, receivers of webhooks, people's own addresses."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields
from sqlalchemy import Connection

from service.commands.decide_message import DecideMessage, RetryKind, decide_message, retry_kind
from service.commands.manage_receivers import AddReceiver, add_receiver, end_receiver, set_contact
from service.errors import not_found
from service.gateways.webhook_client import LONGEST_URL, receiver_key
from service.notices.announcing import HEARD_AFTER
from service.notices.gateways import guard_of
from service.reads.dead_letters import list_dead_letters, read_dead_letter
from service.reads.receivers import ReceiverView, contacts_of, list_receivers
from service.web.api.asked import PageQuery, asked_page
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import Body, Instant, Text, View
from service.web.api.saying import Reader, Sent
from service.web.api.schemas import page_of

endpoints = Endpoints("messages out")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
STATES = {0: "waiting", 1: "sent", 2: "dead", 3: "dismissed"}


class Words(fields.Field[list[str]]):
    """A list of a few short words; none if it is not given."""

    def __init__(self) -> None:
        super().__init__(load_default=list, metadata={"type": "array", "items": {"type": "string", "maxLength": 40}})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **given: Any) -> list[str]:
        if not isinstance(value, list) or len(value) > 40 or not all(isinstance(one, str) for one in value):
            raise ValidationError("invalid")
        return value


class Mailbox(Text):
    """The mailbox of a person, in ASCII (RFC 5321)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **given: Any) -> str:
        text = super()._deserialize(value, attr, data, **given)
        if not _MAILBOX.fullmatch(text):
            raise ValidationError("invalid")
        return text


class DeadLetterQuery(PageQuery):
    kind = Text(40)


class Reason(Body):
    reason = Text(500, required=True)


class RetryAll(Reason):
    kind = Text(40, required=True)


class NewReceiver(Reason):
    name = Text(80, required=True)
    url = Text(LONGEST_URL, required=True)
    kinds = Words()


class MailContact(Body):
    address = Mailbox(80, required=True)


class PushContact(Body):
    address = Text(80, required=True)


class Decided(View):
    at = Instant()
    person = fields.String()
    decision = fields.String()
    reason = fields.String()
    attempts = fields.Integer()
    last_error = fields.String(allow_none=True)


class State(Sent):
    """The state of a message, by its word."""

    def tell(self, value: int, reader: Reader) -> str:
        return STATES[value]


class DeadLetter(View):
    id = fields.Integer()
    kind = fields.String()
    recipient = fields.String()
    case_number = fields.String(allow_none=True)
    attempts = fields.Integer()
    last_error = fields.String(allow_none=True)
    created_at = Instant()
    failed_at = Instant(allow_none=True)
    state = State()
    decisions = fields.List(fields.Nested(Decided))


class Retried(View):
    retried = fields.Integer()


class Receiver(View):
    id = fields.Integer()
    name = fields.String()
    url = fields.String()
    kinds = fields.List(fields.String())
    reason = fields.String()
    added_at = Instant()
    added_by = fields.String()
    ended_at = Instant(allow_none=True)
    waiting = fields.Integer()
    dead = fields.Integer()


class AddedReceiver(Receiver):
    """`key` signs what is sent there, and is told this once."""

    key = fields.String()
    heard_from = Instant()


class Contact(View):
    channel = fields.String()
    address = fields.String()
    changed_at = Instant()


CONTACTS = page_of(Contact())


@endpoints.get("/dead-letters", answer=page_of(DeadLetter()), query=DeadLetterQuery(), permission="read_dead_letters")
def find_dead_letters(call: Call, connection: Connection) -> Answer:
    """Messages that could not be sent, the newest first; recipients are masked."""
    return Answer(list_dead_letters(connection, call.query.get("kind"), asked_page(call)))


@endpoints.get(
    "/dead-letters/<number:message_id>", answer=DeadLetter(), permission="read_dead_letters", codes=("not_found",)
)
def read_one_dead_letter(call: Call, connection: Connection, message_id: int) -> Answer:
    """One of them with what was decided about it; it is still found after it was tried again."""
    found = read_dead_letter(connection, message_id)
    if found is None:
        raise not_found("该失败消息", f"dead message {message_id}")
    return Answer(found)


@endpoints.post(
    "/dead-letters/<number:message_id>/retry",
    answer=DeadLetter(),
    body=Reason(),
    permission="decide_messages",
    codes=("not_found",),
)
def retry_one(call: Call, connection: Connection, message_id: int) -> Answer:
    """Try a message again, with the reason; the workers send it."""
    command = DecideMessage(message_id, "retry", call.body["reason"])
    decide_message(connection, call.actor, command, call.now)
    return Answer(read_dead_letter(connection, message_id))


@endpoints.post(
    "/dead-letters/<number:message_id>/dismiss",
    answer=DeadLetter(),
    body=Reason(),
    permission="decide_messages",
    codes=("not_found",),
)
def dismiss_one(call: Call, connection: Connection, message_id: int) -> Answer:
    """Lay a message to rest that makes no sense any more, with the reason."""
    command = DecideMessage(message_id, "dismiss", call.body["reason"])
    decide_message(connection, call.actor, command, call.now)
    return Answer(read_dead_letter(connection, message_id))


@endpoints.post("/dead-letters/retry", answer=Retried(), body=RetryAll(), permission="decide_messages")
def retry_all(call: Call, connection: Connection) -> Answer:
    """Try all dead messages of a kind again, up to a thousand at once."""
    command = RetryKind(call.body["kind"], call.body["reason"])
    return Answer({"retried": retry_kind(connection, call.actor, command, call.now)})


@endpoints.get("/webhook-receivers", answer=page_of(Receiver()), permission="read_dead_letters")
def find_receivers(call: Call, connection: Connection) -> Answer:
    """Receivers of webhooks, those that were ended included."""
    found = list_receivers(connection)
    return Answer({"items": found, "total": len(found), "next": None})


@endpoints.post(
    "/webhook-receivers",
    answer=AddedReceiver(),
    body=NewReceiver(),
    status=201,
    permission="manage_receivers",
    second_factor=True,
)
def name_receiver(call: Call, connection: Connection) -> Answer:
    """Name a receiver; its key is in this answer alone. Every event from `heard_from` on is sent there."""
    body, services = call.body, call.web.services
    command = AddReceiver(body["name"], body["url"], tuple(body["kinds"]), body["reason"])
    receiver_id = add_receiver(connection, services, call.actor, command, guard_of(services.settings), call.now)
    key = receiver_key(services.settings.secret_key, receiver_id).decode()
    shown = _receiver(connection, receiver_id)
    parts = {name: getattr(shown, name) for name in ReceiverView.__slots__}
    return Answer({**parts, "key": key, "heard_from": call.now + HEARD_AFTER})


def _receiver(connection: Connection, receiver_id: int) -> ReceiverView:
    return next(one for one in list_receivers(connection) if one.id == receiver_id)


@endpoints.delete(
    "/webhook-receivers/<number:receiver_id>", permission="manage_receivers", second_factor=True, codes=("not_found",)
)
def drop_receiver(call: Call, connection: Connection, receiver_id: int) -> Answer:
    """End a receiver; it stays on record."""
    end_receiver(connection, call.actor, receiver_id, call.now)
    return Answer()


@endpoints.get("/me/contacts", answer=CONTACTS)
def read_contacts(call: Call, connection: Connection) -> Answer:
    """Where one's own notices go beside the product."""
    return Answer(_contacts(call, connection))


def _contacts(call: Call, connection: Connection) -> dict[str, Any]:
    found = contacts_of(connection, call.actor.person_id)
    return {"items": found, "total": len(found), "next": None}


@endpoints.put("/me/contacts/mail", answer=CONTACTS, body=MailContact())
def set_mail(call: Call, connection: Connection) -> Answer:
    """Have one's notices sent by mail too."""
    set_contact(connection, call.actor, "mail", call.body["address"], call.now)
    return Answer(_contacts(call, connection))


@endpoints.put("/me/contacts/push", answer=CONTACTS, body=PushContact())
def set_push(call: Call, connection: Connection) -> Answer:
    """Have one's notices pushed too, to the name that one has in the county's app."""
    set_contact(connection, call.actor, "push", call.body["address"], call.now)
    return Answer(_contacts(call, connection))


@endpoints.delete("/me/contacts/mail")
def drop_mail(call: Call, connection: Connection) -> Answer:
    """No mail any more."""
    set_contact(connection, call.actor, "mail", None, call.now)
    return Answer()


@endpoints.delete("/me/contacts/push")
def drop_push(call: Call, connection: Connection) -> Answer:
    """No push any more."""
    set_contact(connection, call.actor, "push", None, call.now)
    return Answer()
