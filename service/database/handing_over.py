"""The database itself hands a notice that has a message key to the outbox, so none is written that is not sent."""

from __future__ import annotations

from sqlalchemy import Connection, text

from service.database.session import is_sqlite

# Programs older than migration 0011 give no key and add the row of the outbox by themselves.
_INSERT = """
    INSERT INTO outbox (kind, idempotency_key, payload, created_at, next_at, attempts, state, case_id)
    VALUES (NEW.channel, NEW.message_key, {payload}, NEW.created_at, NEW.created_at, 0, 0, NEW.case_id);
"""
_ON_SQLITE = _INSERT.format(payload="json_object('notice_id', NEW.id)")
_ON_POSTGRESQL = _INSERT.format(payload="json_build_object('notice_id', NEW.id)")
_SQLITE = (
    f"CREATE TRIGGER notice_to_outbox AFTER INSERT ON notice WHEN NEW.message_key IS NOT NULL BEGIN {_ON_SQLITE} END",
)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION notice_to_outbox() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {_ON_POSTGRESQL} RETURN NULL; END $$",
    "CREATE TRIGGER notice_to_outbox AFTER INSERT ON notice "
    "FOR EACH ROW WHEN (NEW.message_key IS NOT NULL) EXECUTE FUNCTION notice_to_outbox()",
)


def hand_notices_over(connection: Connection) -> None:
    """Put the trigger on the table of notices."""
    for statement in _SQLITE if is_sqlite(connection) else _POSTGRESQL:
        connection.execute(text(statement))
