"""Hand notices to the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

# Older code gives no key and adds the row of the outbox by itself.
_INSERT = """
    INSERT INTO outbox (kind, idempotency_key, payload, created_at, next_at, attempts, state, case_id)
    VALUES (NEW.channel, NEW.message_key, {payload}, NEW.created_at, NEW.created_at, 0, 0, NEW.case_id);
"""
_SQLITE = f"""
CREATE TRIGGER notice_to_outbox AFTER INSERT ON notice WHEN NEW.message_key IS NOT NULL
BEGIN
    {_INSERT.format(payload="json_object('notice_id', NEW.id)")}
END
"""
_POSTGRESQL = (
    f"""
CREATE FUNCTION notice_to_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_INSERT.format(payload="json_build_object('notice_id', NEW.id)")}
    RETURN NULL;
END $$
""",
    "CREATE TRIGGER notice_to_outbox AFTER INSERT ON notice "
    "FOR EACH ROW WHEN (NEW.message_key IS NOT NULL) EXECUTE FUNCTION notice_to_outbox()",
)


def upgrade() -> None:
    op.add_column("notice", sa.Column("message_key", sa.String(length=60), nullable=True))
    for statement in (_SQLITE,) if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(sa.text(statement))
