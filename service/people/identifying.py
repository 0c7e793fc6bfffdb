"""Who asks: the live session of a token, its person and the posts held and lent now, in one statement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from service.database.gathering import Gathering
from service.database.tables import person, session
from service.people.actor import Actor
from service.people.queries import ON_LEAVE, actor_of, holdings_of
from service.people.sign_in import SignedIn, token_hash

_THIS = session.c.token_hash == bindparam("token_hash")
_WHO = Gathering(
    {
        "sessions": select(
            session.c.kind,
            session.c.csrf_token,
            session.c.expires_at,
            session.c.second_factor_until,
            session.c.terminal,
            person.c.id,
            person.c.username,
            person.c.name,
            person.c.department,
            ON_LEAVE,
        )
        .join(person, person.c.id == session.c.person_id)
        .where(_THIS, person.c.active.is_(True)),
        "holdings": holdings_of(select(session.c.person_id).where(_THIS).scalar_subquery()),
    }
)


def identify(
    connection: Connection, token: str, kind: str, real_now: datetime, now: datetime
) -> tuple[SignedIn, Actor] | None:
    """The session that lives at `real_now` and its person with the posts of the county's `now`.

    None for a token of nobody or of another kind, a session that has ended and a person no longer active.
    """
    hashed = token_hash(token)
    found = _WHO.read(connection, token_hash=hashed, now=now)
    row = next(iter(found["sessions"]), None)
    if row is None or row.kind != kind or row.expires_at <= real_now:
        return None
    signed_in = SignedIn(
        row.id, row.kind, row.csrf_token, row.expires_at, row.second_factor_until, hashed, row.terminal
    )
    return signed_in, actor_of(row, found["holdings"])
