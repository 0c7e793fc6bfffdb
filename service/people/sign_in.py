"""Passwords, sessions and the second step. Tokens are stored hashed; sessions use the real clock."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pyotp.utils import strings_equal
from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from service.database.rows import write_row
from service.database.tables import person, session, signing_in

SESSION_LENGTH = timedelta(hours=12)
# API.md: the second step opens a session for five minutes.
SECOND_FACTOR_LENGTH = timedelta(minutes=5)
# OWASP's second recommended Argon2id profile: 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("nobody has this password")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session: whose, which kind (`bearer` or `cookie`), its CSRF token and its second step."""

    person_id: int
    kind: str
    csrf_token: str
    expires_at: datetime
    second_factor_until: datetime | None
    token_hash: str
    terminal: str | None = None


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


def check_password(connection: Connection, username: str, password: str) -> int | None:
    """The person's id if the password is theirs. Takes as long for a name that does not exist."""
    row = connection.execute(
        select(person.c.id, person.c.password_hash).where(person.c.username == username, person.c.active.is_(True))
    ).one_or_none()
    try:
        _HASHER.verify(row.password_hash if row else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return row.id if row else None


def check_own_password(connection: Connection, person_id: int, password: str) -> bool:
    """Whether the password is this person's."""
    kept = connection.execute(select(person.c.password_hash).where(person.c.id == person_id)).scalar_one()
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def open_session(
    connection: Connection, person_id: int, kind: str, now: datetime, address: str, terminal: str | None = None
) -> tuple[str, datetime]:
    """A new session; the token that only the client keeps, and when it ends."""
    token = secrets.token_urlsafe(32)
    expires_at = now + SESSION_LENGTH
    connection.execute(
        insert(session).values(
            token_hash=token_hash(token),
            person_id=person_id,
            kind=kind,
            csrf_token=secrets.token_urlsafe(24),
            created_at=now,
            expires_at=expires_at,
            address=address[:64],
            terminal=terminal,
        )
    )
    return token, expires_at


_SIGNING_IN = insert(signing_in)


def record_signing_in(
    connection: Connection, person_id: int, kind: str, at: datetime, address: str, terminal: str | None
) -> None:
    """For the supervision log: one row each time, kept when the session is gone."""
    row = {"person_id": person_id, "at": at, "kind": kind, "address": address[:64], "terminal": terminal}
    write_row(connection, _SIGNING_IN, row)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_FACTOR = select(person.c.totp_secret, person.c.totp_taken).where(person.c.id == bindparam("person_id"))
_TAKE = (
    update(person)
    .where(
        person.c.id == bindparam("b_person_id"),
        or_(person.c.totp_taken.is_(None), person.c.totp_taken < bindparam("taken")),
    )
    .values(totp_taken=bindparam("taken"))
)


def close_session(connection: Connection, hashed: str) -> None:
    connection.execute(delete(session).where(session.c.token_hash == hashed))


def close_sessions_of(connection: Connection, person_id: int) -> None:
    """End every session of a person, for example when a post is taken away."""
    connection.execute(delete(session).where(session.c.person_id == person_id))


def open_second_factor(connection: Connection, signed_in: SignedIn, code: str, now: datetime) -> datetime | None:
    """Check a TOTP code and open the session's second step; until when, or None.

    A code is taken once (RFC 6238, 5.2); sent again by the session that it has opened, it changes nothing.
    """
    row = connection.execute(_FACTOR, {"person_id": signed_in.person_id}).one()
    taken = _half_minute(row.totp_secret, code, now)
    if taken is None:
        return None
    if connection.execute(_TAKE, {"b_person_id": signed_in.person_id, "taken": taken}).rowcount != 1:
        until = signed_in.second_factor_until
        return until if until is not None and until > now and taken == row.totp_taken else None
    until = now + SECOND_FACTOR_LENGTH
    connection.execute(
        update(session).where(session.c.token_hash == signed_in.token_hash).values(second_factor_until=until)
    )
    return until


def _half_minute(secret: str, code: str, now: datetime) -> int | None:
    """The half minute whose code this is: now, or one before or after for clocks that drift (RFC 6238, 5.2)."""
    totp = pyotp.TOTP(secret)
    current = totp.timecode(now)
    found = (at for at in (current, current - 1, current + 1) if strings_equal(totp.generate_otp(at), code))
    return next(found, None)
