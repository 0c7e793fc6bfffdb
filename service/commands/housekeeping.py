"""What is swept away once a day: answers kept for repeats, ended sessions, messages long sent, orphaned files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Delete, Engine, bindparam, delete, insert, select, union_all, update

from service.commands.register_certificate import register_earlier
from service.commands.remind_of_notice import watch_for_notice
from service.commands.services import Services
from service.database.session import reading, transaction
from service.database.tables import (
    attachment,
    confirmation,
    difference_act,
    document_copy,
    idempotency,
    order_paper,
    outbox,
    receipt_preview,
    session,
    setting,
    treasury_import,
    unfinished_upload,
)
from service.log import log
from service.notices.outbox import DISMISSED, SENT

EVERY = timedelta(hours=24)
# Whoever began has died by then, and somebody else may begin.
GIVEN_UP_AFTER = timedelta(hours=2)
KEEP_ANSWERS = timedelta(days=7)
# A gateway that tells an answer late is answered; afterwards the question means nothing.
KEEP_ASKED = timedelta(days=1)
KEEP_SENT = timedelta(days=90)
# Longer than any upload and its transaction last.
KEEP_STRAY_FILES = timedelta(days=1)
_NAME = "housekeeping"
_BATCH = 1000

_STATE = select(setting.c.content).where(setting.c.name == _NAME).with_for_update()
_REFERENCED = union_all(
    *(
        select(column).where(column == bindparam("digest"))
        for column in (
            *(attachment.c.digest, document_copy.c.digest, treasury_import.c.text_digest),
            *(difference_act.c.file_digest, order_paper.c.digest),
        )
    )
).limit(1)
_OLD_SENT = (
    select(outbox.c.id)
    .where(outbox.c.state.in_((SENT, DISMISSED)), outbox.c.created_at < bindparam("before"))
    .limit(_BATCH)
)


def keep_house(engine: Engine, services: Services, now: datetime) -> Mapping[str, int] | None:
    """What was swept, by name; None if that was done within the last day, or somebody is at it. Safe to ask often.

    `now` is the system's time: neither files nor sessions know of a moved clock.
    """
    with transaction(engine) as connection:
        if not _begin(connection, now):
            return None
    with transaction(engine) as connection:
        watch_for_notice(connection, services, now)
    swept = {
        "answers": _delete(engine, delete(idempotency).where(idempotency.c.created_at < now - KEEP_ANSWERS)),
        "uploads": _delete(
            engine, delete(unfinished_upload).where(unfinished_upload.c.began_at < now - KEEP_STRAY_FILES)
        ),
        "confirmations": _delete(engine, delete(confirmation).where(confirmation.c.expires_at < now - KEEP_ASKED)),
        "previews": _delete(engine, delete(receipt_preview).where(receipt_preview.c.made_at < now - KEEP_STRAY_FILES)),
        "sessions": _delete(engine, delete(session).where(session.c.expires_at < now)),
        "messages": _sent_messages(engine, now - KEEP_SENT),
        "certificates": _certificates(engine, services, now),
        "files": _files(engine, services, now - KEEP_STRAY_FILES),
    }
    with transaction(engine) as connection:
        _write(connection, {"began": now.isoformat(), "ended": now.isoformat()})
    log.info("house_kept", **swept)
    return swept


def _begin(connection: Connection, now: datetime) -> bool:
    """Whether it is due and nobody else has begun; then it is ours."""
    content = connection.execute(_STATE).scalar_one_or_none() or {}
    began, ended = (datetime.fromisoformat(content[key]) if content.get(key) else None for key in ("began", "ended"))
    if (ended is not None and now - ended < EVERY) or (began is not None and now - began < GIVEN_UP_AFTER):
        return False
    _write(connection, {**content, "began": now.isoformat()})
    return True


def _write(connection: Connection, content: Mapping[str, str]) -> None:
    change = update(setting).where(setting.c.name == _NAME).values(content=content)
    if connection.execute(change).rowcount == 0:
        connection.execute(insert(setting), {"name": _NAME, "content": content})


def _delete(engine: Engine, statement: Delete) -> int:
    with transaction(engine) as connection:
        return int(connection.execute(statement).rowcount)


def _certificates(engine: Engine, services: Services, now: datetime) -> int:
    """What an older program has printed is put on the register of certificates."""
    with transaction(engine) as connection:
        return register_earlier(connection, services, now)


def _sent_messages(engine: Engine, before: datetime) -> int:
    """In batches, so that no act waits long for the one writer of SQLite."""
    gone = 0
    while True:
        with transaction(engine) as connection:
            ids = list(connection.execute(_OLD_SENT, {"before": before}).scalars())
            if ids:
                connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))
        gone += len(ids)
        if len(ids) < _BATCH:
            return gone


def _files(engine: Engine, services: Services, before: datetime) -> int:
    def is_referenced(digest: str) -> bool:
        with reading(engine) as connection:
            return connection.execute(_REFERENCED, {"digest": digest}).first() is not None

    return services.files.sweep(is_referenced, before.timestamp())
