"""A new version of the calendar: no act counts by the old one once it is there; limits are then counted anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import JSON

from service.database.session import is_sqlite
from service.database.tables import setting
from service.database.types import Instant
from service.errors import Refused

RECOUNT, RECOUNT_CASE = "recount_limits", "recount_case"
_VERSION = select(setting.c.content).where(setting.c.name == "calendar_version").with_for_update()
_QUEUE = text(
    "INSERT INTO outbox (kind, idempotency_key, payload, created_at, next_at, attempts, state, case_id) "
    "VALUES (:kind, :key, :payload, :now, :at, 0, 0, :case_id) ON CONFLICT (idempotency_key) DO NOTHING"
).bindparams(bindparam("payload", type_=JSON), bindparam("now", type_=Instant), bindparam("at", type_=Instant))


def fence(connection: Connection) -> None:
    """Wait for the acts that have read the calendar, and let none read it until this transaction has ended.

    Each act reads `setting` and so holds its table lock to its end (PostgreSQL documentation 13.3.1): whoever counted
    by the old calendar has then committed, and what he armed is there to be counted anew. SQLite has one writer.
    Raises Refused calendar_busy where somebody, a backup for example, reads for too long.
    """
    if is_sqlite(connection):
        return
    try:
        with connection.begin_nested():
            connection.execute(text("SET LOCAL lock_timeout = '3s'"))
            connection.execute(text("LOCK TABLE setting IN ACCESS EXCLUSIVE MODE"))
    except OperationalError as problem:
        words = "日历正被占用，请稍后再试", "Expected the calendar to be free, but somebody reads it; try again later"
        raise Refused("calendar_busy", *words) from problem


def next_version(connection: Connection) -> int:
    """Count the version on; every process reads the calendar anew with its next act."""
    version = connection.execute(_VERSION).scalar_one_or_none()
    if version is None:
        connection.execute(insert(setting).values(name="calendar_version", content=1))
        return 1
    following = int(version) + 1
    connection.execute(update(setting).where(setting.c.name == "calendar_version").values(content=following))
    return following


def recount_later(
    connection: Connection, zone: ZoneInfo, change_id: int, first: date, last: date, now: datetime
) -> None:
    """Have every open limit that days from `first` to `last` lie in counted anew."""
    since = datetime.combine(first, time(), tzinfo=zone)
    until = datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
    span = {"since": since.isoformat(), "until": until.isoformat()}
    queue(connection, RECOUNT, f"recount/{change_id}/0", {"change": change_id, "after": 0, **span}, now)


def queue(
    connection: Connection,
    kind: str,
    key: str,
    payload: Mapping[str, object],
    now: datetime,
    *,
    case_id: int | None = None,
    at: datetime | None = None,
) -> None:
    """A message for our own worker, due at once or `at` an instant to come; one that is there already stays."""
    given = {"kind": kind, "key": key, "payload": dict(payload), "now": now, "at": at or now, "case_id": case_id}
    connection.execute(_QUEUE, given)
