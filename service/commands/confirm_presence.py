"""The second step by a device: a question to the person's phone, and the answer that opens the session's step."""

from __future__ import annotations

import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.database.tables import confirmation, person, session
from service.errors import Refused, not_found
from service.people.sign_in import SECOND_FACTOR_LENGTH, SignedIn

# As long as somebody needs to reach for a phone; a question that was forgotten opens nothing an hour later.
ANSWER_WITHIN = timedelta(minutes=2)
_MOBILE = select(person.c.mobile).where(person.c.id == bindparam("person_id"), person.c.active.is_(True))
_ASK = insert(confirmation)
_ONE = select(confirmation).where(confirmation.c.id == bindparam("id")).with_for_update()
_END = (
    update(confirmation)
    .where(confirmation.c.id == bindparam("b_id"), confirmation.c.status == "waiting")
    .values(status=bindparam("status"), answered_at=bindparam("answered_at"))
)
_OPEN = (
    update(session)
    .where(session.c.token_hash == bindparam("b_session"), session.c.expires_at > bindparam("b_now"))
    .values(second_factor_until=bindparam("until"))
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way. `number` is shown by our page alone; `to` is the person's phone."""

    id: str
    to: str
    number: str
    expires_at: datetime


def ask_presence(connection: Connection, signed_in: SignedIn, now: datetime) -> Asked:
    """Keep a question about this session; whoever sends it does so when it is kept. Raises Refused no_device."""
    mobile = connection.execute(_MOBILE, {"person_id": signed_in.person_id}).scalar_one_or_none()
    if not mobile:
        raise Refused("no_device", "您没有登记手机，请用动态口令", "Expected a phone on record; use the authenticator")
    asked = Asked(uuid.uuid4().hex, mobile, f"{secrets.randbelow(90) + 10}", now + ANSWER_WITHIN)
    values: dict[str, Any] = {"id": asked.id, "session": signed_in.token_hash, "person_id": signed_in.person_id}
    values |= {"number": asked.number, "asked_at": now, "expires_at": asked.expires_at, "status": "waiting"}
    connection.execute(_ASK, values)
    return asked


def answer_presence(connection: Connection, confirmation_id: str, answer: str, number: str, now: datetime) -> str:
    """What the question ends as: approved, refused, expired or wrong_number. Told again, the first answer stands.

    Only `approved` opens the second step, of the session that has asked and for five minutes. Raises Refused not_found.
    """
    row = connection.execute(_ONE, {"id": confirmation_id}).one_or_none()
    if row is None:
        raise not_found("该确认请求", f"confirmation {confirmation_id}")
    if row.status != "waiting":
        return str(row.status)
    status = _status(row, answer, number, now)
    connection.execute(_END, {"b_id": row.id, "status": status, "answered_at": now})
    if status == "approved":
        connection.execute(_OPEN, {"b_session": row.session, "b_now": now, "until": now + SECOND_FACTOR_LENGTH})
    return status


def _status(row: Any, answer: str, number: str, now: datetime) -> str:
    if row.expires_at <= now:
        return "expired"
    if answer != "approved":
        return "refused"
    return "approved" if hmac.compare_digest(number.encode(), row.number.encode()) else "wrong_number"


def status_of(connection: Connection, signed_in: SignedIn, confirmation_id: str, now: datetime) -> str:
    """How a question of this session stands. Raises Refused not_found, for those of others too."""
    mine = confirmation.c.session == signed_in.token_hash, confirmation.c.id == confirmation_id
    row = connection.execute(select(confirmation).where(*mine)).one_or_none()
    if row is None:
        raise not_found("该确认请求", f"confirmation {confirmation_id}")
    return "expired" if row.status == "waiting" and row.expires_at <= now else str(row.status)
