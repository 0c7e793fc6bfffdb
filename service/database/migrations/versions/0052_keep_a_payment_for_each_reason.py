"""Keep what could not be booked once for each reason: what is told again with just its excess is a row of its own."""

from __future__ import annotations

from alembic import op

revision = "0052"
down_revision = "0051"
# Programs of the last release write with ON CONFLICT DO NOTHING, whatever the key is.
kind = "expand"

_KEY = "uq_unmatched_payment_bank_reference"


def upgrade() -> None:
    # SQLite copies the table, to which no other refers.
    with op.batch_alter_table("unmatched_payment") as table:
        table.drop_constraint(_KEY, type_="unique")
        table.create_unique_constraint(_KEY, ["bank_reference", "pay_code", "amount_fen", "why"])
