"""Passwords, sessions and the second step. Tokens are stored hashed; sessions use the real clock."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from service.database.tables import person, session

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


def open_session(
    connection: Connection, person_id: int, kind: str, now: datetime, address: str
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
        )
    )
    return token, expires_at


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_FIND = select(session).where(session.c.token_hash == bindparam("token_hash"))


def find_session(connection: Connection, token: str, now: datetime) -> SignedIn | None:
    """The live session of this token; None if there is none or it has ended."""
    row = connection.execute(_FIND, {"token_hash": token_hash(token)}).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return SignedIn(row.person_id, row.kind, row.csrf_token, row.expires_at, row.second_factor_until, row.token_hash)


def close_session(connection: Connection, hashed: str) -> None:
    connection.execute(delete(session).where(session.c.token_hash == hashed))


def close_sessions_of(connection: Connection, person_id: int) -> None:
    """End every session of a person, for example when a post is taken away."""
    connection.execute(delete(session).where(session.c.person_id == person_id))


def open_second_factor(connection: Connection, signed_in: SignedIn, code: str, now: datetime) -> datetime | None:
    """Check a TOTP code (RFC 6238, one step of drift) and open the session's second step; until when, or None."""
    secret = connection.execute(select(person.c.totp_secret).where(person.c.id == signed_in.person_id)).scalar_one()
    if not pyotp.TOTP(secret).verify(code, for_time=now, valid_window=1):
        return None
    until = now + SECOND_FACTOR_LENGTH
    connection.execute(
        update(session).where(session.c.token_hash == signed_in.token_hash).values(second_factor_until=until)
    )
    return until
